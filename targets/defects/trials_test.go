package defects_test

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// trial asks a server, the n-th time, for what a defect gets wrong, and says
// what was wrong, "" if nothing.
type trial func(c client, n int) string

var trials = map[string]trial{
	"if-match-ignored":             staleTag,
	"if-match-not-atomic":          sameTagTwice,
	"create-not-atomic":            createTwice("PUT"),
	"etag-seconds":                 tagOfASecond,
	"old-etag-in-answer":           goOnWithAnsweredTag,
	"aba-version-restart":          tagOfAnEarlierLife,
	"counter-read-then-save":       addTogether,
	"patch-over-stale-copy":        patchTogether,
	"transfer-check-then-debit":    spendTwice,
	"conflict-after-commit":        refusedYetThere,
	"ack-but-dropped":              sameTagTwice,
	"write-skew-snapshot":          bothOffCall,
	"retry-applies-twice":          sendAgain,
	"idempotency-check-then-store": sendTwiceAtOnce,
	"unlock-before-commit":         addTogether,
	"lease-without-fencing":        writeAfterLapse,
	"unlock-anyones-lock":          unlockAfterLapse,
	"lock-leaked-on-error":         transferAfterRefusal,
	"deadlock-two-locks":           crossTransfers,
	"per-process-lock":             addTogether,
	"unique-without-index":         createTwice("POST"),
	"child-of-deleted-parent":      orphan,
	"stale-replica":                readUnderLock,
}

// key is a name that no other try uses.
func key(n int, name string) string { return name + "-" + strconv.Itoa(n) }

const initial = `{"value":0,"tag":"init"}`

func staleTag(c client, n int) string {
	item := "/etag/items/" + key(n, "k")
	c.must("PUT "+item, initial, "If-None-Match: *")
	if a := c.do("PUT "+item, `{"value":1}`, `If-Match: "99"`); a.Status != 412 {
		return fmt.Sprintf("a tag that was never given out: %d", a.Status)
	}
	return ""
}

func sameTagTwice(c client, n int) string {
	item := "/etag/items/" + key(n, "k")
	tag := c.must("PUT "+item, initial, "If-None-Match: *").ETag
	var accepted atomic.Int64
	together(c, 4, func(c client, i int) {
		if c.do("PUT "+item, fmt.Sprintf(`{"value":%d}`, i), "If-Match: "+tag).Status == 200 {
			accepted.Add(1)
		}
	})
	if accepted.Load() > 1 {
		return fmt.Sprintf("%d writes with one tag were accepted", accepted.Load())
	}
	return ""
}

func createTwice(method string) trial {
	return func(c client, n int) string {
		name := key(n, "k")
		var created atomic.Int64
		together(c, 4, func(c client, i int) {
			var a answer
			if method == "PUT" {
				a = c.do("PUT /etag/items/"+name, fmt.Sprintf(`{"value":%d}`, i), "If-None-Match: *")
			} else {
				a = c.do("POST /server-side/items", fmt.Sprintf(`{"name":%q,"value":%d}`, name, i))
			}
			if a.Status == 201 {
				created.Add(1)
			}
		})
		if created.Load() != 1 {
			return fmt.Sprintf("%d creates of one name were accepted", created.Load())
		}
		return ""
	}
}

func tagOfASecond(c client, n int) string {
	item := "/etag/items/" + key(n, "k")
	c.must("PUT "+item, initial, "If-None-Match: *")
	tag := c.must("GET "+item, "").ETag
	c.do("PUT "+item, `{"value":1}`, "If-Match: "+tag)
	if a := c.do("PUT "+item, `{"value":2}`, "If-Match: "+tag); a.Status == 200 {
		return "two writes with one tag were accepted, one after the other"
	}
	return ""
}

func goOnWithAnsweredTag(c client, n int) string {
	item := "/etag/items/" + key(n, "k")
	tag := c.must("PUT "+item, initial, "If-None-Match: *").ETag
	tag = c.must("PUT "+item, `{"value":1}`, "If-Match: "+tag).ETag
	if a := c.do("PUT "+item, `{"value":2}`, "If-Match: "+tag); a.Status != 200 {
		return fmt.Sprintf("the tag that a write was answered with: %d", a.Status)
	}
	return ""
}

func tagOfAnEarlierLife(c client, n int) string {
	item := "/etag/items/" + key(n, "k")
	tag := c.must("PUT "+item, initial, "If-None-Match: *").ETag
	c.must("DELETE "+item, "", "If-Match: "+tag)
	c.must("PUT "+item, initial, "If-None-Match: *")
	if a := c.do("PUT "+item, `{"value":1}`, "If-Match: "+tag); a.Status != 412 {
		return fmt.Sprintf("the tag of an item that was deleted since: %d", a.Status)
	}
	return ""
}

func addTogether(c client, n int) string {
	item := "/server-side/items/" + key(n, "k")
	c.must("PUT "+item, initial, "If-None-Match: *")
	var acknowledged atomic.Int64
	together(c, 4, func(c client, _ int) {
		if c.do("POST "+item+"/add", `{"amount":1}`).Status == 200 {
			acknowledged.Add(1)
		}
	})
	if got := c.must("GET "+item, "").text("value"); got != strconv.FormatInt(acknowledged.Load(), 10) {
		return fmt.Sprintf("%d additions were acknowledged, %s are there", acknowledged.Load(), got)
	}
	return ""
}

func patchTogether(c client, n int) string {
	item, list := "/server-side/items/"+key(n, "k"), "/server-side/items/"+key(n, "l")
	c.must("PUT "+item, `{"value":{}}`, "If-None-Match: *")
	c.must("PUT "+list, `{"value":[]}`, "If-None-Match: *")
	together(c, 4, func(c client, i int) {
		c.must("PATCH "+item, fmt.Sprintf(`{"value":{"field%d":1}}`, i)) // each its own field
		c.must("POST "+list+"/append", fmt.Sprintf(`{"value":%d}`, i))
	})
	fields, _ := c.must("GET "+item, "").JSON["value"].(map[string]any)
	elements, _ := c.must("GET "+list, "").JSON["value"].([]any)
	if len(fields) != 4 || len(elements) != 4 {
		return fmt.Sprintf("of 4 fields and 4 elements, %d and %d are there", len(fields), len(elements))
	}
	return ""
}

func spendTwice(c client, n int) string {
	a, b := key(n, "a"), key(n, "b")
	c.must("PUT /server-side/items/"+a, `{"value":10}`, "If-None-Match: *")
	c.must("PUT /server-side/items/"+b, `{"value":0}`, "If-None-Match: *")
	together(c, 4, func(c client, _ int) {
		c.do("POST /server-side/transfer", fmt.Sprintf(`{"from":%q,"to":%q,"amount":10}`, a, b))
	})
	if got := c.must("GET /server-side/items/"+a, "").text("value"); got != "0" {
		return "10 were spent to leave " + got
	}
	return ""
}

func refusedYetThere(c client, n int) string {
	item := "/etag/items/" + key(n, "k")
	tag := c.must("PUT "+item, initial, "If-None-Match: *").ETag
	a := c.do("PUT "+item, `{"value":1,"tag":"mine"}`, "If-Match: "+tag)
	if a.Status != 200 && c.must("GET "+item, "").text("tag") == "mine" {
		return fmt.Sprintf("answered %d, and the write is there", a.Status)
	}
	return ""
}

func bothOffCall(c client, n int) string {
	keys := []string{key(n, "a"), key(n, "b")}
	for _, k := range keys {
		c.must("PUT /server-side/items/"+k, `{"value":1}`, "If-None-Match: *")
	}
	together(c, 2, func(c client, i int) {
		c.do("PUT /server-side/items/"+keys[i], fmt.Sprintf(`{"value":0,"with":%q,"at_least":1}`, keys[1-i]))
	})
	if c.must("GET /server-side/items/"+keys[0], "").text("value") == "0" &&
		c.must("GET /server-side/items/"+keys[1], "").text("value") == "0" {
		return "both are 0, though one has to stay 1"
	}
	return ""
}

func sendAgain(c client, n int) string { return sendTwice(c, n, 1) }

func sendTwiceAtOnce(c client, n int) string { return sendTwice(c, n, 2) }

// sendTwice sends an addition twice under one idempotency key.
func sendTwice(c client, n, atOnce int) string {
	item := "/server-side/items/" + key(n, "k")
	c.must("PUT "+item, initial, "If-None-Match: *")
	for range 2 / atOnce {
		together(c, atOnce, func(c client, _ int) {
			c.do("POST "+item+"/add", `{"amount":1}`, `Idempotency-Key: "`+key(n, "once")+`"`)
		})
	}
	if got := c.must("GET "+item, "").text("value"); got != "1" {
		return "one addition, sent twice under one key, made " + got
	}
	return ""
}

func writeAfterLapse(c client, n int) string {
	item, lock := "/lease/items/"+key(n, "k"), "/lease/locks/"+key(n, "k")
	c.must("PUT "+item, initial, "If-None-Match: *")
	first := c.lock(lock, 10*time.Millisecond)
	time.Sleep(15 * time.Millisecond)
	second := c.lock(lock, time.Minute)
	c.must("PUT "+item, `{"value":2}`, second...)
	if a := c.do("PUT "+item, `{"value":1}`, first...); a.Status != 412 {
		return fmt.Sprintf("a write with fence 1 after one with fence 2: %d", a.Status)
	}
	return ""
}

func unlockAfterLapse(c client, n int) string {
	lock := "/lease/locks/" + key(n, "k")
	first := c.lock(lock, 10*time.Millisecond)
	time.Sleep(15 * time.Millisecond)
	c.lock(lock, time.Minute)
	c.do("DELETE "+lock, "", first[0])
	if a := c.do("POST "+lock, `{}`); a.Status != 423 {
		return fmt.Sprintf("the lock that the second one holds was given to a third: %d", a.Status)
	}
	return ""
}

func transferAfterRefusal(c client, n int) string {
	a, b := key(n, "a"), key(n, "b")
	c.must("PUT /server-side/items/"+a, `{"value":0}`, "If-None-Match: *")
	c.must("PUT /server-side/items/"+b, `{"value":9}`, "If-None-Match: *")
	c.do("POST /server-side/transfer", fmt.Sprintf(`{"from":%q,"to":%q,"amount":1}`, a, b)) // too much
	if c.within(500*time.Millisecond, "POST /server-side/transfer", fmt.Sprintf(`{"from":%q,"to":%q,"amount":1}`, b, a)).Status == 0 {
		return "after a refused transfer, the next one is not answered"
	}
	return ""
}

func crossTransfers(c client, n int) string {
	keys := []string{key(n, "a"), key(n, "b")}
	for _, k := range keys {
		c.must("PUT /server-side/items/"+k, `{"value":9}`, "If-None-Match: *")
	}
	var silent atomic.Int64
	together(c, 2, func(c client, i int) {
		body := fmt.Sprintf(`{"from":%q,"to":%q,"amount":1}`, keys[i], keys[1-i])
		if c.within(500*time.Millisecond, "POST /server-side/transfer", body).Status == 0 {
			silent.Add(1)
		}
	})
	if silent.Load() > 0 {
		return fmt.Sprintf("%d of two opposite transfers got no answer", silent.Load())
	}
	return ""
}

func orphan(c client, n int) string {
	parent := key(n, "p")
	c.must("PUT /etag/items/"+parent, initial, "If-None-Match: *")
	var mu sync.Mutex
	created := false
	together(c, 2, func(c client, i int) {
		if i == 0 {
			a := c.do("POST /etag/items/"+parent+"/children", `{"name":"c"}`)
			mu.Lock()
			created = a.Status == 201
			mu.Unlock()
			return
		}
		time.Sleep(time.Millisecond)
		c.do("DELETE /etag/items/"+parent, "", "If-Match: *")
	})
	if created && c.do("GET /etag/items/"+parent, "").Status == 404 {
		return fmt.Sprintf("the child is there (%d), its parent is not", c.do("GET /etag/items/"+parent+"%2Fc", "").Status)
	}
	return ""
}

func readUnderLock(c client, n int) string {
	item, lock := "/lease/items/"+key(n, "k"), "/lease/locks/"+key(n, "k")
	c.must("PUT "+item, initial, "If-None-Match: *")
	time.Sleep(25 * time.Millisecond)
	held := c.lock(lock, time.Minute)
	c.must("PUT "+item, `{"value":1}`, held...)
	c.must("DELETE "+lock, "", held[0])
	c.lock(lock, time.Minute)
	if got := c.must("GET "+item, "").text("value"); got != "1" {
		return "the next holder reads " + got + ", not the 1 of the last one"
	}
	return ""
}
