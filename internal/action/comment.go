package action

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Bounds of what is asked of the forge.
const (
	maxPages = 100      // of 100 comments
	maxPage  = 64 << 20 // bytes of one answer
	tries    = 3
)

var nextPage = regexp.MustCompile(`<([^>]+)>; *rel="next"`)

// forge speaks to the API that hosts the comments, and to no other host.
type forge struct {
	api   *url.URL
	token string
	http  http.Client
	pause time.Duration
}

// comment creates the comment, or updates it, or leaves it alone when its
// digest is still the same. A token that may not write (a fork's) is no
// failure.
func (s *Step) comment() (int, error) {
	number, err := s.number()
	switch {
	case err != nil:
		s.notice("error", err.Error())
		return 2, nil
	case number == "":
		fmt.Fprintln(s.Out, "no comment: this is no pull request")
		return 0, nil
	case s.get("INPUT_TOKEN") == "":
		s.notice("notice", "no comment: there is no token; the report is in the job summary")
		return 0, nil
	}
	api, err := url.Parse(s.get("GITHUB_API_URL"))
	if err != nil || api.Host == "" {
		return 1, fmt.Errorf("GITHUB_API_URL is no address")
	}
	f := &forge{api: api, token: s.get("INPUT_TOKEN"), pause: time.Second}
	f.http.Timeout = 30 * time.Second
	f.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	text, err := os.ReadFile(s.get("INPUT_BODY"))
	if err != nil {
		return 1, err
	}
	comments := strings.TrimSuffix(api.String(), "/") + "/repos/" + s.get("GITHUB_REPOSITORY") + "/issues/" + number + "/comments"
	mine, first, status, err := f.find(comments, "<!-- tussle:report:v1 id="+s.get("INPUT_ID")+" ", s.get("INPUT_AUTHOR"))
	if err != nil || status != 200 {
		return s.giveUp(status, err)
	}
	marker, _, _ := strings.Cut(string(text), "\n")
	if mine != 0 && s.get("INPUT_COMMENT") == "on-change" && first == marker {
		fmt.Fprintln(s.Out, "no comment: the verdict is the same as in the last one")
		return 0, nil
	}
	payload, err := json.Marshal(map[string]string{"body": string(text)})
	if err != nil {
		return 1, err
	}
	method, address, want := "POST", comments, 201
	if mine != 0 {
		method, address, want = "PATCH", strings.TrimSuffix(api.String(), "/")+"/repos/"+s.get("GITHUB_REPOSITORY")+"/issues/comments/"+strconv.FormatInt(mine, 10), 200
	}
	status, answer, _, err := f.call(method, address, payload)
	if err != nil || status != want {
		return s.giveUp(status, err)
	}
	var made struct {
		URL string `json:"html_url"`
	}
	_ = json.Unmarshal(answer, &made) // the address is for the log only
	fmt.Fprintf(s.Out, "comment: %s\n", strings.Map(printed, made.URL))
	return 0, nil
}

func printed(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}

// number is that of the pull request, "" when there is none.
func (s *Step) number() (string, error) {
	number := s.get("INPUT_PULL_REQUEST")
	if number == "" {
		text, err := os.ReadFile(s.get("GITHUB_EVENT_PATH"))
		if err != nil {
			return "", nil
		}
		var event struct {
			PullRequest struct{ Number int64 } `json:"pull_request"`
		}
		if json.Unmarshal(text, &event) != nil || event.PullRequest.Number == 0 {
			return "", nil
		}
		return strconv.FormatInt(event.PullRequest.Number, 10), nil
	}
	if _, err := strconv.ParseUint(number, 10, 63); err != nil {
		return "", fmt.Errorf("the input pull-request is not a number")
	}
	return number, nil
}

// giveUp ends with a notice when the token may not, with an error else.
func (s *Step) giveUp(status int, err error) (int, error) {
	switch {
	case err != nil:
		s.notice("error", "the comment could not be written: "+strings.Map(printed, err.Error()))
		return 1, nil
	case status == 401, status == 403, status == 404:
		s.notice("notice", fmt.Sprintf("no comment: the token may not write to this pull request (HTTP %d); the report is in the job summary", status))
		return 0, nil
	}
	s.notice("error", fmt.Sprintf("the comment could not be written: HTTP %d", status))
	return 1, nil
}

// find looks for the author's comment with the marker: anybody can write the
// marker, so the author decides.
func (f *forge) find(comments, marker, author string) (id int64, first string, status int, err error) {
	next := comments + "?per_page=100"
	for range maxPages {
		status, answer, header, err := f.call("GET", next, nil)
		if err != nil || status != 200 {
			return 0, "", status, err
		}
		var page []struct {
			ID   int64
			Body *string // null in what was imported
			User *struct{ Login string }
		}
		if err := json.Unmarshal(answer, &page); err != nil {
			return 0, "", status, fmt.Errorf("the list of comments is not understood")
		}
		for _, c := range page {
			if c.Body != nil && c.User != nil && c.User.Login == author && strings.HasPrefix(*c.Body, marker) {
				line, _, _ := strings.Cut(*c.Body, "\n")
				return c.ID, strings.TrimSuffix(line, "\r"), 200, nil
			}
		}
		link := nextPage.FindStringSubmatch(header.Get("Link"))
		if link == nil || len(page) == 0 {
			return 0, "", 200, nil
		}
		next = link[1]
	}
	return 0, "", 200, nil
}

// call asks the forge. A comment whose answer was lost may have been written:
// POST is not repeated.
func (f *forge) call(method, address string, payload []byte) (status int, answer []byte, header http.Header, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != f.api.Scheme || u.Host != f.api.Host {
		return 0, nil, nil, fmt.Errorf("the forge names another host than its own")
	}
	for try := 1; ; try++ {
		status, answer, header, err = f.once(method, address, payload)
		if err == nil && status < 500 && status != 429 || method == "POST" || try == tries {
			return status, answer, header, err
		}
		time.Sleep(time.Duration(try) * f.pause)
	}
}

func (f *forge) once(method, address string, payload []byte) (int, []byte, http.Header, error) {
	req, err := http.NewRequest(method, address, bytes.NewReader(payload))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+f.token)
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	if payload != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := f.http.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxPage))
	return resp.StatusCode, answer, resp.Header, err
}
