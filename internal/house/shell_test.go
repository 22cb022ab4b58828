package house

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

func TestShellIsCleanUnderShellcheck(t *testing.T) {
	scripts := []string{".ci/run", ".ci/install"}
	for _, name := range files(t, ".sh") {
		if !strings.Contains(name, "/testdata/") {
			scripts = append(scripts, name)
		}
	}
	tool, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Fatalf("%v; `make install` as root, or: apt-get install shellcheck", err)
	}
	cmd := exec.Command(tool, append([]string{"--severity=style", "--external-sources"}, scripts...)...)
	cmd.Dir = root
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
	for _, name := range scripts {
		body := text(t, name)
		if !strings.HasPrefix(body, "#!") {
			continue // sourced by another script
		}
		if !strings.HasPrefix(body, "#!/usr/bin/env bash\n") || !strings.Contains(body, "\nset -euo pipefail\n") {
			t.Errorf("%s: a script begins with #!/usr/bin/env bash and sets -euo pipefail, so that no failure is passed over", name)
		}
	}
}
