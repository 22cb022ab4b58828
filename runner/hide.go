package runner

import (
	"errors"
	"reflect"

	"tussle/history/wire"
	"tussle/runner/secrets"
	"tussle/scenarios"
)

// declare registers every secret that the scenario takes from the environment
// before anything is sent or started: whatever repeats it is masked from the
// first byte.
func declare(s *scenarios.Scenario, reg *secrets.Registry) {
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		if text, ok := v.Interface().(scenarios.Text); ok {
			if text.Env != "" {
				reg.Getenv(text.Env)
			}
			return
		}
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			if table, ok := v.Interface().(map[string]any); ok {
				if env, _, ok := wire.SecretIn(table); ok {
					reg.Getenv(env)
					return
				}
			}
			for it := v.MapRange(); it.Next(); {
				walk(it.Value())
			}
		}
	}
	walk(reflect.ValueOf(s).Elem())
}

// hideIn masks an error that leaves the package.
func hideIn(err error, reg *secrets.Registry) error {
	if err == nil || reg.Empty() {
		return err
	}
	var c *CannotRun
	if errors.As(err, &c) {
		return &CannotRun{What: reg.Mask(c.What), Hint: reg.Mask(c.Hint), Curl: reg.Mask(c.Curl), Answer: reg.Mask(c.Answer)}
	}
	if text := reg.Mask(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}
