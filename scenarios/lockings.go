package scenarios

import (
	"fmt"
	"strings"
)

// insideOf says which schemes of the sql target fail on a conflict and which
// wait. The others do neither, or nothing at all.
var insideOf = map[string]string{
	"version": "optimistic", "serializable": "optimistic", "repeatable-read": "optimistic", "row-lock-nowait": "optimistic", "deferred": "optimistic",
	"row-lock": "pessimistic", "advisory": "pessimistic", "immediate": "pessimistic", "process-lock": "pessimistic", "lease": "pessimistic",
}

// lockingOf says how words that people use for a kind of locking are written
// here: what the server does inside one request is server-side, whatever it
// uses to do it.
var lockingOf = map[string]string{
	"etag": "optimistic", "version": "optimistic", "cas": "optimistic", "if-match": "optimistic", "occ": "optimistic",
	"lock": "pessimistic", "lease": "pessimistic", "mutex": "pessimistic", "webdav": "pessimistic",
	"blind": "none", "last-write-wins": "none", "lww": "none", "no": "none", "off": "none",
	"server": "server-side", "atomic": "server-side", "transaction": "server-side",
}

// lockingHint points from another word for a kind of locking to ours, "" where
// none is known.
func lockingHint(word string) string {
	word = strings.ToLower(strings.NewReplacer("_", "-", " ", "-").Replace(word))
	if inside := insideOf[word]; inside != "" && lockingOf[word] == "" {
		return fmt.Sprintf(`the server does this within one request: locking = "server-side" with inside = %q`, inside)
	}
	switch word {
	case "for-update", "select-for-update":
		return `the server does this within one request: locking = "server-side" with inside = "pessimistic"`
	}
	if l := lockingOf[word]; l != "" {
		return fmt.Sprintf("write it as locking = %q", l)
	}
	return ""
}
