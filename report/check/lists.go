package check

import "encoding/json"

// listOf decodes a JSON list into the texts of its elements.
func listOf(text string) ([]string, error) {
	if text == "" || text == "null" {
		return nil, nil
	}
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, err
	}
	out := make([]string, len(raw))
	for i, v := range raw {
		if len(v) > 0 && v[0] == '"' {
			if err := json.Unmarshal(v, &out[i]); err != nil {
				return nil, err
			}
			continue
		}
		out[i] = string(v)
	}
	return out, nil
}
