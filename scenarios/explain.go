package scenarios

// Value is one effective value of a scenario, with where it comes from.
type Value struct {
	Path   string // "load.clients", "strategy.optimistic.write.headers.If-Match"
	Value  string // as the file would write it; secrets as { env = "NAME" }
	Origin string // "default", "flash-sale.toml:12", "--set load.clients", "TUSSLE_SEED", "dialect etag"
}
