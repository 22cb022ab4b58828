package measure

// Check is one test of the instrument, or of what the run contained.
type Check struct {
	Name  string
	Value *float64
	Unit  string
	Limit string
	State State
	Note  string
}

// State is how a check came out.
type State string

// Only Bad speaks against the figures; a Note is worth knowing.
const (
	Good State = "good"
	Note State = "note"
	Bad  State = "bad"
	Thin State = "thin" // too little data, or not applicable
)
