package scenarios

// check looks for what the decoder cannot see: pairs that cannot be.
func (c *checker) check(opt Options) {
}

func classNames() []string {
	f, _ := fieldNamed[Outcome]("class")
	return f.enum()
}
