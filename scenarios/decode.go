package scenarios

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// decoder fills Go values from a document and collects every problem on the
// way: unknown keys, wrong types, bad units, words that are not allowed.
type decoder struct {
	doc      *document
	env      func(string) (string, bool)
	problems Problems
	before   []string // names of the strategies before anything was overridden
	secrets  []span   // secrets that stand in the file: never printed
}

var (
	durationType = reflect.TypeFor[Duration]()
	spreadType   = reflect.TypeFor[Spread]()
	skewType     = reflect.TypeFor[Skew]()
	rateType     = reflect.TypeFor[Rate]()
	expectType   = reflect.TypeFor[Expectation]()
	textType     = reflect.TypeFor[Text]()
	wordsType    = reflect.TypeFor[StringList]()
	statusType   = reflect.TypeFor[StatusList]()
	absenceType  = reflect.TypeFor[Absence]()
	anyType      = reflect.TypeFor[any]()
	signType     = reflect.TypeFor[Sign]()
)

// single reports whether a struct type is written as one value, and not as a
// table.
func single(t reflect.Type) bool {
	return slices.Contains([]reflect.Type{spreadType, skewType, rateType, textType, expectType}, t)
}

// maxProblems bounds what is told of one file.
const maxProblems = 1000

// add records a mistake about the value of path.
func (d *decoder) add(path string, m *mistake) {
	d.put(d.doc.problemWithin(path, m.offset, m.length), m)
}

// put records a mistake at a place that is known.
func (d *decoder) put(p Problem, m *mistake) {
	p.Message, p.Expected, p.Hint = m.message, m.expected, m.hint
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, p)
	}
}

// finish sorts the problems and masks the secrets in the lines that they show.
func (d *decoder) finish() Problems {
	for _, s := range d.secrets {
		at := d.doc.problemAt(s)
		for i := range d.problems {
			p := &d.problems[i]
			if p.Line != at.Line {
				continue
			}
			line := []rune(p.Source)
			for j := at.Col; j < at.Col+at.Len-2 && j < len(line); j++ { // the quotes stay
				line[j] = '*'
			}
			p.Source = string(line)
		}
	}
	for i := range d.problems {
		p := &d.problems[i]
		p.File, p.Message, p.Hint = oneLine(p.File), oneLine(p.Message), oneLine(p.Hint)
	}
	return d.problems.sorted()
}

// wrong records that the value of path has another type than wanted.
func (d *decoder) wrong(path string, v any, want string) {
	d.add(path, &mistake{message: fmt.Sprintf("%s must be %s, got %s", last(path), want, kindOf(v))})
}

// last returns the last name of a path, without its index.
func last(path string) string {
	for strings.HasSuffix(path, "]") {
		path = parent(path)
	}
	name := strings.TrimPrefix(path[len(parent(path)):], ".")
	if n, err := strconv.Unquote(name); err == nil {
		return n
	}
	return name
}

func kindOf(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("the text %q", clip(v))
	case int64:
		return fmt.Sprintf("the number %d", v)
	case float64:
		return fmt.Sprintf("the number %g", v)
	case bool:
		return fmt.Sprint(v)
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	}
	return "a date"
}

// value decodes v, which stands at path, into dst.
func (d *decoder) value(path string, v any, dst reflect.Value, f field) {
	switch dst.Type() {
	case durationType:
		scalar(d, path, v, wantDuration, parseDuration, func(x time.Duration) { dst.SetInt(int64(x)) })
		return
	case spreadType:
		scalar(d, path, v, wantSpread, parseSpread, func(x Spread) { dst.Set(reflect.ValueOf(x)) })
		return
	case expectType:
		scalar(d, path, v, wantExpectation, parseExpectation, func(x Expectation) { dst.Set(reflect.ValueOf(x)) })
		return
	case skewType:
		scalar(d, path, v, wantSkew, parseSkew, func(x Skew) { dst.Set(reflect.ValueOf(x)) })
		return
	case rateType:
		scalar(d, path, v, wantRate, ParseRate, func(x Rate) { dst.Set(reflect.ValueOf(x)) })
		return
	case textType:
		dst.Set(reflect.ValueOf(d.text(path, v)))
		return
	case wordsType:
		dst.Set(reflect.ValueOf(d.words(path, v)))
		return
	case statusType:
		dst.Set(reflect.ValueOf(d.statuses(path, v)))
		return
	case absenceType:
		dst.Set(reflect.ValueOf(d.absence(path, v)))
		return
	case anyType:
		d.free(path, v, f)
		dst.Set(reflect.ValueOf(v))
		return
	}
	switch dst.Kind() {
	case reflect.Pointer:
		dst.Set(reflect.New(dst.Type().Elem()))
		d.value(path, v, dst.Elem(), f)
	case reflect.Struct:
		d.table(path, v, dst)
	case reflect.Slice:
		list, ok := v.([]any)
		if !ok {
			d.wrong(path, v, listWord(path, dst.Type()))
			return
		}
		out := reflect.MakeSlice(dst.Type(), len(list), len(list))
		for i, item := range list {
			d.value(element(path, i), item, out.Index(i), f)
		}
		dst.Set(out)
	case reflect.Map:
		table, ok := v.(map[string]any)
		if !ok {
			d.wrong(path, v, "a table")
			return
		}
		dst.Set(reflect.MakeMapWithSize(dst.Type(), len(table)))
		for _, k := range sortedNames(table) {
			item := reflect.New(dst.Type().Elem()).Elem()
			d.mapItem(join(path, k), table[k], item, f)
			dst.SetMapIndex(reflect.ValueOf(k), item)
		}
	case reflect.String:
		s, ok := v.(string)
		if !ok {
			d.wrong(path, v, stringWord(f))
			return
		}
		dst.SetString(s)
		d.checkText(path, s, f)
	case reflect.Bool:
		b, ok := v.(bool)
		if !ok {
			d.wrong(path, v, "true or false")
			return
		}
		dst.SetBool(b)
	case reflect.Float64:
		switch n := v.(type) {
		case int64:
			dst.SetFloat(float64(n))
		case float64:
			dst.SetFloat(n)
		default:
			d.wrong(path, v, "a number")
			return
		}
		if x := dst.Float(); f.tags.Get("as") == "share" && !(x >= 0 && x <= 1) {
			d.add(path, &mistake{message: fmt.Sprintf("%s is %g", last(path), x), expected: "a share from 0 to 1"})
		}
	default:
		d.integer(path, v, dst, f)
	}
}

func (d *decoder) integer(path string, v any, dst reflect.Value, f field) {
	n, ok := v.(int64)
	if !ok {
		d.wrong(path, v, "a whole number")
		return
	}
	if lo, hi, ok := f.bounds(); ok && (n < lo || n > hi) {
		want := fmt.Sprintf("a whole number from %d to %d", lo, hi)
		if f.tags.Get("max") == "" {
			want = fmt.Sprintf("a whole number of at least %d", lo)
		}
		d.add(path, &mistake{message: fmt.Sprintf("%s is %d", last(path), n), expected: want})
		return
	}
	if dst.Kind() == reflect.Uint64 {
		if n < 0 {
			d.add(path, &mistake{message: fmt.Sprintf("%s is %d", last(path), n), expected: "a whole number that is not negative"})
			return
		}
		dst.SetUint(uint64(n))
		return
	}
	dst.SetInt(n)
}

// mapItem decodes one value of a table with free keys. Numbers and booleans
// are taken as their text where texts are wanted (options, query).
func (d *decoder) mapItem(path string, v any, dst reflect.Value, f field) {
	if dst.Type() == textType && f.tags.Get("as") == "template" {
		switch v.(type) {
		case int64, float64, bool:
			v = fmt.Sprint(v)
		}
	}
	if dst.Kind() == reflect.String {
		switch n := v.(type) {
		case int64:
			dst.SetString(strconv.FormatInt(n, 10))
			return
		case float64:
			dst.SetString(strconv.FormatFloat(n, 'g', -1, 64))
			return
		case bool:
			dst.SetString(strconv.FormatBool(n))
			return
		}
	}
	d.value(path, v, dst, f)
}

// table decodes a table into a struct and names every unknown key.
func (d *decoder) table(path string, v any, dst reflect.Value) {
	table, ok := v.(map[string]any)
	if !ok {
		d.wrong(path, v, "a table")
		return
	}
	known := map[string]field{}
	for _, f := range fieldsOf(dst.Type()) {
		known[f.name] = f
	}
	for _, k := range sortedNames(table) {
		at := join(path, k)
		f, ok := known[k]
		if !ok && len(d.problems) >= maxProblems {
			continue
		}
		if !ok {
			m := &mistake{message: fmt.Sprintf("unknown key %q", k), hint: suggest(k, fieldNames(dst.Type()), "keys")}
			if path != "" {
				m.message += " in " + shown(path)
			}
			if why := gone[k]; why != "" {
				m.hint = why
			}
			d.put(d.doc.problem(at, true), m)
			continue
		}
		d.value(at, table[k], dst.FieldByIndex(f.index), f)
	}
}

var indexes = regexp.MustCompile(`\[[0-9]+\]`)

// shown returns a path as the file writes its header.
func shown(path string) string {
	bare := indexes.ReplaceAllString(path, "")
	if strings.HasSuffix(path, "]") {
		return "[[" + bare + "]]"
	}
	return "[" + bare + "]"
}

func listWord(path string, t reflect.Type) string {
	if t.Elem().Kind() == reflect.Struct && !strings.Contains(path, "sweep") {
		return fmt.Sprintf("a list of tables, written [[%s]]", path)
	}
	return "a list"
}

func stringWord(f field) string {
	switch f.tags.Get("as") {
	case "limit":
		return wantLimit
	case "capture":
		return `a capture such as "json:version" or "header:ETag"`
	case "request":
		return `a request such as "PUT /articles/{key}"`
	}
	if e := f.enum(); e != nil {
		return "one of " + strings.Join(e, ", ")
	}
	return "a text"
}

// scalar decodes a text by a parser of its own.
func scalar[T any](d *decoder, path string, v any, want string, parse func(string) (T, error), set func(T)) {
	s, ok := v.(string)
	if !ok {
		d.wrong(path, v, want)
		return
	}
	x, err := parse(s)
	if err != nil {
		d.add(path, asMistake(err))
		return
	}
	set(x)
}
