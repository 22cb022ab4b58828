package explore

// move is one choice of a finished order, as far as it matters to which other
// orders show the same.
type move struct {
	who  int
	read bool
}

// weight counts the orders that show the same as this one, itself included:
// those that differ from it only in the order of statements which merely read.
// It counts the ways to merge the requests' statements again so that every
// statement stays behind those of others that it depends on and that came
// before it.
func weight(order []move, requests int) int64 {
	type need struct{ of []int } // how many statements of each request come first
	lists := make([][]need, requests)
	reads := make([][]bool, requests)
	for _, m := range order {
		n := need{make([]int, requests)}
		for v := range requests {
			if v == m.who {
				continue
			}
			for i, read := range reads[v] {
				if !(read && m.read) {
					n.of[v] = i + 1
				}
			}
		}
		lists[m.who] = append(lists[m.who], n)
		reads[m.who] = append(reads[m.who], m.read)
	}
	known := map[string]int64{}
	var count func(at []int) int64
	count = func(at []int) int64 {
		id := make([]byte, 0, 2*requests)
		ended := true
		for v, n := range at {
			id = append(id, byte(n), byte(n>>8))
			ended = ended && n == len(lists[v])
		}
		if ended {
			return 1
		}
		if n, ok := known[string(id)]; ok {
			return n
		}
		var sum int64
		for v := range requests {
			if at[v] == len(lists[v]) || !met(lists[v][at[v]].of, at) {
				continue
			}
			at[v]++
			sum += count(at)
			at[v]--
		}
		known[string(id)] = sum
		return sum
	}
	return count(make([]int, requests))
}

func met(needs, at []int) bool {
	for v, n := range needs {
		if at[v] < n {
			return false
		}
	}
	return true
}

// merges is how many orders there are when nobody ever waits: the multinomial
// of the numbers of statements. 0 stands for more than can be counted.
func merges(counts []int) int64 {
	total, all := int64(1), int64(0)
	for _, n := range counts {
		for i := int64(1); i <= int64(n); i++ {
			all++
			if total > (1<<62)/all {
				return 0
			}
			total = total * all / i
		}
	}
	return total
}
