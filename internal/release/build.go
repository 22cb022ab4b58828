package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// release says what is built from what.
type release struct {
	source, dir, version, commit string
}

// platform is one GOOS and GOARCH.
type platform struct{ os, arch string }

// The first one is built twice.
var platforms = []platform{
	{"linux", "amd64"}, {"linux", "arm64"},
	{"darwin", "amd64"}, {"darwin", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"},
}

// artifact is one file of the release.
type artifact struct {
	platform
	name string // within the folder
	path string
	sum  string // SHA-256, hex
	size int64
}

// largest is what a binary may weigh: it is downloaded in every CI job.
const largest = 30_000_000

// flags leave out everything that is not in the source: paths, the state of
// the work tree, build ids that depend on either.
func (r release) flags() []string {
	return []string{"-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -buildid= -X tussle/internal/cli.Version=" + r.version + " -X tussle/internal/cli.Commit=" + r.commit}
}

func (r release) build(p platform) (artifact, error) {
	a := artifact{platform: p, name: fmt.Sprintf("tussle-%s-%s-%s", r.version, p.os, p.arch)}
	if p.os == "windows" {
		a.name += ".exe"
	}
	dir, err := filepath.Abs(r.dir)
	if err != nil {
		return a, err
	}
	a.path = filepath.Join(dir, a.name)
	if err := r.compile(p, r.source, a.path); err != nil {
		return a, err
	}
	b, err := os.ReadFile(a.path)
	if err != nil {
		return a, err
	}
	a.sum, a.size = fmt.Sprintf("%x", sha256.Sum256(b)), int64(len(b))
	if a.size > largest {
		return a, fmt.Errorf("%s has %d bytes, at most %d", a.name, a.size, largest)
	}
	return a, nil
}

func (r release) compile(p platform, source, out string, env ...string) error {
	cmd := exec.Command("go", append(append([]string{"build"}, r.flags()...), "-o", out, ".")...)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "GOOS="+p.os, "GOARCH="+p.arch, "CGO_ENABLED=0", "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=")
	cmd.Env = append(cmd.Env, env...)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s/%s: %w\n%s", p.os, p.arch, err, text)
	}
	return nil
}

// buildAgain builds a platform from a copy of the source in another place,
// with an empty cache, and compares.
func (r release) buildAgain(a artifact) error {
	dir, err := os.MkdirTemp("", "tussle-again-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	source := filepath.Join(dir, "elsewhere")
	if err := copySource(source, r.source); err != nil {
		return err
	}
	out := filepath.Join(dir, a.name)
	if err := r.compile(a.platform, source, out, "GOCACHE="+filepath.Join(dir, "cache")); err != nil {
		return err
	}
	b, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(b)); sum != a.sum {
		return fmt.Errorf("%s is not reproducible: %s, and %s from another folder", a.name, a.sum, sum)
	}
	return nil
}

// copySource copies what a build reads: no hidden folders, no results.
func copySource(to, from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		name := d.Name()
		switch {
		case d.IsDir() && rel != "." && (strings.HasPrefix(name, ".") || name == "dist" || name == "tussle-out"):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o644)
	})
}

// sums writes SHA256SUMS in the form that sha256sum -c reads.
func (r release) sums(files []string) error {
	var text strings.Builder
	for _, name := range files {
		b, err := os.ReadFile(filepath.Join(r.dir, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "%x  %s\n", sha256.Sum256(b), name)
	}
	return os.WriteFile(filepath.Join(r.dir, "SHA256SUMS"), []byte(text.String()), 0o644)
}
