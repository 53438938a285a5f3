package authority

import "time"

// Stats is a snapshot of a [Generator].
type Stats struct {
	Sequence string
	Drawn    uint64 // ids handed out since the start
	Left     uint64 // ids leased and not handed out yet
	Waits    uint64 // callers that had to wait for a block since the start
	Block    uint64 // the size that the latest lease asked for
	// Authorities are in the order declared.
	Authorities []LeaseStats
}

// LeaseStats is the part of one authority in [Stats].
type LeaseStats struct {
	Name     string
	Number   uint8
	Leases   uint64 // since the start
	IDs      uint64 // leased since the start
	Failures uint64 // since the start
	// Err is why the authority fails now, nil when it serves.
	Err error
	// RetryAt is when it is tried again; zero when it serves.
	RetryAt time.Time
}

// Stats gives a snapshot. Numbers of one snapshot may be of slightly different
// moments.
func (g *Generator) Stats() Stats {
	g.mu.Lock()
	left := g.left()
	s := Stats{Sequence: g.sequence, Drawn: g.leased - left, Left: left, Waits: g.waits, Block: g.asked}
	g.mu.Unlock()

	r := g.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.members {
		m := &r.members[i]
		s.Authorities = append(s.Authorities, LeaseStats{
			Name: m.authority.Name(), Number: m.authority.Number(),
			Leases: m.leases, IDs: m.ids, Failures: m.failures, Err: m.breaker.cause, RetryAt: m.breaker.until,
		})
	}
	return s
}
