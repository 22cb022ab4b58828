package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// dispatch finds the handler of a path below a scheme.
func (s *Server) dispatch(x *exchange, c Scheme) error {
	switch {
	case x.segs == 3 && x.seg[1] == "items":
		return x.item(c)
	case x.segs == 3 && x.seg[1] == "locks":
		return x.locks(c)
	case x.segs == 2 && x.seg[1] == "items":
		return s.collection(x, c)
	case x.segs == 2 && x.seg[1] == "transfer":
		return s.once(x, func() error { return x.transfer(c) })
	case x.segs == 4 && x.seg[1] == "items" && x.seg[3] == "add":
		return s.once(x, func() error { return x.change(c.Add, true) })
	case x.segs == 4 && x.seg[1] == "items" && x.seg[3] == "append":
		return s.once(x, func() error { return x.change(c.Append, false) })
	case x.segs == 4 && x.seg[1] == "items" && x.seg[3] == "children":
		return s.children(x, c)
	}
	return noPath()
}

func notAllowed(allow string) error {
	p := Refuse(http.StatusMethodNotAllowed, "method-not-allowed", "expected "+allow)
	p.Allow = allow
	return p
}

// guard collects what the request is conditional on.
func (x *exchange) guard(version int64) (Guard, error) {
	h := x.r.Header
	g := Guard{Version: version, Fence: None}
	if v := h["If-Match"]; v != nil {
		g.IfMatch = joined(v)
	}
	if v := h["If-None-Match"]; v != nil {
		g.IfNoneMatch = joined(v)
	}
	if v := h["Lock-Token"]; v != nil {
		g.LockToken = v[0]
	}
	if v := h["Fence"]; v != nil {
		n, err := strconv.ParseInt(v[0], 10, 64)
		if err != nil || n < 0 {
			return g, Refuse(400, "malformed", "header Fence: expected a whole number")
		}
		g.Fence = n
	}
	return g, nil
}

// joined makes one list of a header that was sent in several lines.
func joined(v []string) string {
	s := v[0]
	for _, t := range v[1:] {
		s += ", " + t
	}
	return s
}

func (x *exchange) item(c Scheme) error {
	ctx, key := x.r.Context(), x.seg[2]
	switch x.r.Method {
	case http.MethodGet, http.MethodHead:
		it, err := c.Read(ctx, key)
		if err != nil {
			return err
		}
		x.status, x.etag = 200, it.EntityTag()
		if inm := x.r.Header["If-None-Match"]; inm != nil && MatchWeak(joined(inm), x.etag) {
			x.status = http.StatusNotModified
			return nil
		}
		x.out = appendItem(x.out, it)
		return nil
	case http.MethodPut:
		b, g, err := x.parse(true)
		if err != nil {
			return err
		}
		it, created, err := c.Write(ctx, b.write(key, g))
		if err != nil {
			return err
		}
		x.written(it, created)
		return nil
	case http.MethodPatch:
		return x.change(c.Patch, false)
	case http.MethodDelete:
		version := None
		if v := x.r.URL.Query().Get("version"); v != "" {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil {
				return Refuse(400, "malformed", "query parameter version: expected an integer")
			}
			version = n
		}
		g, err := x.guard(version)
		if err != nil {
			return err
		}
		if err := c.Delete(ctx, key, g); err != nil {
			return err
		}
		x.status = http.StatusNoContent
		return nil
	}
	return notAllowed("GET, HEAD, PUT, PATCH, DELETE")
}

// parse decodes body and headers. The value, when it is asked for, is a copy.
func (x *exchange) parse(value bool) (body, Guard, error) {
	b, bad := parseBody(x.in)
	if bad != nil {
		return b, Guard{}, bad
	}
	if value && b.value == nil {
		return b, Guard{}, Refuse(400, "malformed", "member value: expected any JSON")
	}
	b.value = bytes.Clone(b.value)
	g, err := x.guard(b.version)
	return b, g, err
}

func (b *body) write(key string, g Guard) Write {
	return Write{Key: key, Value: b.value, Tag: b.tag, Guard: g, Min: b.min, Max: b.max, With: b.with, AtLeast: b.atLeast}
}

// written answers an accepted change of one item.
func (x *exchange) written(it Item, created bool) {
	x.status, x.etag = 200, it.EntityTag()
	if created {
		x.status = http.StatusCreated
	}
	x.out = append(x.out, `{"version":`...)
	x.out = strconv.AppendInt(x.out, it.Version, 10)
	x.out = append(x.out, '}')
}

// change handles what the server works out itself; told says that the answer
// carries the new value.
func (x *exchange) change(do changer, told bool) error {
	if x.segs == 4 && x.r.Method != http.MethodPost {
		return notAllowed("POST")
	}
	b, g, err := x.parse(!told)
	if err != nil {
		return err
	}
	c := Change{Key: x.seg[2], Value: b.value, Tag: b.tag, Guard: g}
	if told {
		if b.amount == nil {
			return Refuse(400, "malformed", "member amount: expected an integer")
		}
		c.Amount = *b.amount
	}
	it, err := do(x.r.Context(), c)
	if err != nil {
		return err
	}
	x.status, x.etag = 200, it.EntityTag()
	x.out = append(x.out, '{')
	if told {
		x.out = append(append(append(x.out, `"value":`...), it.Value...), ',')
	}
	x.out = append(x.out, `"version":`...)
	x.out = strconv.AppendInt(x.out, it.Version, 10)
	x.out = append(x.out, '}')
	return nil
}

func (s *Server) collection(x *exchange, c Scheme) error {
	switch x.r.Method {
	case http.MethodGet:
		items, err := c.List(x.r.Context(), x.r.URL.Query().Get("prefix"))
		if err != nil {
			return err
		}
		x.status = 200
		x.out = append(x.out, `{"items":{`...)
		for i, it := range items {
			if i > 0 {
				x.out = append(x.out, ',')
			}
			x.out = append(append(appendString(x.out, it.Key), ':'), it.Value...)
		}
		x.out = append(x.out, '}', '}')
		return nil
	case http.MethodPost:
		return s.once(x, func() error {
			return x.create(func(w Write) (Item, error) { return c.Create(x.r.Context(), w) })
		})
	}
	return notAllowed("GET, POST")
}

func (s *Server) children(x *exchange, c Scheme) error {
	switch x.r.Method {
	case http.MethodGet:
		names, err := c.Children(x.r.Context(), x.seg[2])
		if err != nil {
			return err
		}
		x.status = 200
		x.out = append(x.out, `{"children":[`...)
		for i, n := range names {
			if i > 0 {
				x.out = append(x.out, ',')
			}
			x.out = appendString(x.out, n)
		}
		x.out = append(x.out, ']', '}')
		return nil
	case http.MethodPost:
		return s.once(x, func() error {
			return x.create(func(w Write) (Item, error) { return c.CreateChild(x.r.Context(), x.seg[2], w) })
		})
	}
	return notAllowed("GET, POST")
}

// create handles POST of a named item.
func (x *exchange) create(do func(Write) (Item, error)) error {
	b, g, err := x.parse(false)
	if err != nil {
		return err
	}
	if b.name == "" {
		return Refuse(400, "malformed", "member name: expected a text that is not empty")
	}
	if b.value == nil {
		b.value = []byte("null")
	}
	it, err := do(b.write(b.name, g))
	if err != nil {
		return err
	}
	x.status, x.etag = http.StatusCreated, it.EntityTag()
	x.loc = "/" + x.seg[0] + "/items/" + url.PathEscape(it.Key)
	x.out = append(x.out, `{"key":`...)
	x.out = appendString(x.out, it.Key)
	x.out = append(x.out, `,"version":`...)
	x.out = strconv.AppendInt(x.out, it.Version, 10)
	x.out = append(x.out, '}')
	return nil
}

func (x *exchange) transfer(c Scheme) error {
	if x.r.Method != http.MethodPost {
		return notAllowed("POST")
	}
	b, _, err := x.parse(false)
	if err != nil {
		return err
	}
	if b.from == "" || b.to == "" || b.from == b.to || b.amount == nil || *b.amount < 0 {
		return Refuse(400, "malformed", "expected from, to (another item) and amount (not negative)")
	}
	if err := c.Transfer(x.r.Context(), Transfer{From: b.from, To: b.to, Amount: *b.amount, Tag: b.tag}); err != nil {
		return err
	}
	x.status, x.out = 200, append(x.out, "{}"...)
	return nil
}

// appendItem appends the JSON of one item.
func appendItem(b []byte, it Item) []byte {
	b = append(b, `{"key":`...)
	b = appendString(b, it.Key)
	b = append(b, `,"value":`...)
	b = append(b, it.Value...)
	b = append(b, `,"tag":`...)
	b = appendString(b, it.Tag)
	b = append(b, `,"version":`...)
	b = strconv.AppendInt(b, it.Version, 10)
	return append(b, '}')
}

// Integer reads a value as an integer.
func Integer(value []byte) (int64, *Problem) {
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return 0, Refuse(409, "not-a-number", "the item's value is not an integer")
	}
	return n, nil
}

// Appended returns a JSON list with one more element; no list is an empty one.
func Appended(list, element []byte) ([]byte, *Problem) {
	list = bytes.TrimSpace(list)
	if len(list) == 0 || string(list) == "null" {
		list = []byte("[]")
	}
	if list[0] != '[' {
		return nil, Refuse(409, "not-a-list", "the item's value is not a list")
	}
	out := make([]byte, 0, len(list)+len(element)+1)
	out = append(out, list[:len(list)-1]...)
	if len(bytes.TrimSpace(list[1:len(list)-1])) > 0 {
		out = append(out, ',')
	}
	out = append(out, element...)
	return append(out, ']'), nil
}

// Merged returns a JSON object with the members of patch set, and those that
// are null removed (RFC 7396, one level). Members keep their order; new ones
// come last. No object is an empty one.
func Merged(object, patch []byte) ([]byte, *Problem) {
	set := map[string]json.RawMessage{}
	var order []string
	take := func(name string, raw []byte) {
		if _, ok := set[name]; !ok {
			order = append(order, name)
		}
		set[name] = raw
	}
	if t := bytes.TrimSpace(object); len(t) > 0 && string(t) != "null" && !Members(object, take) {
		return nil, Refuse(409, "not-an-object", "the item's value is not an object")
	}
	if !Members(patch, take) {
		return nil, Refuse(400, "malformed", "member value: expected an object of members to set")
	}
	out := []byte{'{'}
	for _, name := range order {
		if string(set[name]) == "null" {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(appendString(out, name), ':'), set[name]...)
	}
	return append(out, '}'), nil
}
