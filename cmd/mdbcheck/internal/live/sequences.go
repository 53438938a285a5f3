package live

import "context"

// sequences applies the rules about ids. all are the servers that answered
// everything.
func (r *run) sequences(ctx context.Context, all []*server) error { return ctx.Err() }
