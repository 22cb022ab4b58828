package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// module writes a small program with the names that a release stamps, and
// further files.
func module(t *testing.T, more map[string]string) release {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"go.mod":              "module tussle\n\ngo 1.26\n",
		"main.go":             "package main\n\nimport \"tussle/internal/cli\"\n\nfunc main() { println(cli.Version, cli.Commit) }\n",
		"internal/cli/cli.go": "package cli\n\nvar Version, Commit string\n",
		".git/HEAD":           "ref: refs/heads/main\n",
	}
	for name, text := range more {
		files[name] = text
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return release{source: dir, dir: filepath.Join(t.TempDir(), "dist"), version: "v1.2.3", commit: "abc123"}
}

func TestReleaseIsReproducibleSummedAndBilled(t *testing.T) {
	defer func(all []platform) { platforms = all }(platforms)
	platforms = []platform{{runtime.GOOS, runtime.GOARCH}}
	r := module(t, nil)
	if err := r.make(true); err != nil {
		t.Fatal(err)
	}
	a := artifact{name: "tussle-v1.2.3-" + runtime.GOOS + "-" + runtime.GOARCH}
	out, err := exec.Command(filepath.Join(r.dir, a.name)).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "v1.2.3 abc123" {
		t.Errorf("the binary says %q, %v; it should tell its version and commit", out, err)
	}

	sums, err := os.ReadFile(filepath.Join(r.dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(sums)), "\n")
	if len(lines) != 2 {
		t.Errorf("SHA256SUMS has %d lines, want the binary and the bill:\n%s", len(lines), sums)
	}
	for _, line := range lines {
		sum, name, _ := strings.Cut(line, "  ")
		b, err := os.ReadFile(filepath.Join(r.dir, name))
		if err != nil || fmt.Sprintf("%x", sha256.Sum256(b)) != sum {
			t.Errorf("%s: the sum is not that of the file (%v)", name, err)
		}
	}

	var bom billOfMaterials
	b, err := os.ReadFile(filepath.Join(r.dir, "tussle-v1.2.3.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &bom); err != nil {
		t.Fatal(err)
	}
	if want := "pkg:golang/std@" + strings.TrimPrefix(runtime.Version(), "go"); len(bom.Components) != 1 || bom.Components[0].PURL != want {
		t.Errorf("components %+v, want %s", bom.Components, want)
	}
	if files := bom.Metadata.Component.Components; len(files) != 1 || len(files[0].Hashes) != 1 || !strings.HasPrefix(lines[0], files[0].Hashes[0].Content) {
		t.Errorf("the bill does not name the binary with its sum: %+v", files)
	}
	if !regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(bom.Serial) {
		t.Errorf("serial number %q", bom.Serial)
	}
}

// A build that depends on its place cannot be repeated elsewhere, and the
// second build notices. Here it embeds a hidden file, which a copy leaves out.
func TestBuildThatDependsOnItsPlaceIsRefused(t *testing.T) {
	defer func(all []platform) { platforms = all }(platforms)
	platforms = []platform{{runtime.GOOS, runtime.GOARCH}}
	r := module(t, map[string]string{
		"internal/cli/data.go":        "package cli\n\nimport \"embed\"\n\n//go:embed all:data\nvar Data embed.FS\n",
		"internal/cli/data/seen":      "a",
		"internal/cli/data/.hidden/b": "b",
		"main.go":                     "package main\n\nimport \"tussle/internal/cli\"\n\nfunc main() { e, _ := cli.Data.ReadDir(\"data\"); println(len(e)) }\n",
	})
	if err := r.make(true); err == nil || !strings.Contains(err.Error(), "not reproducible") {
		t.Errorf("error %v, want: not reproducible", err)
	}
}

func TestSixPlatformsAreReleased(t *testing.T) {
	seen := map[platform]bool{}
	for _, p := range platforms {
		seen[p] = true
	}
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, arch := range []string{"amd64", "arm64"} {
			if !seen[platform{system, arch}] {
				t.Errorf("no release for %s/%s", system, arch)
			}
		}
	}
}

// The container is built with the flags of a release.
func TestContainerIsBuiltLikeARelease(t *testing.T) {
	b, err := os.ReadFile("../../Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range append(release{version: "$VERSION", commit: "$COMMIT"}.flags(), "CGO_ENABLED=0") {
		if strings.HasPrefix(want, "-ldflags") {
			want = `-ldflags="` + strings.TrimPrefix(want, "-ldflags=") + `"`
		}
		if !strings.Contains(string(b), want) {
			t.Errorf("the Containerfile does not build with %s", want)
		}
	}
}
