package wire

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// apply is the sum as a filter; other is its operand where that is a variable.
// Whole numbers stay exact, however long; a quotient that does not come out even
// has as many digits as a float64.
func (s *Sum) apply(other *ref) filter {
	return func(t Text, v *Vars) (Text, error) {
		operand := s.Operand
		if other != nil {
			o, set := v.lookup(*other)
			if !set {
				return t, fmt.Errorf("the variable {%s} has no value yet; a step before this one has to capture it", other.name)
			}
			operand = o.S
		}
		a, err := decimal(t.S)
		if err != nil {
			return t, err
		}
		b, err := decimal(operand)
		if err != nil {
			return t, err
		}
		switch s.Op {
		case "+":
			a.Add(a, b)
		case "-":
			a.Sub(a, b)
		case "*":
			a.Mul(a, b)
		default:
			if b.Sign() == 0 {
				return t, fmt.Errorf("%s divided by 0", t.S)
			}
			a.Quo(a, b)
		}
		return Text{S: digits(a), Raw: true}, nil
	}
}

// decimal reads a number as JSON writes it.
func decimal(s string) (*big.Rat, error) {
	r, ok := new(big.Rat), false
	switch {
	case len(s) > 100 || strings.ContainsAny(s, "/_xXpPbBoO"):
	case strings.ContainsAny(s, "eE"): // an exponent could ask for any number of digits
		f, err := strconv.ParseFloat(s, 64)
		ok = err == nil && r.SetFloat64(f) != nil
	default:
		_, ok = r.SetString(s)
	}
	if !ok {
		return nil, fmt.Errorf("%q is not a number", clip(s))
	}
	return r, nil
}

func digits(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	if n, exact := r.FloatPrec(); exact && n < 30 {
		return r.FloatString(n)
	}
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64)
}
