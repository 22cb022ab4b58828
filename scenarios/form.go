package scenarios

import (
	"fmt"

	"tussle/history/wire"
)

// checkForms wants a step to have one body, and the fields of a form to be
// what a form can carry.
func (c *checker) checkForms(path string, s *Step) {
	first := ""
	for _, key := range []string{"body", "form", "multipart"} {
		if !c.doc.has(join(path, key)) {
			continue
		}
		if first != "" {
			c.sayKey(join(path, key), fmt.Sprintf("a step has one body, and this is another beside %s", first), "body, form or multipart", "")
		}
		first = key
	}
	for key, fields := range map[string]map[string]any{"form": s.Form, "multipart": s.Parts} {
		for _, name := range sortedNames(fields) {
			list, ok := fields[name].([]any)
			if !ok {
				list = []any{fields[name]}
			}
			for _, v := range list {
				switch v := v.(type) {
				case map[string]any:
					env, _, secret := wire.SecretIn(v)
					if _, _, _, file := wire.FileIn(v); file && key == "multipart" {
						continue
					}
					if secret {
						c.checkEnv(join(join(join(path, key), name), "env"), env)
						continue
					}
				case []any:
				default:
					continue
				}
				want := `a text, a number, a list of them, or { env = "NAME" }`
				if key == "multipart" {
					want += `, or { file = "a.txt", content = "..." }`
				}
				c.say(join(join(path, key), name), "a form has no fields of this kind", want, "a table or list within another is JSON: write body")
			}
		}
	}
}
