// Package api is the HTTP side of the built-in targets: it decodes requests,
// compares ETags, answers in JSON or problem+json, keeps idempotency keys and
// counts requests. What happens to the items is up to a [Scheme]: package
// memory has some over maps, package sql over databases. A path names its
// scheme first, so one server offers all of them at once:
//
//	GET PUT PATCH DELETE  /{scheme}/items/{key}
//	POST                  /{scheme}/items
//	GET                   /{scheme}/items?prefix=P
//	POST                  /{scheme}/items/{key}/add
//	POST                  /{scheme}/items/{key}/append
//	GET POST              /{scheme}/items/{parent}/children
//	POST                  /{scheme}/transfer
//	GET POST PUT DELETE   /{scheme}/locks/{key}
//	GET                   /-/healthz  /-/stats
package api

import (
	"context"
	"strconv"
	"time"
)

// None stands for a number that the request did not carry.
const None int64 = -1

// Item is one resource as a reader sees it.
type Item struct {
	Key     string
	Value   []byte // any JSON, as it was sent
	Tag     string // which write made it; clients choose it
	Version int64  // grows with every change
	ETag    string // entity tag, quoted; "" means the quoted version
}

// EntityTag returns the item's strong entity tag.
func (i Item) EntityTag() string {
	if i.ETag != "" {
		return i.ETag
	}
	return quotedVersion(i.Version)
}

func quotedVersion(v int64) string {
	var b [24]byte
	return string(append(strconv.AppendInt(append(b[:0], '"'), v, 10), '"'))
}

// Guard is what a change is conditional on. A scheme looks at its own part.
type Guard struct {
	IfMatch     string // header as sent; "" when absent
	IfNoneMatch string // header as sent; "" when absent
	Version     int64  // of the state that was read; [None] when absent
	LockToken   string // header as sent; "" when absent
	Fence       int64  // header as sent; [None] when absent
}

// Creates reports whether the change must find no item: If-None-Match: *.
func (g Guard) Creates() bool { return g.IfNoneMatch == "*" }

// Write asks for a new state of one item.
type Write struct {
	Key   string
	Value []byte // JSON; belongs to the scheme
	Tag   string
	Guard
	Min, Max *int64 // bounds of the item's value, kept when nil

	// With and AtLeast state a rule over two items: the write is refused as
	// out of bounds unless its value and the value of With add up to AtLeast.
	With    string
	AtLeast int64
}

// Change asks the server to work a change out from the state that it has.
type Change struct {
	Key    string
	Amount int64  // add
	Value  []byte // append: the element; patch: the members to set; belongs to the scheme
	Tag    string
	Guard
}

// Transfer asks to move an amount between two items.
type Transfer struct {
	From, To string
	Amount   int64
	Tag      string
}

// LockRequest asks for the lock of a key.
type LockRequest struct {
	Key   string
	TTL   time.Duration // lapses that long after the grant; 0 is the server's default
	Wait  time.Duration // may stand in the queue that long; 0 is an answer at once
	Owner string        // told to others
}

// Lock is a lock that was granted.
type Lock struct {
	Token   string
	Fence   int64         // grows with every grant of the key
	Expires time.Duration // from now
	Owner   string
}

// Scheme is one way to keep items from concurrent harm, or not. Errors are
// [*Problem] or become a 500. A method must give up when ctx ends: the client
// has gone.
type Scheme interface {
	Read(ctx context.Context, key string) (Item, error)
	// Write reports whether the item is new.
	Write(ctx context.Context, w Write) (item Item, created bool, err error)
	Delete(ctx context.Context, key string, g Guard) error
	// Create makes an item whose key must not exist.
	Create(ctx context.Context, w Write) (Item, error)
	Add(ctx context.Context, c Change) (Item, error)
	Append(ctx context.Context, c Change) (Item, error)
	Patch(ctx context.Context, c Change) (Item, error)
	Transfer(ctx context.Context, t Transfer) error
	// List returns the items whose keys begin with prefix, sorted by key, as
	// they were at one instant.
	List(ctx context.Context, prefix string) ([]Item, error)
	// CreateChild makes the item PARENT/NAME.
	CreateChild(ctx context.Context, parent string, w Write) (Item, error)
	// Children returns the names below a parent, sorted, also when the parent
	// itself is gone.
	Children(ctx context.Context, parent string) ([]string, error)
	Lock(ctx context.Context, r LockRequest) (Lock, error)
	Refresh(ctx context.Context, key, token string, ttl time.Duration) (Lock, error)
	Unlock(ctx context.Context, key, token string) error
	// Holder tells who has the lock; its token is left out.
	Holder(ctx context.Context, key string) (Lock, error)
}

// Mount is one scheme under its name, the first segment of its paths.
type Mount struct {
	Name   string
	Scheme Scheme
}
