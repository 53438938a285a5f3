package dsn

import "strings"

// WithUser gives a DSN of the same server for another account.
func (d DSN) WithUser(user, password string) DSN {
	if d.p == nil {
		return d
	}
	p := **d.p
	p.user, p.password = user, password
	p.config = p.config.Clone()
	p.config.User, p.config.Passwd = user, password
	return dsnOf(&p)
}

// WithAddress gives a DSN of another server with everything else the same. The
// address is what [Parts] takes. The error is an [*Error] and does not show it.
func (d DSN) WithAddress(address string) (DSN, error) {
	if d.p == nil {
		return d, nil
	}
	p := **d.p
	p.network, p.address = "tcp", address
	if strings.HasPrefix(address, "/") {
		p.network = "unix"
	} else {
		var err error
		if p.address, err = hostPort(address); err != nil {
			return DSN{}, err
		}
	}
	return compile(p)
}
