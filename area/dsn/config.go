package dsn

import (
	"net"
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// configOf compiles parameters into the driver's configuration. tls and
// serverPubKey may name what a program registers later, and the driver would
// take the TLS server name from an address it does not have yet: both are left
// for the driver to resolve when it connects.
func configOf(params map[string]string) (*mysql.Config, error) {
	var query strings.Builder
	for name, value := range params {
		if err := checkValue(name, value); err != nil {
			return nil, err
		}
		if name == "tls" || name == "serverPubKey" {
			continue
		}
		if query.Len() > 0 {
			query.WriteByte('&')
		}
		query.WriteString(name + "=" + url.QueryEscape(value))
	}
	cfg, err := mysql.ParseDSN("/?" + query.String())
	if err != nil { // the driver's text may quote a value
		return nil, &Error{Reason: "the driver does not take a parameter's value"}
	}
	cfg.TLSConfig = params["tls"]
	if on, ok := boolOf(params["tls"]); ok {
		cfg.TLSConfig = "false"
		if on {
			cfg.TLSConfig = "true"
		}
	}
	cfg.ServerPubKey = params["serverPubKey"]
	if _, given := params["interpolateParams"]; !given {
		cfg.InterpolateParams = true
	}
	cfg.Logger = &mysql.NopLogger{} // the driver's own prints to stderr
	return cfg, nil
}

// Config gives the driver's configuration, password and all; the caller owns
// it. InterpolateParams is on unless the parameters say otherwise, since a
// prepared statement doubles the round trips, and the driver's logger is silent.
// The zero DSN gives nil.
func (d DSN) Config() *mysql.Config {
	if d.p == nil {
		return nil
	}
	return (*d.p).config.Clone()
}

// Secret gives the whole DSN as text, password and all. It is meant for the
// environment of a child process and nothing else.
func (d DSN) Secret() string {
	if d.p == nil {
		return ""
	}
	return (*d.p).config.FormatDSN()
}

// ClientOptions gives what belongs into the [client] section of an option file
// of the mysql client: host and port or socket, user, password. The file must be
// readable by its owner alone.
func (d DSN) ClientOptions() map[string]string {
	if d.p == nil {
		return nil
	}
	options := map[string]string{}
	if (*d.p).network == "unix" {
		options["socket"] = (*d.p).address
	} else {
		options["protocol"] = "tcp"
		options["host"] = (*d.p).address
		if host, port, err := net.SplitHostPort((*d.p).address); err == nil {
			options["host"], options["port"] = host, port
		}
	}
	if (*d.p).user != "" {
		options["user"] = (*d.p).user
	}
	if (*d.p).password != "" {
		options["password"] = (*d.p).password
	}
	return options
}
