package api

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

type changer func(context.Context, Change) (Item, error)

func (x *exchange) locks(c Scheme) error {
	ctx, key := x.r.Context(), x.seg[2]
	token := x.r.Header.Get("Lock-Token")
	b, bad := parseBody(x.in)
	if bad != nil {
		return bad
	}
	if b.ttl < 0 || b.wait < 0 {
		return Refuse(400, "malformed", "ttl_ms and wait_ms: expected no negative number")
	}
	ttl := time.Duration(b.ttl) * time.Millisecond
	if x.r.Method != http.MethodPost && x.r.Method != http.MethodGet && token == "" {
		return Refuse(400, "malformed", "header Lock-Token: expected the token that the lock was granted with")
	}
	switch x.r.Method {
	case http.MethodPost:
		l, err := c.Lock(ctx, LockRequest{Key: key, TTL: ttl, Wait: time.Duration(b.wait) * time.Millisecond, Owner: b.owner})
		return x.lock(l, err)
	case http.MethodPut:
		l, err := c.Refresh(ctx, key, token, ttl)
		return x.lock(l, err)
	case http.MethodDelete:
		if err := c.Unlock(ctx, key, token); err != nil {
			return err
		}
		x.status = http.StatusNoContent
		return nil
	case http.MethodGet:
		l, err := c.Holder(ctx, key)
		return x.lock(l, err)
	}
	return notAllowed("GET, POST, PUT, DELETE")
}

// lock answers with a lock.
func (x *exchange) lock(l Lock, err error) error {
	if err != nil {
		return err
	}
	x.status = 200
	x.out = append(x.out, '{')
	if l.Token != "" {
		x.out = append(appendString(append(x.out, `"token":`...), l.Token), ',')
	}
	x.out = append(x.out, `"fence":`...)
	x.out = strconv.AppendInt(x.out, l.Fence, 10)
	x.out = append(x.out, `,"expires_in_ms":`...)
	x.out = strconv.AppendInt(x.out, l.Expires.Milliseconds(), 10)
	if l.Owner != "" {
		x.out = appendString(append(x.out, `,"owner":`...), l.Owner)
	}
	x.out = append(x.out, '}')
	return nil
}
