package intake

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"mvdan.cc/sh/v3/shell"
)

// readCurl reads curl lines as a shell would: quotes, continued lines and
// $'...' of "copy as cURL". Variables are not expanded.
func readCurl(name string, text []byte) (*Source, error) {
	s := &Source{Format: "curl"}
	joined := strings.NewReplacer("\\\r\n", " ", "\\\n", " ").Replace(string(text))
	for i, line := range commands(joined) {
		words, err := shell.Fields(line, func(v string) string { return "$" + v })
		if err != nil {
			return nil, failed("copy the line again, with its quotes", "curl line %d cannot be read: %v", i+1, err)
		}
		x, err := curlExchange(words)
		if err != nil {
			return nil, err
		}
		x.Where = fmt.Sprintf("curl line %d", i+1)
		s.Exchanges = append(s.Exchanges, x)
	}
	s.keepBusiestHost()
	return s, nil
}

// commands cuts a text before each line that begins with curl.
func commands(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		trimmed := strings.TrimPrefix(strings.TrimSpace(line), "$ ")
		switch {
		case strings.HasPrefix(trimmed, "curl "):
			out = append(out, trimmed)
		case len(out) > 0:
			out[len(out)-1] += "\n" + strings.TrimRight(line, "\r\n")
		}
	}
	return out
}

// curlFlags are the options that take a value and mean nothing for the
// request; those that take none are skipped by their dash.
var curlFlags = map[string]bool{
	"-o": true, "--output": true, "-m": true, "--max-time": true, "--connect-timeout": true, "-w": true, "--write-out": true, "--cacert": true,
	"--cert": true, "-E": true, "--key": true, "-x": true, "--proxy": true, "--retry": true, "-D": true, "--dump-header": true, "-c": true,
	"--cookie-jar": true, "-r": true, "--range": true, "--resolve": true, "--limit-rate": true, "-T": true, "--upload-file": true,
}

// curlExchange reads the options of curl that make the request.
func curlExchange(words []string) (Exchange, error) {
	x := Exchange{Header: http.Header{}}
	var address string
	var data []string
	get := false
	for i := 1; i < len(words); i++ {
		flag, value, with := cutFlag(words[i])
		take := func() string {
			if !with && i+1 < len(words) {
				i++
				return words[i]
			}
			return value
		}
		switch flag {
		case "":
			if address == "" {
				address = value
			}
		case "-X", "--request":
			x.Method = strings.ToUpper(take())
		case "--url":
			address = take()
		case "-H", "--header":
			name, v, _ := strings.Cut(take(), ":")
			x.Header.Add(strings.TrimSpace(name), strings.TrimSpace(v))
		case "-d", "--data", "--data-raw", "--data-binary", "--data-ascii":
			data = append(data, take())
		case "--data-urlencode":
			name, v, ok := strings.Cut(take(), "=")
			if ok {
				name += "="
			}
			data = append(data, name+url.QueryEscape(v))
		case "--json":
			data = append(data, take())
			x.Header.Set("Content-Type", "application/json")
		case "-u", "--user":
			take()
			x.Header.Set("Authorization", "Basic ?")
		case "--oauth2-bearer":
			take()
			x.Header.Set("Authorization", "Bearer ?")
		case "-b", "--cookie":
			x.Header.Set("Cookie", take())
		case "-G", "--get":
			get = true
		case "-I", "--head":
			x.Method = http.MethodHead
		case "-F", "--form":
			return x, failed("write the scenario by hand: docs/your-own-api.md", "a multipart form (%s) is not taken over", take())
		default:
			if curlFlags[flag] {
				take()
			}
		}
	}
	for _, d := range data {
		if strings.HasPrefix(d, "@") {
			return x, failed("put the body itself behind --data", "the body is in a file (%s), which is not read", d)
		}
	}
	if address == "" {
		return x, failed("give the whole line: tussle init --curl 'curl -X PUT http://...'", "the curl line has no URL")
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return x, failed("write it as http://HOST:PORT/PATH", "the URL %q cannot be read", address)
	}
	x.URL, x.Body = u, strings.Join(data, "&")
	switch {
	case get:
		x.URL.RawQuery, x.Body = x.Body, ""
	case x.Method == "" && x.Body != "":
		x.Method = http.MethodPost
	}
	if x.Method == "" {
		x.Method = http.MethodGet
	}
	if x.Body != "" && x.Header.Get("Content-Type") == "" {
		x.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return x, nil
}

// cutFlag splits -XPUT and --request=PUT; a word that is no option is a value.
func cutFlag(word string) (flag, value string, with bool) {
	switch {
	case strings.HasPrefix(word, "--"):
		return strings.Cut(word, "=")
	case strings.HasPrefix(word, "-") && len(word) > 2 && strings.ContainsRune("XHdubFom", rune(word[1])):
		return word[:2], word[2:], true
	case strings.HasPrefix(word, "-") && len(word) > 1:
		return word, "", false
	}
	return "", word, false
}
