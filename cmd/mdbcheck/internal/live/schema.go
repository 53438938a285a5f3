package live

// compareSchemas applies the rules that hold the shards of an area against each
// other. all are the servers that answered everything.
func (r *run) compareSchemas(all []*server) {}
