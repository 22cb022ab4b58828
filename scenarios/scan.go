package scenarios

import (
	"strconv"
	"strings"
)

// span is a stretch of the text, in bytes.
type span struct{ from, to int }

// place is where a key and its value stand.
type place struct{ key, value span }

// places returns where every key and every element of a list stands, by its
// path ("strategy[0].retry.base"). The text must be valid TOML: the TOML
// library, which keeps no positions of keys, has read it before. Whatever the
// text, places neither fails nor panics.
func places(text string) map[string]place {
	s := &placer{text: text, at: map[string]place{}, tables: map[string]int{}}
	s.document()
	return s.at
}

// placer walks TOML. It knows just enough of the grammar to find keys.
type placer struct {
	text   string
	i      int
	at     map[string]place
	tables map[string]int // how many [[tables]] of a path were seen
	depth  int
}

func (s *placer) document() {
	table := ""
	for s.skip(true); s.i < len(s.text); s.skip(true) {
		before := s.i
		if s.text[s.i] == '[' {
			table = s.header()
		} else {
			s.pair(table)
		}
		if s.i == before {
			s.i++ // not TOML; go on behind it
		}
	}
}

// header reads [a.b] or [[a.b]] and returns the path of the table.
func (s *placer) header() string {
	double := strings.HasPrefix(s.text[s.i:], "[[")
	s.i++
	if double {
		s.i++
	}
	s.skip(false)
	from := s.i
	path := ""
	names := s.key()
	for n, name := range names {
		path = join(path, name)
		switch seen := s.tables[path]; {
		case n == len(names)-1 && double:
			if _, ok := s.at[path]; !ok { // the list itself stands where it begins
				s.at[path] = place{key: span{from, s.i}, value: span{from, s.i}}
			}
			s.tables[path]++
			path = element(path, seen)
		case seen > 0:
			path = element(path, seen-1)
		}
		if _, ok := s.at[path]; !ok { // tables that the header makes on the way
			s.at[path] = place{key: span{from, s.i}, value: span{from, s.i}}
		}
	}
	all := span{from, s.i}
	s.at[path] = place{key: all, value: all}
	for s.skip(false); s.i < len(s.text) && s.text[s.i] == ']'; s.i++ {
	}
	return path
}

// pair reads key = value within table.
func (s *placer) pair(table string) {
	from := s.i
	path := table
	for _, name := range s.key() {
		path = join(path, name)
		if _, ok := s.at[path]; !ok { // tables that a dotted key makes
			s.at[path] = place{key: span{from, s.i}, value: span{from, s.i}}
		}
	}
	key := span{from, s.i}
	s.skip(false)
	if s.i >= len(s.text) || s.text[s.i] != '=' {
		return
	}
	s.i++
	s.skip(false)
	value := s.value(path)
	s.at[path] = place{key: key, value: value}
}

// key reads a dotted key.
func (s *placer) key() []string {
	var names []string
	for {
		s.skip(false)
		from := s.i
		switch {
		case s.i < len(s.text) && s.text[s.i] == '"':
			s.quoted('"')
			name, err := strconv.Unquote(s.text[from:s.i])
			if err != nil {
				name = strings.Trim(s.text[from:s.i], `"`)
			}
			names = append(names, name)
		case s.i < len(s.text) && s.text[s.i] == '\'':
			s.quoted('\'')
			names = append(names, strings.Trim(s.text[from:s.i], `'`))
		default:
			for s.i < len(s.text) && !strings.ContainsRune(" \t\r\n.=[]{},#\"'", rune(s.text[s.i])) {
				s.i++
			}
			if s.i == from {
				return names
			}
			names = append(names, s.text[from:s.i])
		}
		end := s.i
		s.skip(false)
		if s.i >= len(s.text) || s.text[s.i] != '.' {
			s.i = end
			return names
		}
		s.i++
	}
}

// value reads one value and returns where it stands.
func (s *placer) value(path string) span {
	from := s.i
	if s.i >= len(s.text) || s.depth > 200 {
		return span{from, from}
	}
	s.depth++
	defer func() { s.depth-- }()
	switch c := s.text[s.i]; c {
	case '"', '\'':
		s.quoted(c)
	case '[':
		s.i++
		for n := 0; ; n++ {
			s.skip(true)
			if s.i >= len(s.text) || s.text[s.i] == ']' {
				s.i = min(s.i+1, len(s.text))
				break
			}
			before := s.i
			item := element(path, n)
			at := s.value(item)
			s.at[item] = place{key: at, value: at}
			if s.skip(true); s.i < len(s.text) && s.text[s.i] == ',' {
				s.i++
			} else if s.i == before {
				s.i++
			}
		}
	case '{':
		s.i++
		for {
			s.skip(true)
			if s.i >= len(s.text) || s.text[s.i] == '}' {
				s.i = min(s.i+1, len(s.text))
				break
			}
			before := s.i
			s.pair(path)
			if s.skip(true); s.i < len(s.text) && s.text[s.i] == ',' {
				s.i++
			} else if s.i == before {
				s.i++
			}
		}
	default:
		for s.i < len(s.text) && !strings.ContainsRune(",]}#\r\n", rune(s.text[s.i])) {
			s.i++
		}
		for s.i > from && (s.text[s.i-1] == ' ' || s.text[s.i-1] == '\t') {
			s.i--
		}
	}
	return span{from, s.i}
}

// quoted reads a string in c, on one line or, when c comes three times, on many.
func (s *placer) quoted(c byte) {
	three := strings.Repeat(string(c), 3)
	long := strings.HasPrefix(s.text[s.i:], three)
	if long {
		s.i += 2
	}
	for s.i++; s.i < len(s.text); s.i++ {
		switch {
		case s.text[s.i] == '\\' && c == '"':
			s.i++
		case long && strings.HasPrefix(s.text[s.i:], three):
			for s.i += 3; s.i < len(s.text) && s.text[s.i] == c; s.i++ { // up to two quotes may belong to the text
			}
			return
		case !long && s.text[s.i] == c:
			s.i++
			return
		case !long && s.text[s.i] == '\n':
			return
		}
	}
	s.i = min(s.i, len(s.text))
}

// skip passes blanks, and line ends and comments too when lines is set.
func (s *placer) skip(lines bool) {
	for s.i < len(s.text) {
		switch c := s.text[s.i]; {
		case c == ' ' || c == '\t':
			s.i++
		case lines && (c == '\n' || c == '\r'):
			s.i++
		case lines && c == '#':
			for s.i < len(s.text) && s.text[s.i] != '\n' {
				s.i++
			}
		default:
			return
		}
	}
}

// join adds a name to a path; names that are no bare keys are quoted.
func join(path, name string) string {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}) {
		name = strconv.Quote(name)
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// element adds an index to a path.
func element(path string, n int) string { return path + "[" + strconv.Itoa(n) + "]" }
