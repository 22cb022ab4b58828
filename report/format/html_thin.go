package format

import (
	"encoding/json"
	"fmt"
	"reflect"

	"tussle/report/model"
	"tussle/report/page"
	"tussle/report/say"
)

// thinSteps is the last step of thin.
const thinSteps = 4

// thinBlocks is how many blocks a strategy may have and keep them all: sentences
// and later comparisons are made of them.
const thinBlocks = 20

// thin returns a report with less detail at each step, and what to tell of
// it; r is not changed. The verdicts, the comparison and the first finding
// always stay. An error means that r cannot be written as JSON.
func thin(r *model.Report, step int) (*model.Report, string, error) {
	text, err := json.Marshal(r)
	if err != nil || step == 0 {
		return r, "", err
	}
	c := new(model.Report)
	if err := json.Unmarshal(text, c); err != nil {
		return nil, "", err
	}
	for i := range c.Strategies {
		thinStrategy(&c.Strategies[i], step)
	}
	clip(reflect.ValueOf(c).Elem(), []int{0, 2000, 400, 200, 80}[step])
	if step >= 3 {
		c.Provenance.Text = ""
	}
	if step >= 4 {
		c.Strategies, c.Comparisons, c.Sweeps = model.First(c.Strategies, 16), model.First(c.Comparisons, 40), nil
		c.Thresholds, c.SelfChecks = model.First(c.Thresholds, 40), model.First(c.SelfChecks, 40)
		c.Reasons, c.Warnings = model.First(c.Reasons, 10), model.First(c.Warnings, 10)
	}
	return c, fmt.Sprintf("Shortened to fit the size limit (step %d of %d): some details are only in report.json.", step, thinSteps), nil
}

func thinStrategy(s *model.Strategy, step int) {
	s.Pictures.Series = page.Merged(s.Pictures.Series)
	if step >= 2 {
		s.Anatomy.HotKeys, s.Anatomy.Problems = model.First(s.Anatomy.HotKeys, 5), model.First(s.Anatomy.Problems, 3)
		for j := range s.Properties {
			s.Properties[j].Findings = model.First(s.Properties[j].Findings, 1)
		}
	}
	if step >= 3 {
		s.Pictures.Series, s.Pictures.Percentiles = nil, nil
		s.Anatomy.PerClient, s.Anatomy.HotKeys, s.Anatomy.Problems = nil, nil, nil
		s.Anatomy.Matrix = model.First(s.Anatomy.Matrix, 20)
	}
	if step >= 4 {
		if len(s.Blocks) > thinBlocks {
			s.Blocks = nil
		}
		s.Anatomy.Matrix, s.Faults, s.Properties = nil, model.First(s.Faults, 8), model.First(s.Properties, 12)
	}
}

// clip cuts every text inside v to n runes, keys of maps included.
func clip(v reflect.Value, n int) {
	switch v.Kind() {
	case reflect.String:
		if v.Len() > n {
			v.SetString(say.Short(v.String(), n))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			clip(v.Elem(), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			clip(v.Field(i), n)
		}
	case reflect.Slice:
		for i := range v.Len() {
			clip(v.Index(i), n)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if k.Kind() == reflect.String && k.Len() > n {
				v.SetMapIndex(reflect.ValueOf(say.Short(k.String(), n)).Convert(k.Type()), v.MapIndex(k))
				v.SetMapIndex(k, reflect.Value{})
			}
		}
	}
}
