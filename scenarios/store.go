package scenarios

import (
	"fmt"
	"net"
	"net/url"
)

// Throwaway is the url of a store that tussle starts itself.
const Throwaway = "throwaway"

// checkStore wants to know what the store is, and how the target comes to it.
func (c *checker) checkStore() {
	s, has := &c.s.Target.Store, c.doc.has
	if !has("target.store") {
		return
	}
	for _, key := range []string{"kind", "url"} {
		if !has("target.store." + key) {
			c.say("target.store", "target.store has no "+key, map[string]string{"kind": `kind = "postgres"`, "url": `url = "throwaway" or url = { env = "DATABASE_URL" }`}[key], "")
		}
	}
	if u, err := url.Parse(s.URL.Template); err == nil {
		if _, secret := u.User.Password(); secret {
			c.say("target.store.url", "a password belongs into the environment", `url = { env = "DATABASE_URL" }`, "")
		}
	}
	if s.Give == "" && s.Listen == "" && c.s.Target.Use == "" && !c.broken("target.store") {
		c.say("target.store", "nothing tells the target where the relay is", `give = "DATABASE_URL" (a variable of command), or listen = "127.0.0.1:6543"`, "")
	}
	if s.Give != "" && len(c.s.Target.Command) == 0 {
		c.sayKey("target.store.give", "give is a variable of command, and there is no command", "", "name the command that starts the target, or let the relay listen where the target looks for its store")
	}
	if s.Listen != "" && !c.broken("target.store.listen") {
		if host, _, err := net.SplitHostPort(s.Listen); err != nil || !loopback(host) {
			c.say("target.store.listen", fmt.Sprintf("%q is no address on this machine", clip(s.Listen)), `listen = "127.0.0.1:6543"`, "")
		}
	}
	if has("target.store.prepare") && (len(s.Prepare) == 0 || s.Prepare[0] == "") && !c.broken("target.store.prepare") {
		c.say("target.store.prepare", "the command is empty", `prepare = ["npm", "run", "migrate"]`, "")
	}
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
