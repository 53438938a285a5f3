package briefcase

import (
	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// NewFence gives the fence of an id, for tests.
func NewFence(id gdid.GDID, readOnly bool) area.Fence { return fence{id: id, readOnly: readOnly} }

// MaxAttempts is how often InTx runs a transaction.
const MaxAttempts = maxAttempts
