package dsn

import (
	"fmt"
	"io"
	"log/slog"
)

// String gives network, address and database: "tcp(u1.db:3306)/user_p0_0".
// User, password and parameters are left out.
func (d DSN) String() string {
	if d.p == nil {
		return "(no dsn)"
	}
	network := "custom" // a mistyped DSN may have anything here
	switch (*d.p).network {
	case "tcp", "tcp4", "tcp6", "unix":
		network = (*d.p).network
	}
	return network + "(" + (*d.p).address + ")/" + (*d.p).database
}

// Format prints [DSN.String] whatever the verb.
func (d DSN) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, d.String()) }

// GoString gives [DSN.String].
func (d DSN) GoString() string { return d.String() }

// LogValue gives [DSN.String].
func (d DSN) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalText gives [DSN.String], for JSON too. There is no way back.
func (d DSN) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String gives the address.
func (p Parts) String() string { return "parts(" + p.Address + ")" }

// Format prints [Parts.String] whatever the verb.
func (p Parts) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// GoString gives [Parts.String].
func (p Parts) GoString() string { return p.String() }

// LogValue gives [Parts.String].
func (p Parts) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText gives [Parts.String], for JSON too.
func (p Parts) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// GobEncode gives [Parts.String].
func (p Parts) GobEncode() ([]byte, error) { return []byte(p.String()), nil }
