package check

// perClient holds a number for each client: in a list while clients are
// numbered from 0, as the runner does, in a map for foreign histories that
// number them otherwise.
type perClient struct {
	low  []int32 // number + 1; 0 is unset
	high map[int32]int32
}

const manyClients = 1 << 14

func (p *perClient) get(client int32) (int32, bool) {
	switch {
	case client >= 0 && client < manyClients:
		if int(client) < len(p.low) && p.low[client] > 0 {
			return p.low[client] - 1, true
		}
		return 0, false
	}
	n, known := p.high[client]
	return n, known
}

func (p *perClient) set(client, n int32) {
	if client >= 0 && client < manyClients {
		for int(client) >= len(p.low) {
			p.low = append(p.low, 0)
		}
		p.low[client] = n + 1
		return
	}
	if p.high == nil {
		p.high = map[int32]int32{}
	}
	p.high[client] = n
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
