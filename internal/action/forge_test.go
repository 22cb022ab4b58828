//go:build unix

package action

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// host is the part of the forge's API that comments need, with pages of two.
type host struct {
	url string

	mu       sync.Mutex
	comments []comment
	writes   []string // "POST 12", "PATCH 3"
	refuse   int      // status of every write, when not 0
	link     string   // of every page, instead of the next one
	lists    int      // how many pages were asked for
}

type comment struct {
	ID   int     `json:"id"`
	Body *string `json:"body"`
	User struct {
		Login string `json:"login"`
	} `json:"user"`
	URL string `json:"html_url"`
}

const bot = "github-actions[bot]"

func newForge(t *testing.T) *host {
	f := &host{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /repos/owner/project/issues/12/comments", f.list)
	mux.HandleFunc("POST /repos/owner/project/issues/12/comments", f.create)
	mux.HandleFunc("PATCH /repos/owner/project/issues/comments/{id}", f.update)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer the-token" {
			http.Error(w, `{"message":"Bad credentials"}`, http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	f.url = srv.URL
	return f
}

func (f *host) add(login, body string) comment {
	c := comment{ID: 100 + len(f.comments), Body: &body, URL: fmt.Sprintf("https://forge.example/comments/%d", 100+len(f.comments))}
	c.User.Login = login
	f.comments = append(f.comments, c)
	return c
}

func (f *host) list(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	page = max(page, 1)
	f.lists++
	from, to := min(2*page-2, len(f.comments)), min(2*page, len(f.comments))
	if to < len(f.comments) {
		w.Header().Set("Link", fmt.Sprintf(`<%s%s?per_page=100&page=%d>; rel="next", <%s/last>; rel="last"`, f.url, r.URL.Path, page+1, f.url))
	}
	if f.link != "" {
		w.Header().Set("Link", f.link)
	}
	json.NewEncoder(w).Encode(append([]comment{}, f.comments[from:to]...))
}

// body reads what was sent, or refuses the write.
func (f *host) body(w http.ResponseWriter, r *http.Request) (string, bool) {
	var sent struct{ Body string }
	b, _ := io.ReadAll(r.Body)
	switch err := json.Unmarshal(b, &sent); {
	case f.refuse != 0:
		http.Error(w, `{"message":"Resource not accessible by integration"}`, f.refuse)
	case err != nil, len([]rune(sent.Body)) > 65536, sent.Body == "":
		http.Error(w, `{"message":"Body is too long or not JSON"}`, http.StatusUnprocessableEntity)
	default:
		return sent.Body, true
	}
	return "", false
}

func (f *host) create(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writes = append(f.writes, "POST")
	if body, ok := f.body(w, r); ok {
		w.WriteHeader(http.StatusCreated)
		json.NewEncoder(w).Encode(f.add(bot, body))
	}
}

func (f *host) update(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writes = append(f.writes, "PATCH "+r.PathValue("id"))
	body, ok := f.body(w, r)
	if !ok {
		return
	}
	for i := range f.comments {
		if strconv.Itoa(f.comments[i].ID) == r.PathValue("id") {
			// The forge keeps bodies with its own line ends.
			kept := strings.ReplaceAll(body, "\n", "\r\n")
			f.comments[i].Body = &kept
			json.NewEncoder(w).Encode(f.comments[i])
			return
		}
	}
	http.NotFound(w, r)
}

// done returns the writes since it was called last.
func (f *host) done() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := f.writes
	f.writes = nil
	return w
}
