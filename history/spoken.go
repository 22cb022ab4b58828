package history

import (
	"bytes"
	"encoding/json"
)

// PlanRequest says how a step is spoken in HTTP, as data. Texts are templates:
// "{key}" stands for a variable. history/wire makes requests of it.
type PlanRequest struct {
	Method  string      `json:"method"`
	Base    string      `json:"base,omitempty"` // what stands before the path: "http://127.0.0.1:8080/api"
	Path    string      `json:"path"`           // a template; may carry a query
	Query   []PlanField `json:"query,omitempty"`
	Headers []PlanField `json:"headers,omitempty"`

	// Body is a text or the tree of a JSON body, in which a table
	// {"env": "NAME", "prefix": ""} stands for a secret; nil is no body.
	Body  any            `json:"body,omitempty"`
	Set   map[string]any `json:"set,omitempty"`   // JSON paths changed in a body that is "{read.body}"
	Unset []string       `json:"unset,omitempty"` // JSON paths removed from it

	// Form and Multipart are the fields of a body that is a form: texts, numbers,
	// lists of them, secrets as in Body, and of Multipart files besides:
	// {"file": "a.txt", "type": "text/plain", "content": ""}.
	Form      map[string]any `json:"form,omitempty"`
	Multipart map[string]any `json:"multipart,omitempty"`

	// ContentType is that of a body that is a text, where it is a header of the
	// target and not of the step.
	ContentType string `json:"content_type,omitempty"`

	TTL  int64 `json:"ttl_ns,omitempty"`  // {ttl}, where nothing else sets it
	Wait int64 `json:"wait_ns,omitempty"` // {wait}, where nothing else sets it

	// Choose is a lock's token, where the client chooses it: a template.
	Choose string `json:"choose,omitempty"`

	// Captures says where the answer holds what later steps send, by name:
	// value, version, tag, token, fence, key, granted, and the scenario's own.
	Captures map[string]string `json:"captures,omitempty"`
}

// PlanField is a header or a query parameter of a [PlanRequest]: a template, or a secret.
type PlanField struct {
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`  // a template
	Env    string `json:"env,omitempty"`    // environment variable that holds the value; the history never does
	Prefix string `json:"prefix,omitempty"` // put before the variable's value
}

// UnmarshalJSON keeps the digits of the body's numbers.
func (r *PlanRequest) UnmarshalJSON(text []byte) error {
	type plain PlanRequest
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode((*plain)(r))
}
