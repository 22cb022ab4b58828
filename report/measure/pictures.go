package measure

import (
	"math"
)

const maxPoints = 60

// curve draws sorted values as at most 60 points, evenly spaced in
// log(1/(1-p)), so that every nine has the same width. The k-th of n values
// stands at n/(n+1-k): the largest at n, because n values show no more nines.
func curve(sorted *samples) []Point {
	n := sorted.len()
	out := []Point{}
	last := -1
	for i := range maxPoints {
		x := math.Pow(float64(n), float64(i)/(maxPoints-1))
		k := n - int(math.Round(float64(n)/x))
		if k <= last || k >= n {
			continue
		}
		last = k
		out = append(out, Point{X: *figure(float64(n) / float64(n-k)), Y: *figure(sorted.ms(k))})
	}
	return out
}

// series adds up what happened in each slice of block time, warm-up included.
type series struct {
	width  int64 // ns
	slices []slice
}

type slice struct {
	length                     int64 // ns, over all blocks
	commits, conflicts, errors int64
	ms                         samples
}

const minWidth = 10_000_000 // ns: below, a slice holds noise

// begin counts a block in: of each slice, the part that the block covers.
func (s *series) begin(b *block) {
	span := b.stop() - b.Start
	if span <= 0 {
		return
	}
	if s.width == 0 {
		s.width = max((span+maxPoints-1)/maxPoints, minWidth)
	}
	for at := int64(0); at < span && at/s.width < maxPoints; at += s.width {
		if i := int(at / s.width); i == len(s.slices) {
			s.slices = append(s.slices, slice{})
		}
		s.slices[at/s.width].length += min(s.width, span-at)
	}
}

func (s *series) at(b *block, t int64) *slice {
	if t < b.Start || t >= b.stop() || s.width == 0 {
		return nil
	}
	if i := (t - b.Start) / s.width; i < int64(len(s.slices)) {
		return &s.slices[i]
	}
	return nil
}

func (s *series) operation(b *block, op *operation, own []request) {
	for i := range own {
		r := &own[i]
		sl := s.at(b, r.call+r.length)
		switch {
		case sl == nil:
		case r.conflict:
			sl.conflicts++
		case r.status == 0 || r.status >= 500 || r.status == 429:
			sl.errors++
		}
	}
	if op.plain || op.outcome != committed {
		return
	}
	if sl := s.at(b, op.commit); sl != nil {
		sl.commits++
		sl.ms.add(op.commit - op.planned)
	}
}

// enoughCommits is how many commits a slice of time should hold, so that its
// rate and its median say something, and fewestSlices how many are left in
// any case.
const (
	enoughCommits = 20
	fewestSlices  = 15
)

// together is how many slices are drawn as one, the same for all strategies:
// as few as give the slowest enough commits.
func together(all []*series) int {
	k := 1
	for _, s := range all {
		n, commits := len(s.slices), int64(0)
		for i := range s.slices {
			commits += s.slices[i].commits
		}
		if commits > 0 {
			want := (enoughCommits*int64(n) + commits - 1) / commits
			k = max(k, min(int(want), n/fewestSlices))
		}
	}
	return k
}

// joined adds up k slices.
func joined(slices []slice) slice {
	out := slices[0]
	for _, s := range slices[1:] {
		out.length, out.commits, out.conflicts, out.errors = out.length+s.length, out.commits+s.commits, out.conflicts+s.conflicts, out.errors+s.errors
		out.ms.join(&s.ms)
	}
	return out
}

// buckets draws k slices as one.
func (s *series) buckets(k int) []Bucket {
	out := []Bucket{}
	for i := 0; i < len(s.slices); i += k {
		sl := joined(s.slices[i:min(i+k, len(s.slices))])
		if sl.length < s.width*int64(k)/2 {
			continue // the block's last, short slice
		}
		secs := float64(sl.length) / 1e9
		b := Bucket{
			At:      *figure(float64(int64(i)*s.width) / 1e9),
			Goodput: *figure(float64(sl.commits) / secs), Conflicts: *figure(float64(sl.conflicts) / secs), Errors: *figure(float64(sl.errors) / secs),
		}
		sl.ms.sort()
		if sl.ms.len() >= 5 {
			b.P50 = figure(sl.ms.percentile(50))
		}
		if sl.ms.len() >= 100 {
			b.P99 = figure(sl.ms.percentile(99))
		}
		out = append(out, b)
	}
	return out
}
