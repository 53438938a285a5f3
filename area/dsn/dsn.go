package dsn

import (
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
)

const defaultPort = "3306"

// A DSN says how one server is reached, and as whom. The zero DSN reaches none.
// A DSN never changes; the With and Fill methods give another one.
type DSN struct {
	// fmt cannot call the methods of a DSN in an unexported field of somebody's
	// struct, and for a verb that does not fit it prints what a pointer points
	// to; only a pointer to a pointer is an address to every verb.
	p **parsed
}

type parsed struct {
	user, password string
	network        string
	address        string
	database       string
	params         map[string]string // as written, values unescaped
	config         *mysql.Config     // compiled from all of the above
}

// Parts are a server's address and credentials as single values.
type Parts struct {
	// Address is host:port (the port defaults to 3306) or the absolute path of
	// a unix socket.
	Address  string
	User     string
	Password string
	// Params are driver parameters and session variables, values unescaped.
	Params map[string]string
}

// Parse reads a data source name in the driver's form,
// user:password@tcp(host:port)/database?param=value. TLS configurations and
// server keys that a program registers with the driver need not be registered
// yet. The error is an [*Error] and shows nothing of the text.
func Parse(text string) (DSN, error) {
	slash := strings.LastIndexByte(text, '/')
	if slash < 0 {
		return DSN{}, &Error{Reason: `there is no "/" after the address; want user:password@tcp(host:port)/`}
	}
	endpoint, err := parseEndpoint(text[:slash+1])
	if err != nil {
		return DSN{}, err
	}
	name, query, _ := strings.Cut(text[slash+1:], "?")
	database, err := url.PathUnescape(name)
	if err != nil {
		return DSN{}, &Error{Reason: "the database name has a bad escape"}
	}
	params, err := parseQuery(query)
	if err != nil {
		return DSN{}, err
	}
	return compile(parsed{
		user: endpoint.User, password: endpoint.Passwd,
		network: endpoint.Net, address: endpoint.Addr, database: database, params: params,
	})
}

// parseEndpoint lets the driver read user, password, network and address.
func parseEndpoint(text string) (*mysql.Config, error) {
	cfg, err := mysql.ParseDSN(text)
	if err != nil { // the driver's text may quote the password
		return nil, &Error{Reason: "the address does not parse; want user:password@tcp(host:port)/ or user:password@unix(/path)/"}
	}
	return cfg, nil
}

// Build makes a DSN of parts. The error is an [*Error] and shows none of the
// values.
func Build(parts Parts) (DSN, error) {
	if strings.ContainsFunc(parts.Address, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return DSN{}, &Error{Reason: "the address has a space or a control character"}
	}
	network, address := "tcp", parts.Address
	switch {
	case address == "":
		return DSN{}, &Error{Reason: "the address is empty"}
	case strings.HasPrefix(address, "/"):
		network = "unix"
	default:
		var err error
		if address, err = hostPort(address); err != nil {
			return DSN{}, err
		}
	}
	return compile(parsed{
		user: parts.User, password: parts.Password,
		network: network, address: address, params: maps.Clone(parts.Params),
	})
}

// hostPort adds the default port, and refuses what is no host and port.
func hostPort(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	switch {
	case err == nil:
	case strings.Contains(address, "]") || strings.Count(address, ":") == 1:
		return "", &Error{Reason: "the address is not host:port"}
	default: // a bare host, or a bare IPv6 address
		host, port = address, defaultPort
		if strings.Contains(host, ":") && net.ParseIP(host) == nil {
			return "", &Error{Reason: "the address is not host:port"}
		}
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", &Error{Reason: "the port is not a number from 1 to 65535"}
	}
	if host == "" || strings.ContainsAny(host, "()@/?") {
		return "", &Error{Reason: "the address has no host"}
	}
	return net.JoinHostPort(host, port), nil
}

// compile checks the parameters and builds the driver's configuration.
func compile(p parsed) (DSN, error) {
	cfg, err := configOf(p.params)
	if err != nil {
		return DSN{}, err
	}
	cfg.User, cfg.Passwd = p.user, p.password
	cfg.Net, cfg.Addr, cfg.DBName = p.network, p.address, p.database
	p.config = cfg
	return dsnOf(&p), nil
}

func dsnOf(p *parsed) DSN { return DSN{p: &p} }

// FillParams gives a DSN that also has those parameters which d lacks.
func (d DSN) FillParams(defaults map[string]string) (DSN, error) {
	if d.p == nil {
		return d, nil
	}
	p := **d.p
	p.params = maps.Clone(defaults)
	if p.params == nil {
		p.params = make(map[string]string, len((*d.p).params))
	}
	maps.Copy(p.params, (*d.p).params)
	return compile(p)
}

// WithDatabase gives a DSN of the same server for another database. The empty
// name means none.
func (d DSN) WithDatabase(name string) DSN {
	if d.p == nil {
		return d
	}
	p := **d.p
	p.database = name
	p.config = p.config.Clone()
	p.config.DBName = name
	return dsnOf(&p)
}

// IsZero reports whether d reaches no server.
func (d DSN) IsZero() bool { return d.p == nil }

// Network is "tcp", "unix" or a network that the program registers with the
// driver.
func (d DSN) Network() string {
	if d.p == nil {
		return ""
	}
	return (*d.p).network
}

// Address is host:port, or the path of a unix socket.
func (d DSN) Address() string {
	if d.p == nil {
		return ""
	}
	return (*d.p).address
}

// User is the account's name.
func (d DSN) User() string {
	if d.p == nil {
		return ""
	}
	return (*d.p).user
}

// HasPassword reports whether there is a password.
func (d DSN) HasPassword() bool { return d.p != nil && (*d.p).password != "" }

// Database is the database that the text names, if any.
func (d DSN) Database() string {
	if d.p == nil {
		return ""
	}
	return (*d.p).database
}

// Params are the names of the parameters that were given, sorted.
func (d DSN) Params() []string {
	if d.p == nil {
		return nil
	}
	return slices.Sorted(maps.Keys((*d.p).params))
}

// Loopback reports whether the server is on this machine, as far as the address
// tells.
func (d DSN) Loopback() bool {
	if d.p == nil {
		return false
	}
	if (*d.p).network == "unix" {
		return true
	}
	host, _, err := net.SplitHostPort((*d.p).address)
	if err != nil {
		return false
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
