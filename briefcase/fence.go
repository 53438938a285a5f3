package briefcase

import (
	"context"
	"fmt"
	"strconv"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// fence checks that a shard takes transactions of one id. A writer holds the
// stripe's row in share mode until its transaction ends: who takes the row
// exclusively has waited for every writer that passed, and none passes after.
// The row always exists, because a locking read of a missing row guards nothing.
type fence struct {
	id       gdid.GDID
	readOnly bool // reads the row in the snapshot instead of locking it
}

const fenceColumns = "SELECT layout, state, cases, end_era, end_counter FROM mdb_fence WHERE stripe = "

// Check is an [area.Fence].
func (f fence) Check(ctx context.Context, query area.Query) error {
	statement := fenceColumns + strconv.Itoa(area.Stripe(f.id))
	if !f.readOnly {
		statement += " LOCK IN SHARE MODE"
	}
	rows, err := query(ctx, statement)
	if err != nil {
		return err
	}
	if len(rows) != 1 {
		return fmt.Errorf("%w: its fence has no row for the id's stripe", area.ErrWrongShard)
	}
	row, err := readStripe(rows[0])
	if err != nil {
		return err
	}
	if err := row.admits(f.id); err != nil {
		return err
	}
	if row.cases == 0 {
		return nil
	}
	return f.checkCase(ctx, query)
}

// stripe is a row of mdb_fence.
type stripe struct {
	layout, state, cases uint64
	end                  gdid.RangeKey // exclusive
	ended                bool
}

func readStripe(row []any) (stripe, error) {
	if len(row) != 5 {
		return stripe{}, fmt.Errorf("%w: its fence has another form", area.ErrWrongShard)
	}
	if (row[3] == nil) != (row[4] == nil) { // no end is two NULLs; anything else must not pass for it
		return stripe{}, fmt.Errorf("%w: half of its end is missing", area.ErrWrongShard)
	}
	var n [5]uint64
	for i, v := range row {
		if v == nil && i >= 3 {
			continue
		}
		var ok bool
		if n[i], ok = number(v); !ok {
			return stripe{}, fmt.Errorf("%w: its fence has another form", area.ErrWrongShard)
		}
	}
	return stripe{
		layout: n[0], state: n[1], cases: n[2],
		end:   gdid.RangeKey{Era: uint32(n[3]), Counter: n[4]},
		ended: row[3] != nil,
	}, nil
}

func (s stripe) admits(id gdid.GDID) error {
	switch {
	case s.layout != area.Layout:
		return fmt.Errorf("%w: the shard has layout %d, this process knows %d", area.ErrMoved, s.layout, area.Layout)
	case s.state == area.StripeSealed:
		return fmt.Errorf("%w: the shard is sealed", area.ErrMoving)
	case s.state != area.StripeOpen:
		return fmt.Errorf("%w: the shard was moved", area.ErrMoved)
	case s.ended && id.RangeKey().Compare(s.end) >= 0:
		return fmt.Errorf("%w: the range ends at %v; the configuration of this process is old", area.ErrOutOfRange, s.end)
	}
	return nil
}

// checkCase looks at the id's own row, which only briefcases have that moved or
// are moving.
func (f fence) checkCase(ctx context.Context, query area.Query) error {
	rows, err := query(ctx, "SELECT state FROM mdb_case WHERE gdid = x'"+f.id.Hex()+"'")
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return nil
	}
	state, ok := number(rows[0][0])
	switch {
	case !ok:
		return fmt.Errorf("%w: mdb_case has another form", area.ErrWrongShard)
	case state == area.CaseHome, state == area.CaseFrozen && f.readOnly:
		return nil
	case state == area.CaseFrozen, state == area.CaseDeciding:
		return area.ErrMoving
	}
	return area.ErrMoved
}

// number reads an integer in any of the forms that a driver gives it.
func number(v any) (uint64, bool) {
	switch v := v.(type) {
	case int64:
		return uint64(v), v >= 0
	case uint64:
		return v, true
	case []byte:
		n, err := strconv.ParseUint(string(v), 10, 64)
		return n, err == nil
	case string:
		n, err := strconv.ParseUint(v, 10, 64)
		return n, err == nil
	}
	return 0, false
}
