package say

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tussle/report/model"
)

// Answers counts the answers of all strategies by status, in one line:
// "answers: 200 x701, 412 x220, 500 x47". It is empty where nothing was asked.
func Answers(r *model.Report) string {
	sum := map[string]int64{}
	for i := range r.Strategies {
		for status, n := range r.Strategies[i].ByStatus {
			sum[status] += n
		}
	}
	number := func(status string) int { n, _ := strconv.Atoi(status); return n }
	var out []string
	for _, status := range slices.SortedFunc(maps.Keys(sum), func(a, b string) int {
		return cmp.Or(cmp.Compare(number(a), number(b)), strings.Compare(a, b))
	}) {
		name := Visible(status, 20)
		if number(status) == 0 {
			name = "no answer"
		}
		out = append(out, name+" x"+Count(sum[status]))
	}
	if len(out) == 0 {
		return ""
	}
	return "answers: " + strings.Join(out, ", ")
}
