// Package main is the command release: it makes what a release consists of, in
// dist/: a static binary for each platform, SHA256SUMS and a bill of
// materials. The same source, version and Go give the same bytes on any
// machine, and it checks that: one platform is built a second time, elsewhere
// and without a cache.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	r := release{}
	flag.StringVar(&r.source, "source", ".", "root of the source")
	flag.StringVar(&r.dir, "o", "dist", "folder to fill; its old content is removed")
	flag.StringVar(&r.version, "version", "devel", "version that the binaries tell")
	flag.StringVar(&r.commit, "commit", "unknown", "commit that the binaries tell")
	again := flag.Bool("again", true, "build one platform twice and compare")
	flag.Parse()
	if err := r.make(*again); err != nil {
		fmt.Fprintf(os.Stderr, "release: error: %v\n", err)
		os.Exit(1)
	}
}

func (r release) make(again bool) error {
	if err := os.RemoveAll(r.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return err
	}
	var made []artifact
	for _, p := range platforms {
		a, err := r.build(p)
		if err != nil {
			return err
		}
		fmt.Printf("%s  %5.1f MB  %s\n", a.sum[:12], float64(a.size)/1e6, a.name)
		made = append(made, a)
	}
	bill, err := r.bill(made)
	if err != nil {
		return err
	}
	billName := fmt.Sprintf("tussle-%s.cdx.json", r.version)
	if err := os.WriteFile(filepath.Join(r.dir, billName), bill, 0o644); err != nil {
		return err
	}
	if err := r.sums(append(names(made), billName)); err != nil {
		return err
	}
	if !again {
		return nil
	}
	if err := r.buildAgain(made[0]); err != nil {
		return err
	}
	fmt.Printf("%s: the same bytes from another folder and an empty cache\n", made[0].name)
	return nil
}

func names(made []artifact) []string {
	var all []string
	for _, a := range made {
		all = append(all, a.name)
	}
	return all
}
