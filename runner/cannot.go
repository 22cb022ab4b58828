package runner

// CannotRun is an error that ends a run before its load: exit code 3.
type CannotRun struct {
	What   string
	Hint   string
	Curl   string // the request that failed
	Answer string // what it was answered, plain and short; "" when there is nothing to show
}

func (e *CannotRun) Error() string { return e.What }
