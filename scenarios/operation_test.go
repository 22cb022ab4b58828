package scenarios

import (
	"strings"
	"testing"
)

const ownScenario = `name = "shop"
[target]
url = "http://127.0.0.1:1"
[target.setup]
request = "PUT /coupons/{key}"
[[operation]]
name = "redeem"
values = { who = ["ada", "bo"] }
[[operation.step]]
request = "POST /carts"
capture = { cart = "json:id" }
[[operation.step]]
request = "POST /carts/{cart}/coupon"
body = { code = "{key}", who = "{who}" }
expect = "json:discount > 0"
[[operation.outcome]]
status = 409
class = "rejected"
action = "never"
[[observe]]
name = "coupon"
request = "GET /coupons/{key}"
capture = { left = "json:uses_left" }
[[invariant]]
name = "once"
expr = "accepted('redeem') <= 1"
[workload]
keys = 10
[[strategy]]
locking = "server-side"
`

func TestOperationsAreSpoken(t *testing.T) {
	s, err := Parse("shop.toml", ownScenario, Options{})
	if err != nil {
		t.Fatal(err)
	}
	st := s.Strategies[0]
	if s.Workload.Kind != OwnWorkload || st.Speaks["redeem/2"].Want.Op != ">" || st.Speaks["observe/coupon"].Request == "" {
		t.Errorf("kind %s, speaks %v", s.Workload.Kind, st.Speaks)
	}
	if got := strings.Join(st.Promises, " "); got != "once expectations" {
		t.Errorf("promises %s", got)
	}
	if n := len(st.Outcomes); n != 2 || st.Outcomes[0].Step[0] != "redeem/1" {
		t.Errorf("%d rules: %v", n, st.Outcomes)
	}
}

// Every mistake is told at its place, with what to write instead.
func TestMistakesInOperations(t *testing.T) {
	for _, c := range []struct{ old, new, says string }{
		{`accepted('redeem')`, `accepted('reedem')`, `26:18: unknown operation "reedem"`},
		{`accepted('redeem') <= 1`, `accepted('redeem')`, `26:9: an invariant is true or false`},
		{`accepted('redeem') <= 1`, `accepted('redeem') = 1`, `equality is ==`},
		{`accepted('redeem') <= 1`, `coupon.rest == 0`, `26:15: observation coupon captures no "rest"`},
		{`accepted('redeem') <= 1`, `accepted('redeem').number == 1`, `operation redeem captures no "number"`},
		{`accepted('redeem') <= 1`, `redeem <= 1`, `redeem is an operation`},
		{`accepted('redeem') <= 1`, `coupon <= 1`, `coupon is an observation, and has fields`},
		{`accepted('redeem') <= 1`, `kupon.left <= 1`, `unknown name kupon`},
		{`accepted('redeem') <= 1`, `accepted('redeem') <= 'one'`, `does not take`},
		{`accepted('redeem') <= 1`, `(accepted('redeem') <= 1`, `26:`},
		{`expr = "accepted('redeem') <= 1"`, ``, `the invariant has no expr`},
		{`name = "once"`, ``, `the invariant has no name`},
		{`name = "once"`, `name = "once!"`, `is no name for an invariant`},
		{`name = "redeem"`, ``, `the operation has no name`},
		{`name = "redeem"`, `name = "re/deem"`, `is no name for an operation`},
		{`name = "coupon"`, `name = "the-coupon"`, `a variable of expressions`},
		{`capture = { left = "json:uses_left" }`, ``, `the observation captures nothing`},
		{`capture = { left = "json:uses_left" }`, `capture = { left = "jsn:uses_left" }`, `is not a capture`},
		{`capture = { left = "json:uses_left" }`, "items = \"json:rows\"\ncapture = { left = \"header:X\" }", `a capture within an item is a JSON path`},
		{`capture = { left = "json:uses_left" }`, "lag = \"1s\"\ncapture = { left = \"json:uses_left\" }", `lag is of observations beside the load`},
		{`request = "GET /coupons/{key}"`, `request = "GET /coupons/{kee}"`, `unknown variable {kee}`},
		{`request = "GET /coupons/{key}"`, ``, `the observation has no request`},
		{`{cart}`, `{basket}`, `unknown variable {basket}`},
		{`request = "POST /carts"`, `request = "POST /carts/{cart}"`, `unknown variable {cart}`},
		{`who = ["ada", "bo"]`, `who = []`, `nothing to draw from`},
		{`who = ["ada", "bo"]`, `key = ["ada", "bo"]`, `is a name that tussle sets itself`},
		{`cart = "json:id"`, `key = "json:id"`, `is a name that tussle sets itself`},
		{`"json:discount > 0"`, `"json:discount>0"`, `is no condition`},
		{`"json:discount > 0"`, `"discount > 0"`, `is not a capture`},
		{`action = "never"`, `action = "newer"`, `unknown action "newer"`},
		{`keys = 10`, `kind = "counter"`, `operations of its own`},
		{`values =`, `valuse =`, `unknown key "valuse"`},
		{`name = "redeem"`, "name = \"redeem\"\nweight = 0", `weight`},
		{`locking = "server-side"`, `locking = "pessimistic"`, `lock`},
		{`locking = "server-side"`, "locking = \"server-side\"\n[[strategy.operation]]\nname = \"reedem\"", `there is no operation "reedem" to be a form of`},
		{`locking = "server-side"`, "locking = \"server-side\"\n[[strategy.operation]]\nname = \"redeem\"", `the form has neither steps nor outcomes`},
		{`locking = "server-side"`, "locking = \"server-side\"\n[[strategy.operation]]\nname = \"redeem\"\nweight = 2\n[[strategy.operation.step]]\nrequest = \"GET /\"", `weight is of the intent`},
		{`locking = "server-side"`, "locking = \"server-side\"\n[[strategy.operation]]\nname = \"redeem\"\n[[strategy.operation.step]]\nrequest = \"GET /{basket}\"", `unknown variable {basket}`},
		{`request = "POST /carts"`, "request = \"POST /carts\"\nform = { a = { b = 1 } }", `a form has no fields of this kind`},
		{`request = "POST /carts"`, "request = \"POST /carts\"\nform = { a = 1 }\nmultipart = { b = 1 }", `a step has one body`},
		{`request = "POST /carts"`, "request = \"POST /carts\"\nevery = \"1s\"", `every is of a step that is sent until`},
		{`request = "POST /carts"`, "request = \"POST /carts\"\nbody = { n = \"{n + }\" }", `is nothing to calculate with`},
		{`request = "POST /carts"`, "request = \"POST /carts\"\nbody = { n = \"{n + much}\" }", `unknown variable {much}`},
		{`request = "GET /coupons/{key}"`, "request = \"GET /coupons/{key}\"\nnext = \"json:next\"", `next is of a list`},
		{`request = "GET /coupons/{key}"`, `request = "GET /coupons/{next}"`, `unknown variable {next}`},
		{`[workload]`, "[target.sign]\nkind = \"sigv4\"\n[workload]", `sigv4 needs key`},
		{`[workload]`, "[target.sign]\nkind = \"hmac\"\nsecret = \"s3cret\"\ntext = \"{methud}\"\n[workload]", `there is no {methud} to sign`},
		{`[workload]`, "[target.sign]\nkind = \"hmac\"\nsecret = \"s3cret\"\ntext = \"x\"\n[workload]", `a secret stands in the file`},
		{`[workload]`, "[target.join]\nttl = \"1s\"\n[workload]", `target.join has no request`},
		{`[workload]`, "[target.read]\nrequest = \"GET /\"\nfollow = true\n[workload]", `this step does not go where a redirect leads`},
		{`[workload]`, "[target.read]\nrequest = \"GET /\"\nchoose = \"{uuid}\"\n[workload]", `only a lock has a token to choose`},
		{`locking = "server-side"`, "locking = \"server-side\"\npromises = [\"onec\"]", `unknown property "onec"`},
	} {
		text := strings.Replace(ownScenario, c.old, c.new, 1)
		if text == ownScenario {
			t.Errorf("%s: not in the scenario", c.old)
		}
		if _, err := Parse("shop.toml", text, Options{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.new, err, c.says)
		}
	}
}
