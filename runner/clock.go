package runner

import "time"

// clock counts ns since the run's start on Go's monotonic clock.
type clock struct{ base time.Time }

func (c clock) now() int64 { return int64(time.Since(c.base)) }

// at turns an offset into a time for deadlines.
func (c clock) at(ns int64) time.Time { return c.base.Add(time.Duration(ns)) }
