package central

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"time"

	"github.com/mdbrouter/mdb/gdid"
)

// The states of a row.
const (
	stateReserved = 1
	stateLive     = 2
)

// A token tells one reservation from every other.
type token [16]byte

func newToken() token {
	var t token
	_, _ = rand.Read(t[:]) // never fails
	return t
}

// A row is what stands in an index for a key, read from its server. Every change
// of a row gives it another token or version, or ends its reservation.
type row struct {
	id      gdid.GDID
	state   int
	token   token
	version uint32
	expired bool // of a reservation, by the server's clock
}

// read gives the row of a place, or nil when there is none. It fails when the
// shard has another layout.
func (x *Index) read(ctx context.Context, p place) (now *row, err error) {
	began, _ := p.shard.silence.begin()
	defer func() { p.shard.silence.end(began, err) }()
	db, err := x.open(ctx, p.shard)
	if err != nil {
		return nil, err
	}
	var same bool
	var id, tok []byte
	var state, version sql.Null[int64]
	var expired sql.Null[bool]
	err = db.QueryRowContext(ctx, x.selectRow(p)).Scan(&same, &id, &state, &tok, &version, &expired)
	switch {
	case err != nil:
		return nil, p.shard.empty(err)
	case !same:
		return nil, p.shard.differs()
	case id == nil:
		return nil, nil //nolint:nilnil // nothing is the answer
	}
	r := &row{state: int(state.V), version: uint32(version.V), expired: expired.V}
	if r.id, err = idOf(id); err != nil {
		return nil, err
	}
	copy(r.token[:], tok)
	return r, nil
}

// empty explains that a shard lacks the row that says what it is.
func (s *shard) empty(err error) error {
	if err == sql.ErrNoRows { //nolint:errorlint // Scan gives it bare
		return s.differs()
	}
	return err
}

func idOf(b []byte) (gdid.GDID, error) {
	if len(b) != gdid.Size {
		return gdid.GDID{}, fmt.Errorf("an id of %d bytes stands in the index", len(b))
	}
	return gdid.FromBytes([gdid.Size]byte(b)), nil
}

// hex gives bytes as a literal of SQL. Statements are sent with their values in
// them: one round trip whatever the DSN says, and nothing to quote.
func hex[T ~string | ~[]byte](b T) string { return fmt.Sprintf("x'%x'", string(b)) }

func hexID(id gdid.GDID) string {
	b := id.Bytes()
	return hex(b[:])
}

// at gives the condition that picks the row of a place.
func (x *Index) at(p place) string {
	if x.spec.Unique {
		return "i.`key` = " + hex(p.key)
	}
	return "i.`key` = " + hex(p.key) + " AND i.gdid = " + hexID(p.id)
}

// selectRow always gives one row, which says whether the layout is ours.
func (x *Index) selectRow(p place) string {
	return "SELECT s.layout = " + p.shard.layout + ", i.gdid, i.state, i.token, i.version, i.expires <= UTC_TIMESTAMP(6)" +
		" FROM mdb_shard s LEFT JOIN " + x.table + " i ON " + x.at(p) + " WHERE s.one = 1"
}

// checked joins the row that says what the shard is. Statements that write read it
// under a share lock until they commit, so that the layout cannot change beneath.
func (s *shard) checked() string { return " JOIN mdb_shard s ON s.one = 1 AND s.layout = " + s.layout }

func later(ttl time.Duration) string {
	return fmt.Sprintf("UTC_TIMESTAMP(6) + INTERVAL %d MICROSECOND", ttl.Microseconds())
}

// insert reserves a key that nobody has. It changes nothing where the layout is
// another, and fails where the row stands already.
func (x *Index) insert(p place, t token, ttl time.Duration) string {
	return "INSERT INTO " + x.table + " (`key`, gdid, state, token, version, expires, created, changed)" +
		fmt.Sprintf(" SELECT %s, %s, %d, %s, 1, %s, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)", hex(p.key), hexID(p.id), stateReserved, hex(t[:]), later(ttl)) +
		" FROM mdb_shard WHERE one = 1 AND layout = " + p.shard.layout + " LOCK IN SHARE MODE"
}

// take gives a reservation that was settled to another owner or token.
func (x *Index) take(p place, old *row, t token, ttl time.Duration) string {
	return "UPDATE " + x.table + " i" + p.shard.checked() +
		fmt.Sprintf(" SET i.gdid = %s, i.token = %s, i.version = i.version + 1, i.expires = %s, i.created = UTC_TIMESTAMP(6), i.changed = UTC_TIMESTAMP(6)",
			hexID(p.id), hex(t[:]), later(ttl)) +
		" WHERE " + x.at(p) + old.unchanged()
}

// hold takes note that its owner relies on a row once more, so that whoever knew
// the row before neither cancels nor releases it. An expired reservation is not
// held: others may be ending it at this moment.
func (x *Index) hold(p place, old *row, ttl time.Duration) string {
	return "UPDATE " + x.table + " i" + p.shard.checked() +
		fmt.Sprintf(" SET i.version = i.version + 1, i.expires = IF(i.state = %d, GREATEST(i.expires, %s), NULL), i.changed = UTC_TIMESTAMP(6)", stateReserved, later(ttl)) +
		" WHERE " + x.at(p) + old.unchanged() + fmt.Sprintf(" AND (i.state = %d OR i.expires > UTC_TIMESTAMP(6))", stateLive)
}

// expire ends a reservation's time unless somebody has joined it. Claims become void
// only after that, so that nobody joins a reservation that is of no use.
func (x *Index) expire(p place, old *row) string {
	return x.ends(p) + " WHERE " + x.at(p) + old.unchanged()
}

// expireForAll ends a reservation's time, whoever holds it.
func (x *Index) expireForAll(p place, t token) string { return x.ends(p) + x.reservedBy(p, t) }

func (x *Index) ends(p place) string {
	return "UPDATE " + x.table + " i" + p.shard.checked() +
		" SET i.version = i.version + 1, i.expires = UTC_TIMESTAMP(6), i.changed = UTC_TIMESTAMP(6)"
}

// enliven makes a reservation live, whoever holds it.
func (x *Index) enliven(p place, t token) string {
	return "UPDATE " + x.table + " i" + p.shard.checked() +
		fmt.Sprintf(" SET i.state = %d, i.expires = NULL, i.changed = UTC_TIMESTAMP(6)", stateLive) + x.reservedBy(p, t)
}

// reservedBy picks the reservation with a token.
func (x *Index) reservedBy(p place, t token) string {
	return fmt.Sprintf(" WHERE %s AND i.gdid = %s AND i.token = %s AND i.state = %d", x.at(p), hexID(p.id), hex(t[:]), stateReserved)
}

// remove deletes a row that is still what it was.
func (x *Index) remove(p place, old *row) string {
	return "DELETE i FROM " + x.table + " i" + p.shard.checked() + " WHERE " + x.at(p) + old.unchanged()
}

// is reports whether a row is still what it was, as [row.unchanged] demands.
func (r *row) is(old *row) bool {
	return r.id == old.id && r.token == old.token && r.version == old.version && r.state == old.state
}

// unchanged demands that a row is what was read.
func (r *row) unchanged() string {
	return fmt.Sprintf(" AND i.gdid = %s AND i.token = %s AND i.version = %d AND i.state = %d", hexID(r.id), hex(r.token[:]), r.version, r.state)
}
