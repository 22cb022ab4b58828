package runner

import (
	"fmt"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"tussle/history"
	"tussle/runner/draw"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// allowed refuses targets outside loopback that were not named. It is asked
// before anything is started or sent.
func allowed(t scenarios.Target, hosts []string) error {
	for _, address := range []string{t.URL, t.ReadURL} {
		u, err := url.Parse(address)
		if err != nil || address == "" || transport.Loopback(u.Hostname()) || slices.Contains(hosts, u.Hostname()) {
			continue // what is no URL is refused when it is used
		}
		return &CannotRun{What: fmt.Sprintf("the target %s is not on this machine", u.Hostname()),
			Hint: "load only what is yours; if it is, add --allow-host " + u.Hostname()}
	}
	return nil
}

func (r *shared) header() *history.Header {
	h := &history.Header{Schema: history.Schema, RecordedBy: r.o.Version, Run: r.id, Start: r.clock.base, Command: r.o.Command,
		Plan: plan(r.s, r.speak), Machine: machine()}
	u := *r.speak[0].end.URL
	u.User = nil
	h.Target = targetInfo(r.s.Target, u.String())
	return h
}

// runID is short, sorts by time and differs between runs started in one second.
func runID(t time.Time, seed uint64) string {
	mixed := draw.Seed(seed).Bits(draw.Action, int(t.UnixNano()), os.Getpid(), 0)
	return "r" + strconv.FormatInt(t.Unix(), 36) + strconv.FormatUint(mixed%(36*36*36), 36)
}

func machine() history.Environment {
	e := history.Environment{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Go: runtime.Version()}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for _, line := range strings.Split(string(text), "\n") {
			if name, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				e.CPU = strings.TrimSpace(v)
				break
			}
		}
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		e.Kernel = strings.TrimSpace(string(text))
	}
	return e
}

// targetInfo is what the history tells of the target.
func targetInfo(t scenarios.Target, url string) history.TargetInfo {
	info := history.TargetInfo{Use: t.Use, URL: url, Options: t.Options, Command: t.Command, CA: t.TLS.CA, Cert: t.TLS.Cert, Key: t.TLS.Key, Sign: planSign(t.Sign)}
	some := false
	for _, id := range listed(t) {
		fields := append(scenarios.PlanFields(id.Headers), scenarios.PlanFields(t.Headers)...)
		if standing(t) {
			fields = append(fields, history.PlanField{Name: "Cookie", Env: "COOKIE"})
		}
		if t.Login.Request != "" && !byCookie(t) {
			fields = append(fields, history.PlanField{Name: t.Login.Header, Env: "TOKEN", Prefix: t.Login.Prefix})
		}
		some = some || fields != nil
		info.Identities = append(info.Identities, fields)
	}
	if !some {
		info.Identities = nil
	}
	return info
}
