// Package servers starts real servers for tests and for the field report:
// Apache httpd with mod_dav, nginx with its DAV modules, and etcd. Each runs in
// a temporary directory, on a free port of the loopback interface, as an
// unprivileged user, and ends with the process that started it.
//
// It knows nothing of the rest of tussle: what is said about a server does not
// depend on how it was started.
package servers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// Kind is one server in one configuration.
type Kind struct {
	Name    string // apache-digest
	Product string // Apache httpd
	What    string // what is particular about the configuration
	Program string // absolute path
	Debian  string // packages that bring it
	path    string // of the URL, below the host
	version []string
	find    *regexp.Regexp

	// prepare writes the configuration into dir and returns the arguments.
	prepare func(dir string, ports []int) ([]string, error)
	ports   int
	health  string // answered with 2xx when the server is up
}

// Kinds lists the servers.
var Kinds = []Kind{
	apache("apache-digest", "FileETag Digest", "FileETag Digest"),
	apache("apache-default", "its default FileETag", ""),
	apache("apache-deflate", "FileETag Digest, mod_deflate", "FileETag Digest\nSetOutputFilter DEFLATE"),
	nginx,
	etcd,
}

// Find returns the server of that name.
func Find(name string) (Kind, error) {
	var names []string
	for _, k := range Kinds {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return Kind{}, fmt.Errorf("server %q is not known; there are %s", name, strings.Join(names, ", "))
}

// Installed reports whether the server can be started; the error says which
// packages are missing.
func (k Kind) Installed() error {
	if _, err := os.Stat(k.Program); err != nil {
		return fmt.Errorf("%s is not installed: apt-get install --no-install-recommends %s", k.Product, k.Debian)
	}
	return nil
}

// Version asks the program for its version.
func (k Kind) Version(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, k.Program, k.version...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", k.Program, strings.Join(k.version, " "), err)
	}
	m := k.find.FindSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("%s %s does not tell its version: %.200s", k.Program, strings.Join(k.version, " "), out)
	}
	return string(m[1]), nil
}
