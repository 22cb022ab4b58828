package dialect

import "tussle/history/wire"

// The vocabulary of requests is that of [wire], which shows them again.
type (
	Var  = wire.Var  // a variable of templates
	Text = wire.Text // a text, or JSON text
	Vars = wire.Vars // the variables of one client's next request
	Sent = wire.Sent // what protection a request carried
)

// The fixed variables; see [wire.VarNames].
const (
	NoVar          = wire.NoVar
	Key            = wire.Key
	Value          = wire.Value
	Version        = wire.Version
	Tag            = wire.Tag
	Lock           = wire.Lock
	Fence          = wire.Fence
	From           = wire.From
	To             = wire.To
	Amount         = wire.Amount
	TTL            = wire.TTL
	Wait           = wire.Wait
	Run            = wire.Run
	Block          = wire.Block
	N              = wire.N
	Client         = wire.Client
	Op             = wire.Op
	Attempt        = wire.Attempt
	Parent         = wire.Parent
	Name           = wire.Name
	ReadBody       = wire.ReadBody
	Token          = wire.Token
	IdempotencyKey = wire.IdempotencyKey
	UUID           = wire.UUID
)

func view(b []byte) string { return wire.View(b) }
