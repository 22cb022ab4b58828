package fault

import (
	"fmt"
	"regexp"
	"slices"

	"tussle/runner/draw"
	"tussle/scenarios"
)

// All are the faults, in the order in which they are documented.
var All = []Kind{
	lostResponse,
	duplicate,
	replay,
	resetBefore,
	resetDuring,
	resetAfter,
	slowBody,
	partialBody,
	lastByte,
	latency,
	holderCrash,
	holderPause,
	herd,
	gzip,
	staleReplica,
	kill,
	pause,
	cutBeforeCommit,
	cutAfterCommit,
	storeError,
	storeDelay,
	poolExhausted,
}

// Find returns the fault of that name.
func Find(name string) (Kind, bool) {
	for _, k := range All {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// New prepares the scenario's faults.
func New(s *scenarios.Scenario) (*Set, error) {
	set := &Set{seed: draw.Seed(s.Seed), length: int64(s.Load.Warmup + s.Load.Duration)}
	for i, spec := range s.Faults {
		k, ok := Find(spec.Kind)
		if !ok {
			return nil, fmt.Errorf("fault %q is not known", spec.Kind)
		}
		f := &Fault{Kind: k, spec: spec, index: i, seed: set.seed, counts: make([]counts, len(s.Strategies))}
		if spec.Match != "" {
			var err error
			if f.match, err = regexp.Compile("(?i)" + spec.Match); err != nil {
				return nil, fmt.Errorf("fault %q: %w", spec.Kind, err)
			}
		}
		for n, st := range s.Strategies {
			if slices.Contains(spec.Strategies, st.Name) {
				f.only = append(f.only, n)
			}
		}
		set.Faults = append(set.Faults, f)
	}
	return set, nil
}
