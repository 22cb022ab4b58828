package check

import (
	"strconv"
	"strings"
)

// stateName names a state for a reader: "version 7", "the state tagged 3.1.1".
func (k *keyView) stateName(s int32) string {
	switch {
	case s == absent:
		return "nothing (404)"
	case s < 0:
		return "an unknown state"
	}
	text := ""
	st := &k.states[s]
	if st.write >= 0 {
		text = k.texts.text(k.name(&k.requests[st.write]))
	} else {
		for name, at := range k.byText {
			if at == s {
				text = k.texts.text(uint32(name))
				break
			}
		}
	}
	if text == "" {
		if s == initial {
			return "the initial state"
		}
		return "a state without a name"
	}
	switch k.identify {
	case "version":
		return "version " + text
	case "value":
		return "the value " + text
	}
	if s == initial {
		return "the initial state"
	}
	return "the state tagged " + text
}

// did says what a request did, for its role in a finding.
func (k *keyView) did(i int32) string {
	r := &k.requests[i]
	value := k.texts.text(r.value)
	if len(value) > 40 {
		value = strings.ToValidUTF8(value[:40], "") + "..."
	}
	switch {
	case r.step == read:
		return k.didRead(i, value)
	case r.step == lock && r.good():
		return "locked: granted" + k.optional(", fencing token ", r.fence)
	case r.step == lock:
		return "asked for the lock: " + k.answer(r)
	case r.step == unlock:
		return "gave the lock back: " + k.answer(r)
	case r.step == list && r.good():
		return "listed " + value
	}
	text := verbs[r.step]
	if r.step == create && r.name != 0 {
		text += " the child " + k.texts.text(r.name)
	} else if value != "" {
		text += " " + value
	}
	if m := k.made[i]; m > 0 && k.name(r) != 0 {
		switch {
		case k.identify == "tag":
			text += " (tagged " + k.texts.text(r.tag) + ")"
		case k.identify == "version" && r.effect == applied:
			text += " (version " + k.texts.text(r.version) + ")"
		}
	}
	if k.base[i] >= 0 && r.name == 0 {
		text += " on " + k.stateName(k.base[i])
	}
	switch {
	case r.expect != 0 && k.identify == "version" && k.base[i] == k.byText[r.expect]:
		text += ", if still that"
	case r.expect != 0:
		text += ", if still version " + k.texts.text(r.expect)
	}
	return text + k.optional(", with fencing token ", r.fence) + ": " + k.answer(r)
}

func (k *keyView) didRead(i int32, value string) string {
	r := &k.requests[i]
	text := "read " + value
	switch {
	case k.made[i] == absent:
		return "read: there is none (" + strconv.Itoa(int(r.status)) + ")"
	case k.made[i] >= 0 && value != "" && k.identify != "value" && k.name(r) != 0:
		text += ", " + k.stateName(k.made[i])
	case k.made[i] >= 0 && value == "":
		text += k.stateName(k.made[i])
	}
	if k.identify != "version" {
		text += k.optional(", version ", r.version)
	}
	return text
}

// optional is a text with what leads to it, or nothing when it is not known.
func (k *keyView) optional(lead string, text uint32) string {
	if text == 0 {
		return ""
	}
	return lead + k.texts.text(text)
}

var verbs = map[stepCode]string{write: "wrote", create: "created", remove: "deleted", add: "added", appendStep: "appended", transfer: "transferred",
	refresh: "prolonged the lock", setup: "set up", list: "listed"}

// answer says what the client was told, with the version where it was told one.
func (k *keyView) answer(r *request) string {
	switch r.effect {
	case applied:
		if k.identify == "version" || r.version == 0 {
			return "accepted"
		}
		return "accepted as version " + k.texts.text(r.version)
	case refused:
		return "refused with " + strconv.Itoa(int(r.status)) + k.optional(", it is at version ", r.version)
	case unknown:
		if r.status == 0 {
			return "no answer"
		}
		return "answered " + strconv.Itoa(int(r.status)) + ", which leaves open whether it was done"
	}
	if r.status == 0 {
		return "no answer"
	}
	return "answered " + strconv.Itoa(int(r.status))
}
