package sound

// All lists the servers.
func All() []Server {
	var all []Server
	for _, group := range [][]Server{deletes, creates, names, bodies, brakes, leases, lists, caches, bankers} {
		all = append(all, group...)
	}
	return all
}
