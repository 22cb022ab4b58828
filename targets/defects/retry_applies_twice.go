package defects

import (
	"tussle/targets/api"
	"tussle/targets/memory"
)

// Idempotency-Key is not looked at, so a request whose answer was lost on the
// way, and that is sent again, is carried out again.
//
// Origin: ComfyUI#16204 (732 resubmissions, 426 of them billed, in a week),
// netbox-ip-controller#14, softonic/axios-retry#66.
var retryAppliesTwice = Defect{
	Name: "retry-applies-twice", ID: "B22",
	Title:    "Idempotency-Key is never read",
	Origin:   "comfyanonymous/ComfyUI#16204",
	Property: "counter-bounds", Needs: "fault", Twin: "server-side",
	Apply: func(t *memory.Target) error {
		t.Keys = noKeyring{}
		return nil
	},
}

type noKeyring struct{}

func (noKeyring) Do(_ string, _ uint64, run func() api.Answer) (api.Answer, error) {
	return run(), nil
}
