package scenarios

import (
	"fmt"
	"strings"
)

// What a scenario may hold. The TOML library takes time and memory that grow
// with the square of the depth, so this is looked at before it reads anything.
const (
	maxDepth = 32      // names of a key, or lists and tables within each other
	maxItems = 200_000 // keys, tables and members of lists
)

// tooMuch says of a text that is nested too deep or holds too much where that
// is and what is expected; what is "" for any other. Whether it is TOML is not
// asked. One pass.
func tooMuch(s string) (at int, what, most string) {
	depth, dots, items := 0, 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\'':
			i = afterString(s, i) - 1
		case '#':
			if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
				i += n - 1
			} else {
				i = len(s)
			}
		case '[', '{':
			depth++
			dots, items = 0, items+1
		case ']', '}':
			depth = max(depth-1, 0)
			dots = 0
		case '=', ',':
			dots, items = 0, items+1
		case '\n':
			dots = 0
		case '.':
			dots++
		}
		if depth > maxDepth || dots >= maxDepth {
			return i, "nested too deep", fmt.Sprintf("at most %d names in a key, and %d lists and tables within each other", maxDepth, maxDepth)
		}
		if items > maxItems {
			return i, "too many keys and values", fmt.Sprintf("at most %d in a scenario", maxItems)
		}
	}
	return 0, "", ""
}

// afterString returns where the string that begins at i ends, the end of its
// line for one that is not closed.
func afterString(s string, i int) int {
	quote := s[i]
	if three := strings.Repeat(string(quote), 3); strings.HasPrefix(s[i:], three) {
		for i += 3; i < len(s); i++ {
			if s[i] == '\\' && quote == '"' {
				i++
			} else if strings.HasPrefix(s[i:], three) {
				return i + 3
			}
		}
		return len(s)
	}
	for i++; i < len(s) && s[i] != '\n'; i++ {
		switch {
		case s[i] == '\\' && quote == '"':
			i++
		case s[i] == quote:
			return i + 1
		}
	}
	return min(i, len(s))
}
