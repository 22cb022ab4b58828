package runner

import (
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"tussle/scenarios"
)

// replicaLag is how far a replica is behind when the scenario does not say.
const replicaLag = 20 * time.Millisecond

// replica is a read-only copy of a built-in target that lags behind: it
// answers what the target said at most lag ago. A cache between a client and
// its API does the same.
type replica struct {
	from string // URL of the target
	lag  time.Duration
	srv  *http.Server
	url  string
	ask  http.Client

	mu    sync.Mutex
	known map[string]*copied // by path and query
}

// copied is an answer of the target.
type copied struct {
	mu     sync.Mutex // held while it is fetched
	at     time.Time
	status int
	header http.Header
	body   []byte
}

// startReplica starts a replica of the target where a fault wants one and the
// scenario names none.
func startReplica(s *scenarios.Scenario, tg *target) (*replica, error) {
	for _, f := range s.Faults {
		if f.Kind != "stale-replica" || s.Target.ReadURL != "" || !tg.builtin {
			continue
		}
		r := &replica{from: tg.url, lag: f.Delay.A, known: map[string]*copied{}}
		if r.lag == 0 {
			r.lag = replicaLag
		}
		r.ask.Transport = &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		r.url = "http://" + l.Addr().String()
		r.srv = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
		go func() { _ = r.srv.Serve(l) }() // ends with stop
		return r, nil
	}
	return nil, nil
}

// stop ends the replica; it may be nil.
func (r *replica) stop() {
	if r != nil {
		_ = r.srv.Close()
		r.ask.CloseIdleConnections()
	}
}

// ServeHTTP answers reads.
func (r *replica) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if q.Method != http.MethodGet {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	r.mu.Lock()
	c := r.known[q.RequestURI]
	if c == nil {
		c = &copied{}
		r.known[q.RequestURI] = c
	}
	r.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.at) >= r.lag {
		if err := r.fetch(q, c); err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
	}
	for _, name := range []string{"Content-Type", "ETag"} {
		if v := c.header.Get(name); v != "" {
			w.Header().Set(name, v)
		}
	}
	w.WriteHeader(c.status)
	_, _ = w.Write(c.body) // a client that is gone is its own affair
}

func (r *replica) fetch(q *http.Request, c *copied) error {
	at := time.Now()
	resp, err := r.ask.Get(r.from + q.RequestURI)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return err
	}
	c.at, c.status, c.header, c.body = at, resp.StatusCode, resp.Header, body
	return nil
}
