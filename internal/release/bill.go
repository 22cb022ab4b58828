package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The parts of CycloneDX 1.5 (JSON) that a bill of materials of Go modules
// needs: https://cyclonedx.org/docs/1.5/json/
type (
	billOfMaterials struct {
		Format     string      `json:"bomFormat"`
		Spec       string      `json:"specVersion"`
		Serial     string      `json:"serialNumber"`
		Version    int         `json:"version"`
		Metadata   metadata    `json:"metadata"`
		Components []component `json:"components"`
	}
	metadata struct {
		Component component `json:"component"`
	}
	component struct {
		Type       string      `json:"type"`
		Ref        string      `json:"bom-ref,omitempty"`
		Name       string      `json:"name"`
		Version    string      `json:"version,omitempty"`
		PURL       string      `json:"purl,omitempty"`
		Hashes     []hash      `json:"hashes,omitempty"`
		Properties []property  `json:"properties,omitempty"`
		Components []component `json:"components,omitempty"`
	}
	hash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// bill lists the modules that are linked into the binaries, as the binaries
// themselves tell. It holds no time and no random number.
func (r release) bill(made []artifact) ([]byte, error) {
	top := component{Type: "application", Ref: "tussle", Name: "tussle", Version: r.version,
		Properties: []property{{"commit", r.commit}}}
	modules := map[string]*component{}
	for _, a := range made {
		top.Components = append(top.Components, component{Type: "file", Ref: a.name, Name: a.name, Version: r.version, Hashes: []hash{{"SHA-256", a.sum}}})
		info, err := buildinfo.ReadFile(a.path)
		if err != nil {
			return nil, err
		}
		add(modules, "std", strings.TrimPrefix(info.GoVersion, "go"), "", a)
		for _, dep := range info.Deps {
			if dep.Replace != nil {
				dep = dep.Replace
			}
			add(modules, dep.Path, dep.Version, dep.Sum, a)
		}
	}
	bom := billOfMaterials{Format: "CycloneDX", Spec: "1.5", Version: 1, Metadata: metadata{top}}
	for _, m := range modules {
		bom.Components = append(bom.Components, *m)
	}
	slices.SortFunc(bom.Components, func(a, b component) int { return strings.Compare(a.PURL, b.PURL) })
	content, err := json.Marshal(bom)
	if err != nil {
		return nil, err
	}
	bom.Serial = serial(content)
	out, err := json.MarshalIndent(bom, "", "  ")
	return append(out, '\n'), err
}

// add notes that a module is linked into an artifact.
func add(modules map[string]*component, path, version, sum string, a artifact) {
	purl := "pkg:golang/" + path + "@" + version
	m := modules[purl]
	if m == nil {
		m = &component{Type: "library", Ref: purl, Name: path, Version: version, PURL: purl}
		if sum != "" {
			m.Properties = []property{{"go.sum", sum}}
		}
		modules[purl] = m
	}
	m.Properties = append(m.Properties, property{"linked into", a.os + "/" + a.arch})
}

// serial derives a UUID (RFC 9562, version 8) from the content.
func serial(content []byte) string {
	u := sha256.Sum256(content)
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:16])
}
