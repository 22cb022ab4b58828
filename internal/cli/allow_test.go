package cli

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Nothing is sent to a host outside loopback that was not named: not by what
// asks whether it is ready, nor by a command's start. The host is an address
// of this machine, so that a connection would be seen.
func TestForeignHostsAreNotAsked(t *testing.T) {
	host := ""
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			host = n.IP.String()
		}
	}
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if host == "" {
		host = "0.0.0.0" // a machine without a network: Linux takes it for itself
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	seen := make(chan struct{}, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			seen <- struct{}{}
			c.Close()
		}
	}()
	dir := t.TempDir()
	mark := filepath.Join(dir, "started")
	for name, target := range map[string]string{
		"ready":    `ready = { request = "DELETE /all", within = "300ms" }`,
		"command":  `command = ["touch", "` + mark + `"]`,
		"login":    `login = { request = "POST /login", token = "json:t" }`,
		"read_url": `read_url = "http://` + host + `:` + port + `"`,
	} {
		at := "http://" + host + ":" + port
		if name == "read_url" {
			at = "http://127.0.0.1:1"
		}
		inFile(t, filepath.Join(dir, "s.toml"), `
[target]
url   = "`+at+`"
`+target+`
read  = { request = "GET /x", value = "json:v" }
write = { request = "PUT /x", body = { v = "{value}" } }
reset = { request = "PUT /x", body = { v = "{value}" } }
[workload]
kind = "counter"
[[strategy]]
locking = "none"
`)
		for _, command := range [][]string{{"run", filepath.Join(dir, "s.toml"), "-o", filepath.Join(dir, "out")}, {"probe", filepath.Join(dir, "s.toml")}} {
			var out bytes.Buffer
			if code := Main(command, os.Stdin, &out, &out); code != exitCannotRun || !strings.Contains(out.String(), "add --allow-host "+host) {
				t.Errorf("%s, %s: exit %d\n%s", name, command[0], code, &out)
			}
		}
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("the command was started")
	}
	select {
	case <-seen:
		t.Error("the host was asked")
	default:
	}
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", host + ":0", "nonsense"} {
		var out bytes.Buffer
		if code := Main([]string{"serve", "memory", "--addr", addr}, os.Stdin, &out, &out); code != exitUsage {
			t.Errorf("serve --addr %s: exit %d\n%s", addr, code, &out)
		}
	}
}
