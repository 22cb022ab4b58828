package wire

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Var is a variable of templates that the runner knows; see [VarNames].
type Var uint8

// The fixed variables. Others, that captures define, go by their names; see
// [Vars.SetNamed].
const (
	NoVar Var = iota
	Key
	Value
	Version
	Tag
	Lock
	Fence
	From
	To
	Amount
	TTL  // a duration such as "30s"; the step's ttl when it is not set
	Wait // a duration; the step's wait when it is not set
	Run
	Block
	N
	Client
	Op
	Attempt
	Parent
	Name
	ReadBody // the whole document as it was read; Raw when it is JSON
	Token    // of the login; never shown
	IdempotencyKey
	UUID // one for each operation, the same in all of its steps and attempts
	numVars
)

// VarNames lists the fixed variables as templates write them.
var VarNames = [numVars]string{
	Key: "key", Value: "value", Version: "version", Tag: "tag", Lock: "lock", Fence: "fence",
	From: "from", To: "to", Amount: "amount", TTL: "ttl", Wait: "wait", Run: "run", Block: "block",
	N: "n", Client: "client", Op: "op", Attempt: "attempt", Parent: "parent", Name: "name",
	ReadBody: "read.body", Token: "token", IdempotencyKey: "idempotency_key", UUID: "uuid",
}

// Variables lists the variables that every template may use.
func Variables() []string { return VarNames[NoVar+1:] }

func varByName(name string) Var {
	for v := NoVar + 1; v < numVars; v++ {
		if VarNames[v] == name {
			return v
		}
	}
	return NoVar
}

// Text is a text, or the JSON text of something that is not a JSON string.
type Text struct {
	S   string
	Raw bool // S is JSON text of a number, bool, null, list or object: written without quotes into JSON
}

// Vars holds the variables of one client's next request, and the scratch
// memory of rendering. It is used by one goroutine; its zero value is empty.
type Vars struct {
	fixed [numVars]Text
	mask  uint32
	named []namedText
	kept  []namedText // stay when the others are reset

	sent Sent
	buf  []byte // target, headers
	body []byte
	tmp  []byte // results of filters
}

type namedText struct {
	name string
	text Text
}

// Sent says what protection a rendered request carried.
type Sent struct {
	Known   bool // false: take what the step's templates could carry
	Version bool // a version that was read
	Lock    bool // a lock token
}

// Reset unsets every variable but those of [Vars.Keep].
func (v *Vars) Reset() { v.mask, v.named = 0, v.named[:0] }

// Set sets a fixed variable. The string is not copied.
func (v *Vars) Set(x Var, t Text) {
	v.fixed[x] = t
	v.mask |= 1 << x
}

// Clear unsets a fixed variable.
func (v *Vars) Clear(x Var) { v.mask &^= 1 << x }

// Get returns a fixed variable and whether it is set.
func (v *Vars) Get(x Var) (Text, bool) { return v.fixed[x], v.mask&(1<<x) != 0 }

// SetNamed sets a variable that a capture defined.
func (v *Vars) SetNamed(name string, t Text) {
	if x := varByName(name); x != NoVar {
		v.Set(x, t)
		return
	}
	for i := range v.named {
		if v.named[i].name == name {
			v.named[i].text = t
			return
		}
	}
	v.named = append(v.named, namedText{name, t})
}

// Sent tells what the request rendered last carried; hand it to
// whoever reads its answer.
func (v *Vars) Sent() Sent { return v.sent }

// Keep sets a variable for good: [Vars.Reset] leaves it. One of the same name
// that is set otherwise wins.
func (v *Vars) Keep(name string, t Text) {
	for i := range v.kept {
		if v.kept[i].name == name {
			v.kept[i].text = t
			return
		}
	}
	v.kept = append(v.kept, namedText{name, t})
}

func (v *Vars) lookup(r ref) (Text, bool) {
	if r.fixed != NoVar {
		return v.Get(r.fixed)
	}
	for i := range v.named {
		if v.named[i].name == r.name {
			return v.named[i].text, true
		}
	}
	for i := range v.kept {
		if v.kept[i].name == r.name {
			return v.kept[i].text, true
		}
	}
	return Text{}, false
}

// CookieVar begins the name of a variable that is a cookie of the client:
// {cookie.csrftoken}. Like the token of a login it is never shown.
const CookieVar = "cookie."

// Own returns the values of variables that captures defined as the text of a
// JSON object; "" when none of them is set. Cookies are left out.
func (v *Vars) Own(names []string) string {
	out := map[string]json.RawMessage{}
	for _, name := range names {
		t, set := v.lookup(ref{NoVar, name})
		if !set || strings.HasPrefix(name, CookieVar) {
			continue
		}
		raw := []byte(t.S)
		if !t.Raw || !json.Valid(raw) {
			raw, _ = json.Marshal(t.S) // a string always encodes
		}
		out[name] = raw
	}
	if len(out) == 0 {
		return ""
	}
	text, _ := json.Marshal(out)
	return string(text)
}

// Own is what stands before every tag that is sent in a block, so that no other
// block or run sends the same; the history leaves it out.
func Own(run string, block int) string { return run + "-b" + strconv.Itoa(block) + "-" }

// Secret is how a text shows where the value of an environment variable
// belongs: its name between two NUL bytes, which no other text has.
func Secret(env string) string { return "\x00" + env + "\x00" }

// Hidden is a copy in which the token of a login and cookies are marked as secrets.
func (v *Vars) Hidden() *Vars {
	hidden := *v
	hidden.named, hidden.buf, hidden.body, hidden.tmp = slices.Clone(v.named), nil, nil, nil
	if _, ok := v.Get(Token); ok {
		hidden.Set(Token, Text{S: Secret("TOKEN")})
	}
	for i := range hidden.named {
		if name := hidden.named[i].name; strings.HasPrefix(name, CookieVar) {
			hidden.named[i].text = Text{S: CookieSecret(name)}
		}
	}
	return &hidden
}

// CookieSecret is the mark of a variable that is a cookie.
func CookieSecret(name string) string {
	return Secret("COOKIE_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return unicode.ToUpper(r)
		}
		return '_'
	}, strings.TrimPrefix(name, CookieVar)))
}

// Once is the idempotency key of an operation: one for all of its attempts,
// and never the same in another run.
func Once(run string, block, client, op int) string {
	return run + "-" + strconv.Itoa(block) + "-" + strconv.Itoa(client) + "-" + strconv.Itoa(op)
}

// UUIDOf is the {uuid} of an operation: made of what names it (RFC 9562, 5.8),
// so that the record need not hold it.
func UUIDOf(run string, block, client, op int) string {
	h := sha256.Sum256([]byte(Once(run, block, client, op)))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
