package hcl

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/mdbrouter/mdb/area/dsn"
)

// access is what reaches an endpoint, as far as it is known: dsn may be without
// the user, the password or the parameters that are missing. It is zero if the
// address is.
type access struct {
	dsn     dsn.DSN
	missing []string // what is not set
	broken  bool     // reported
}

// need reports whether a value is there, and remembers why not.
func (a *access) need(v *value) bool {
	if v.state == unknown {
		a.missing = append(slices.Clip(a.missing), v.missing) // others go on from the same
	}
	a.broken = a.broken || v.state == broken
	return v.state == known
}

// endpoint gives the endpoint that access leads to.
func (a access) endpoint(name, zone string) Endpoint {
	e := Endpoint{Name: name, Zone: zone, partial: a.dsn}
	if a.broken || len(a.missing) > 0 {
		e.Missing = strings.Join(a.missing, ", ")
		return e
	}
	e.DSN, e.Known = a.dsn, !a.dsn.IsZero()
	return e
}

// as gives access with a user and a password; what is absent is empty.
func (a access) as(user, password *value) access {
	if user.state != absent {
		a.need(user)
	}
	if password.state != absent {
		a.need(password)
	}
	name, _ := user.v.(string)
	secret, _ := password.v.(string)
	a.dsn = a.dsn.WithUser(name, secret)
	return a
}

// inherited gives an argument of a server, or else of server_defaults.
func (c *compiler) inherited(n *node, name string) *value {
	if v := n.arg(name); v.state != absent || c.defaults == nil {
		return v
	}
	return c.defaults.arg(name)
}

// server reads one server: its endpoints and the rules on them.
func (c *compiler) server(n *node) Server {
	s := Server{Name: n.label, Zone: n.text("zone")}
	params, set := c.serverParams(n)
	base := c.base(n, params, set)
	primary := c.primary(n, base)
	s.Primary = primary.endpoint("", s.Zone)
	s.Admin = c.admin(n, base, primary).endpoint("", s.Zone)
	for _, r := range n.all("replica") {
		s.Replicas = append(s.Replicas, c.replica(r, primary, params, set).endpoint(r.label, r.text("zone")))
	}
	c.pool(n, &s.Primary)
	for i := range s.Replicas {
		c.pool(n, &s.Replicas[i])
	}
	c.pool(n, &s.Admin)
	return s
}

// base gives access to the server's primary, as nobody unless a dsn says as whom.
// set is what is known of the parameters.
func (c *compiler) base(n *node, params map[string]param, set access) access {
	whole, address := n.arg("dsn"), n.arg("address")
	switch {
	case whole.state != absent:
		c.dsnAndParts(n, whole, address, n.arg("user"), n.arg("password"))
		return c.wholeDSN(n, whole, params, set)
	case address.state == absent:
		c.noAddress(n)
		set.broken = true
		return set
	}
	c.checkParams(n, nil, params, set, address.at)
	if !set.need(address) {
		return set
	}
	d, err := dsn.Build(dsn.Parts{Address: n.text("address")})
	if err != nil {
		c.badAddress(n, address, err)
		set.broken = true
		return set
	}
	return c.fill(set, d, params)
}

// primary gives access to the server's primary as the service's user.
func (c *compiler) primary(n *node, base access) access {
	c.plaintext(n, n.arg("password"))
	if c.defaults != nil {
		c.plaintext(c.defaults, c.defaults.arg("password"))
	}
	if n.written("dsn") {
		return base
	}
	return base.as(c.inherited(n, "user"), c.inherited(n, "password"))
}

// noAddress reports a server or replica that cannot be reached.
func (c *compiler) noAddress(n *node) {
	if n.written("address") || n.written("dsn") {
		return // misspelt
	}
	d := c.found.add(ruleMissingArgument, n.at, "%s needs %q or %q", n.title(), "address", "dsn")
	d.Address = n.address()
	d.Help = `write address = "host:3306", or dsn = env("NAME")`
}

// fill adds the parameters; what is wrong with them has been reported.
func (c *compiler) fill(a access, d dsn.DSN, params map[string]param) access {
	filled, err := d.FillParams(plain(params))
	if err != nil {
		filled = d
	}
	a.dsn, a.broken = filled, a.broken || err != nil
	return a
}

func (c *compiler) badAddress(n *node, v *value, err error) {
	d := c.found.add(ruleBadDSN, v.at, "the address of %s is not valid", n.title())
	d.Address = n.address()
	d.Detail = reasonOf(err)
	d.Help = `write "host", "host:port" or the path of a socket`
	if text, _ := v.v.(string); strings.Contains(text, "@") {
		d.Help = "write the host and port alone; user and password are arguments of their own"
	}
}

// reasonOf gives the reason of an error of package dsn, which shows no value.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*dsn.Error](err); ok {
		if e.Param != "" {
			return "parameter " + e.Param + ": " + e.Reason
		}
		return e.Reason
	}
	return "text withheld"
}

func (c *compiler) dsnAndParts(n *node, whole *value, parts ...*value) {
	for _, v := range parts {
		if v.state == absent {
			continue
		}
		d := c.found.add(ruleDSNAndParts, v.name, "%s has a dsn and parts of one", n.title())
		d.Address = n.address()
		d.Detail = "use either dsn or address, user and password"
		d.relate(whole.name, "the dsn is here")
		return
	}
}

// wholeDSN reads an argument dsn. set is what is known of the parameters.
func (c *compiler) wholeDSN(n *node, v *value, params map[string]param, set access) access {
	a := set
	if !a.need(v) {
		c.checkParams(n, nil, params, set, v.at)
		return a
	}
	d, err := dsn.Parse(valueOf[string](n, "dsn"))
	if err != nil {
		out := c.found.add(ruleBadDSN, v.at, "the DSN of %s does not parse (text withheld)", n.title())
		out.Address = n.address()
		out.Detail = reasonOf(err)
		a.broken = true
		return a
	}
	if d.HasPassword() && (!v.outside || writesPassword(v.expr)) {
		if out := c.atLiteral(v, "the DSN of %s has its password in the file", n.title()); out != nil {
			out.Address = n.address()
			out.Help = `write dsn = env("NAME")`
		}
	}
	c.checkParams(n, &d, params, set, v.at)
	return c.fill(a, d, params)
}

var passwordInDSN = regexp.MustCompile(`^[^/@]*:[^@]+@`)

// writesPassword reports whether the literal text at the begin of a template
// has a password.
func writesPassword(x hclsyntax.Expression) bool {
	t, ok := x.(*hclsyntax.TemplateExpr)
	if !ok || len(t.Parts) == 0 {
		return false
	}
	first, ok := t.Parts[0].(*hclsyntax.LiteralValueExpr)
	return ok && first.Val.Type() == cty.String && passwordInDSN.MatchString(first.Val.AsString())
}

// plaintext reports a password that stands in the files.
func (c *compiler) plaintext(n *node, v *value) {
	text, _ := v.v.(string)
	if v.state != known || v.outside || text == "" || c.checked[rangeOf(v.at)] {
		return
	}
	c.checked[rangeOf(v.at)] = true
	d := c.atLiteral(v, "the password of %s stands in the file", n.title())
	if d == nil {
		return
	}
	d.Address = n.address()
	d.Detail = "whoever reads the file can use it"
	d.Help = "take it from env(\"NAME\") or a sensitive variable without a default, and change the password: git keeps this one"
}

// atLiteral reports a secret where it stands: at the default of the variable, or
// at the local, that an argument names. It gives nil if that was reported before.
func (c *compiler) atLiteral(v *value, format string, args ...any) *Diagnostic {
	x := v.expr
	for range maxNear { // a cycle of locals has been reported
		if wrap, ok := x.(*hclsyntax.TemplateWrapExpr); ok {
			x = wrap.Wrapped
		}
		t, ok := x.(*hclsyntax.ScopeTraversalExpr)
		if !ok || len(t.Traversal) != 2 {
			break
		}
		next := c.origin(t.Traversal)
		if next == nil {
			break
		}
		x = next
	}
	if _, ok := literal(x); !ok || x.Range() == v.at {
		return c.found.add(rulePlaintext, v.at, format, args...)
	}
	at := rangeOf(x.Range())
	if first := c.literals[at]; first != nil {
		first.relate(v.at, "it is used here")
		return nil
	}
	c.literals[at] = c.found.add(rulePlaintext, x.Range(), format, args...)
	c.literals[at].relate(v.at, "it is used here")
	return c.literals[at]
}

// origin gives the default of the variable, or the local, of a name.
func (c *compiler) origin(t hclv2.Traversal) hclsyntax.Expression {
	name, _ := step(t)
	switch t.RootName() {
	case "local":
		return c.locals[name]
	case "var":
		if n := c.variables[name]; n != nil {
			return n.arg("default").expr
		}
	}
	return nil
}

// admin gives access as the user that may create databases.
func (c *compiler) admin(n *node, base, primary access) access {
	block := n.one("admin")
	if block == nil && !n.written("dsn") && c.defaults != nil {
		block = c.defaults.one("admin") // user and password of the defaults do not apply to a dsn
	}
	if block == nil {
		return primary
	}
	c.plaintext(block, block.arg("password"))
	return base.as(block.arg("user"), block.arg("password"))
}

// replica gives access to a replica of a server. set is what is known of the
// parameters.
func (c *compiler) replica(n *node, primary access, params map[string]param, set access) access {
	whole, address := n.arg("dsn"), n.arg("address")
	a := access{missing: primary.missing, broken: primary.broken}
	switch {
	case whole.state != absent:
		c.dsnAndParts(n, whole, address)
		a = c.wholeDSN(n, whole, params, set)
	case address.state == absent:
		c.noAddress(n)
		a.broken = true
	case a.need(address):
		c.replicaAddress(n, address, primary, &a)
	}
	if !a.dsn.IsZero() && !primary.dsn.IsZero() {
		c.replicaIsPrimary(n, whole, address, a.dsn, primary.dsn)
	}
	return a
}

func (c *compiler) replicaAddress(n *node, address *value, primary access, a *access) {
	_, err := dsn.Build(dsn.Parts{Address: n.text("address")})
	if err != nil {
		c.badAddress(n, address, err)
		a.broken = true
		return
	}
	a.dsn, err = primary.dsn.WithAddress(n.text("address"))
	a.broken = a.broken || err != nil
}

func (c *compiler) replicaIsPrimary(n *node, whole, address *value, replica, primary dsn.DSN) {
	if replica.Network() != primary.Network() || !strings.EqualFold(replica.Address(), primary.Address()) {
		return
	}
	at := address.at
	if whole.state != absent {
		at = whole.at
	}
	d := c.found.add(ruleReplicaIsPrimary, at, "replica %q has the address of its server %q", n.label, n.parent.label)
	d.Address = n.address()
	d.Detail = "a replica is another mysqld"
}

// pool sets the bounds of an endpoint's pool.
func (c *compiler) pool(n *node, e *Endpoint) {
	for _, from := range []*node{c.defaults, n} {
		if from == nil {
			continue
		}
		block := from.one("pool")
		if block == nil {
			continue
		}
		if v := block.arg("max_open"); v.state == known {
			e.MaxOpen = block.whole("max_open")
		}
		if v := block.arg("max_idle"); v.state == known {
			e.MaxIdle = block.whole("max_idle")
		}
		if v := block.arg("max_lifetime"); v.state == known {
			e.MaxLifetime = valueOf[time.Duration](block, "max_lifetime")
		}
	}
}
