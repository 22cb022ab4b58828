package check

import (
	"fmt"
	"strconv"
	"strings"
)

// number writes n with commas between thousands.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	head := 0
	if n < 0 {
		head = 1
	}
	for i := len(s) - 3; i > head; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count writes "1 write", "2,000 writes".
func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	switch {
	case noun == "life":
		noun = "lives"
	case strings.HasSuffix(noun, "child"):
		noun += "ren"
	default:
		noun += "s"
	}
	return number(n) + " " + noun
}

// who names a client as readers see it.
func who(client int32) string {
	if client < 0 {
		return "the observer"
	}
	return "client " + strconv.Itoa(int(client))
}

// list joins parts as English does.
func listed(parts ...string) string {
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return parts[0]
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// ms writes a time in ns as milliseconds.
func ms(ns int64) string { return fmt.Sprintf("%.3f ms", float64(ns)/1e6) }
