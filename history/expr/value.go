package expr

import (
	"math"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Wild is a captured value that nobody knows: the answer that would have told
// it never came.
type Wild struct{}

// Captured is what one operation or observation captured, by name: text,
// bool, int64, float64, []any or nil. What is [Wild], or missing, is not known.
type Captured map[string]any

// Operations are those of one name.
type Operations struct {
	Accepted []Captured
	Refused  []Captured
}

// Values are what an expression is evaluated on: operations by name, and what
// was observed. An observation without items over one key has one entry.
type Values struct {
	Operations map[string]Operations
	Observed   map[string][]Captured
}

// native turns a captured value into one of CEL. A whole number that came as
// a float is whole.
func native(v any) ref.Val {
	switch v := v.(type) {
	case nil:
		return types.NullValue
	case Wild:
		return types.NewUnknown(0, types.NewAttributeTrail("not known")) // what depends on it is unknown, too
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return types.Int(int64(v))
		}
	case []any:
		items := make([]ref.Val, len(v))
		for i := range v {
			items[i] = native(v[i])
		}
		return types.NewRefValList(types.DefaultTypeAdapter, items)
	}
	return types.DefaultTypeAdapter.NativeToValue(v)
}
