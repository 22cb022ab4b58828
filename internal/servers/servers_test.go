package servers

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

func TestEveryServerStartsAnswersAndEnds(t *testing.T) {
	for _, k := range Kinds {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			s, err := Start(context.Background(), k)
			if err != nil {
				t.Fatal(err)
			}
			v, err := k.Version(context.Background())
			if err != nil || strings.Count(v, ".") != 2 {
				t.Errorf("version %q, %v", v, err)
			}
			method, url, body, want := "PUT", s.URL+"a.json", `{"value":1}`, 201
			if k.Name == "etcd" {
				method, url, body, want = "POST", s.URL+"/v3/kv/put", `{"key":"YQ==","value":"MQ=="}`, 200
			}
			req, err := http.NewRequest(method, url, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if res.StatusCode != want {
				t.Errorf("%s %s: %d %s", method, url, res.StatusCode, text)
			}
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
				t.Errorf("%s is left: %v", s.dir, err)
			}
			http.DefaultClient.CloseIdleConnections()
			if res, err := http.Get(s.URL); err == nil {
				_ = res.Body.Close()
				t.Error("it still answers")
			}
			if err := s.Stop(); err != nil {
				t.Errorf("stopping twice: %v", err)
			}
		})
	}
}

func TestAServerThatIsNotThereIsNamed(t *testing.T) {
	if _, err := Find("iis"); err == nil || !strings.Contains(err.Error(), "apache-digest, apache-default, apache-deflate, nginx, etcd") {
		t.Errorf("%v", err)
	}
	k := Kind{Product: "Nothing", Program: "/does/not/exist", Debian: "nothing-bin"}
	if _, err := Start(context.Background(), k); err == nil || !strings.Contains(err.Error(), "apt-get install --no-install-recommends nothing-bin") {
		t.Errorf("%v", err)
	}
}
