package central

import (
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// HalfTurn gives the time after which the ticks of a cache's clock cannot be told
// apart, and the time of one.
func HalfTurn(c area.Cache) (half, tick time.Duration) {
	k := newClock(c)
	defer k.stop()
	return k.half(), 1 << k.shift
}

// Turn brings the next half turn of the clock about.
func (c *Central) Turn() {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	c.clock.turning.Reset(0)
}

// A Statement is a writing statement of a test, and what must stand in the index
// for it to change one row.
type Statement struct {
	Name, Before, Text string
}

// Statements gives every writing statement for one key, as they are sent.
func (x *Index) Statements(k string, id, other gdid.GDID) []Statement {
	p := x.placeOf(k, id)
	reserved := &row{id: id, state: stateReserved, token: token{15: 1}, version: 7}
	others := &row{id: other, state: stateReserved, token: token{15: 1}, version: 7}
	live := &row{id: id, state: stateLive, token: token{15: 1}, version: 7}
	stands := func(r *row, expires string) string {
		return "INSERT INTO " + x.table + " VALUES (" + hex(k) + ", " + hexID(r.id) + ", " + string(rune('0'+r.state)) + ", " + hex(r.token[:]) +
			", 7, " + expires + ", UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))"
	}
	const soon, ago = "UTC_TIMESTAMP(6) + INTERVAL 1 HOUR", "UTC_TIMESTAMP(6) - INTERVAL 1 HOUR"
	return []Statement{
		{"insert", "", x.insert(p, token{15: 2}, time.Minute)},
		{"take", stands(others, ago), x.take(p, others, token{15: 2}, time.Minute)},
		{"hold a reservation", stands(reserved, soon), x.hold(p, reserved, time.Minute)},
		{"hold a live key", stands(live, "NULL"), x.hold(p, live, time.Minute)},
		{"expire", stands(reserved, soon), x.expire(p, reserved)},
		{"expire for all", stands(reserved, soon), x.expireForAll(p, reserved.token)},
		{"enliven", stands(reserved, soon), x.enliven(p, reserved.token)},
		{"remove", stands(live, "NULL"), x.remove(p, live)},
	}
}

// Changed gives a statement as it is after the row has got another version, token
// and state since it was read, one at a time.
func (x *Index) Changed(k string, id gdid.GDID) map[string]string {
	return map[string]string{
		"version": "UPDATE " + x.table + " SET version = 8", "token": "UPDATE " + x.table + " SET token = REPEAT('y', 16)",
		"owner": "UPDATE " + x.table + " SET gdid = REPEAT('z', 12)", "state": "UPDATE " + x.table + " SET state = 3 - state",
	}
}
