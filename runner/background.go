package runner

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"tussle/history"
)

// background keeps plain requests going beside the load, by vegeta's own
// attacker: static targets, bounded workers, nothing followed, no body kept.
// They are no operations: only their counts are told, in an event each.
type background struct {
	attackers []*vegeta.Attacker
	wg        sync.WaitGroup
	mu        sync.Mutex
	events    []history.Event
	answered  int64
}

// backgroundWorkers bounds what a slow target can make vegeta start.
const backgroundWorkers = 16

// startBackground starts every [[background]] of the scenario for the block's
// time. An identity that cannot log in
// starts none.
func (b *block) startBackground(length time.Duration) (*background, error) {
	bg := &background{}
	if len(b.run.s.Background) == 0 {
		return bg, nil
	}
	fixed, _, err := b.sp.who[0].headersNow(context.Background())
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	for _, h := range b.sp.who[0].headers {
		for _, given := range h.Given(b.sp.who[0].outside()) {
			header.Set(given.Name, given.Value)
		}
	}
	for _, h := range fixed {
		header.Set(h.Name, h.Value)
	}
	for _, spec := range b.run.s.Background {
		method, path, _ := strings.Cut(spec.Request, " ")
		base := b.sp.end.URL.Scheme + "://" + b.sp.end.URL.Host + strings.TrimSuffix(b.sp.end.URL.Path, "/")
		if b.run.target.builtin {
			base += "/" + b.sp.Target["scheme"]
		}
		path = strings.NewReplacer("{key}", url.PathEscape(b.names[0].ID), "{run}", b.run.id).Replace(path)
		targeter := vegeta.NewStaticTargeter(vegeta.Target{Method: method, URL: base + path, Header: header.Clone()})
		a := vegeta.NewAttacker(vegeta.Workers(2), vegeta.MaxWorkers(backgroundWorkers), vegeta.MaxBody(0),
			vegeta.Redirects(vegeta.NoFollow), vegeta.Timeout(10*time.Second))
		if b.sp.end.TLS != nil {
			vegeta.TLSConfig(b.sp.end.TLS.Clone())(a)
		}
		bg.attackers = append(bg.attackers, a)
		bg.wg.Add(1)
		go func() {
			defer bg.wg.Done()
			defer b.run.broken.guard()
			sent, answered, byStatus := int64(0), int64(0), map[string]string{}
			for r := range a.Attack(targeter, pacer(spec.Rate), length, spec.Request) {
				sent++
				if r.Code != 0 {
					answered++
				}
				code := strconv.Itoa(int(r.Code))
				n, _ := strconv.Atoi(byStatus[code])
				byStatus[code] = strconv.Itoa(n + 1)
			}
			byStatus["sent"] = strconv.FormatInt(sent, 10)
			bg.mu.Lock()
			defer bg.mu.Unlock()
			bg.answered += answered
			bg.events = append(bg.events, history.Event{At: b.start, Until: b.run.clock.now(), Block: b.number,
				Name: "background", Note: spec.Request, Attrs: byStatus})
		}()
	}
	return bg, nil
}

// stop ends the attackers and writes down what they did.
func (bg *background) stop(out *history.Buffer) error {
	for _, a := range bg.attackers {
		a.Stop()
	}
	bg.wg.Wait()
	for i := range bg.events {
		if err := out.Event(&bg.events[i]); err != nil {
			return err
		}
	}
	return nil
}
