package pool

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"github.com/mdbrouter/mdb/area"
)

// Info is what a server says of itself.
type Info struct {
	Version  string        // as the server gives it
	Identity string        // as [area.Identity] gives it; empty for an engine that has none
	ReadOnly bool          // the server takes no writes
	Latency  time.Duration // of one round trip
}

// Ping opens a connection to the primary of a server as the service's user,
// without a database, asks who answers, and closes it.
func (p *Pools) Ping(ctx context.Context, server string) (Info, error) {
	info, err := p.ping(ctx, key{dial: Dial{Server: server}})
	if err != nil {
		return Info{}, area.Error{Op: "ping", Server: server}.Wrap(err)
	}
	return info, nil
}

func (p *Pools) ping(ctx context.Context, k key) (Info, error) {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed {
		return Info{}, area.ErrClosed
	}
	connector, err := p.connector(k, false)
	if err != nil {
		return Info{}, err
	}
	c, err := connector.open(ctx)
	if err != nil {
		return Info{}, err
	}
	defer c.Close()
	return c.info(ctx, connector.timeout)
}

// info asks a connection for what Info holds. limit bounds it where the context
// does not.
func (c *conn) info(ctx context.Context, limit time.Duration) (Info, error) {
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	variables, err := readVariables(bounded, c.queryer, variablesQuery("version", "read_only", "super_read_only", "server_uuid", "server_uid", "server_id"))
	if err != nil {
		return Info{}, c.overdue(ctx, limit, err)
	}
	began := time.Now()
	if err := c.roundTrip(bounded); err != nil {
		return Info{}, c.overdue(ctx, limit, err)
	}
	return Info{
		Version:  variables["version"],
		Identity: area.Identity(variables),
		ReadOnly: isOn(variables["read_only"]) || isOn(variables["super_read_only"]),
		Latency:  time.Since(began),
	}, nil
}

func (c *conn) roundTrip(ctx context.Context) error {
	if p, ok := c.inner.(driver.Pinger); ok {
		return p.Ping(ctx)
	}
	_, err := readAll(ctx, c.queryer, "SELECT 1")
	return err
}

// overdue tells a limit of ours from the caller's.
func (c *conn) overdue(ctx context.Context, limit time.Duration, err error) error {
	if isContext(err) && ctx.Err() == nil {
		return &unavailableError{text: fmt.Sprintf("no answer within %v", limit)}
	}
	return convert(err, false)
}

// isOn reads a variable that is on or off; read_only has more values on newer
// servers, and all but OFF refuse writes.
func isOn(value string) bool {
	switch strings.ToUpper(value) {
	case "", "OFF", "0":
		return false
	}
	return true
}
