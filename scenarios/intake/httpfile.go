package intake

import (
	"bufio"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

var (
	fileVar   = regexp.MustCompile(`^@([\w-]+)\s*=\s*(.*)$`)
	fileUse   = regexp.MustCompile(`\{\{\s*([\w.$-]+)\s*\}\}`)
	scriptRun = regexp.MustCompile(`^[<>]`)
)

// readHTTPFile reads the .http and .rest files of JetBrains' and VS Code's
// clients: requests between lines of ###, variables as @name = value and
// {{name}}. Scripts and references to files are skipped.
func readHTTPFile(name string, text []byte) (*Source, error) {
	s := &Source{Format: ".http file"}
	vars := map[string]string{}
	fill := func(t string) string {
		return fileUse.ReplaceAllStringFunc(t, func(m string) string {
			v := fileUse.FindStringSubmatch(m)[1]
			if known, ok := vars[v]; ok {
				return known
			}
			return "{" + strings.NewReplacer(".", "_", "$", "", "-", "_").Replace(v) + "}"
		})
	}
	var block []string
	at, first := 0, 1
	flush := func() {
		if x, ok := httpRequest(block, fill); ok {
			x.Where = fmt.Sprintf("%s:%d", name, first)
			s.Exchanges = append(s.Exchanges, x)
		}
		block, first = nil, at+1
	}
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	lines.Buffer(nil, MaxBytes)
	for lines.Scan() {
		at++
		line := strings.TrimRight(lines.Text(), "\r")
		if m := fileVar.FindStringSubmatch(line); m != nil && len(block) == 0 {
			vars[m[1]] = fill(strings.TrimSpace(m[2]))
			continue
		}
		if strings.HasPrefix(line, "###") {
			flush()
			continue
		}
		if len(block) == 0 && (strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//")) {
			continue
		}
		block = append(block, line)
	}
	if err := lines.Err(); err != nil {
		return nil, failed("cut the file", "%s cannot be read: %v", name, err)
	}
	flush()
	s.keepBusiestHost()
	return s, nil
}

// httpRequest reads one request: its line, headers, an empty line, the body.
func httpRequest(lines []string, fill func(string) string) (Exchange, bool) {
	if len(lines) == 0 {
		return Exchange{}, false
	}
	fields := strings.Fields(fill(lines[0]))
	method := http.MethodGet
	if len(fields) > 1 && isMethod(fields[0]) {
		method, fields = fields[0], fields[1:]
	}
	address := fields[0]
	if strings.HasPrefix(address, "{") {
		if _, rest, ok := strings.Cut(address, "}"); ok {
			address = "http://127.0.0.1:8080" + rest
		}
	}
	x := Exchange{Method: method, Header: http.Header{}}
	i := 1
	for ; i < len(lines) && strings.TrimSpace(lines[i]) != ""; i++ {
		line := strings.TrimSpace(lines[i])
		switch {
		case strings.HasPrefix(line, "?"), strings.HasPrefix(line, "&"):
			address += line
		case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "//"):
		default:
			name, v, ok := strings.Cut(fill(line), ":")
			if !ok {
				return Exchange{}, false
			}
			x.Header.Add(strings.TrimSpace(name), strings.TrimSpace(v))
		}
	}
	var body []string
	for _, line := range lines[min(i+1, len(lines)):] {
		if scriptRun.MatchString(line) {
			break
		}
		body = append(body, fill(line))
	}
	x.Body = strings.TrimSpace(strings.Join(body, "\n"))
	if strings.HasPrefix(address, "/") {
		address = "http://" + orElse(x.Header.Get("Host"), "127.0.0.1:8080") + address
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return Exchange{}, false
	}
	x.URL, x.Described = u, strings.Contains(u.Path, "{")
	return x, true
}

func orElse(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}
