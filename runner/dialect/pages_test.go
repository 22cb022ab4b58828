package dialect

import (
	"testing"

	"tussle/history"
	"tussle/scenarios"
)

// A list may say of itself that it is a part, and where it goes on.
func TestWhatAListSaysOfTheWhole(t *testing.T) {
	d, err := Compile(map[string]scenarios.Step{"list": {Request: "GET /x", Value: "json:items.#.id"}}, nil, scenarios.Identify{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, body, link string
		next, lacks      string // of the two that came
	}{
		{"nothing", `{"items":[{"id":"a"},{"id":"b"}]}`, "", "", ""},
		{"a link", `{"items":[{"id":"a"},{"id":"b"}]}`, `<https://h/x?a,b;c=1>; title="a, <b>; rel=next"; rel="next"`, "https://h/x?a,b;c=1", "there is a next page"},
		{"second of the links", `{"items":[]}`, `</x?p=1>; rel="prev first", </x?p=3>; REL=Next`, "/x?p=3", "there is a next page"},
		{"two relations", `{"items":[]}`, `</x?p=3>; rel="last next"`, "/x?p=3", "there is a next page"},
		{"another relation", `{"items":[]}`, `</x?p=1>; rel="prev"; title="next"`, "", ""},
		{"a broken link", `{"items":[]}`, `</x?p=1; rel="next"`, "", ""},
		{"a cursor", `{"items":[],"next_cursor":"abc"}`, "", "", "next_cursor is there"},
		{"the last cursor", `{"items":[],"next_cursor":"","nextPageToken":null}`, "", "", ""},
		{"Google's", `{"items":[],"nextPageToken":"abc"}`, "", "", "nextPageToken is there"},
		{"Kubernetes'", `{"items":[],"metadata":{"continue":"abc"}}`, "", "", "continue is there"},
		{"more", `{"items":[],"has_more":true}`, "", "", "has_more is true"},
		{"no more", `{"items":[],"has_more":false}`, "", "", ""},
		{"GraphQL's", `{"items":[],"pageInfo":{"hasNextPage":true,"endCursor":"x"}}`, "", "", "hasNextPage is true"},
		{"a URL within", `{"items":[],"next":"/x?p=2"}`, "", "/x?p=2", "there is a next page"},
		{"OData's", `{"items":[],"@odata.nextLink":"http://h/x?$skip=2","@odata.count":9}`, "", "http://h/x?$skip=2", "there is a next page"},
		{"HAL's", `{"items":[],"_links":{"next":{"href":"/x?p=2"},"self":{"href":"/x"}}}`, "", "/x?p=2", "there is a next page"},
		{"a number", `{"items":[],"pagination":{"next_page":2}}`, "", "", "next_page is there"},
		{"no next", `{"items":[],"next":null,"links":{"next":null}}`, "", "", ""},
		{"a total", `{"items":[{"id":"a"},{"id":"b"}],"total":3}`, "", "", "the total is 3, and there are 2"},
		{"a total that is reached", `{"items":[{"id":"a"},{"id":"b"}],"meta":{"total_count":2}}`, "", "", ""},
	} {
		resp := respond(200, c.body, "Link", c.link)
		if c.link == "" {
			resp = respond(200, c.body)
		}
		var a Answer
		d.Read(history.StepList, resp, &a)
		if a.Part.Next != c.next || a.Part.Lacks(2) != c.lacks {
			t.Errorf("%s: next %q, lacks %q; want %q, %q", c.name, a.Part.Next, a.Part.Lacks(2), c.next, c.lacks)
		}
	}
}
