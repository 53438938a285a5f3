package hcl

import (
	"strings"
	"time"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/mdbrouter/mdb/area/dsn"
)

// longLifetime is where the driver's advice ends: a connection that is replaced
// before meets fewer that a server or a box between has closed.
const longLifetime = 5 * time.Minute

// end is an endpoint and the block that declares it.
type end struct {
	n *node // a server or a replica
	Endpoint
}

// title names the endpoint in a message.
func (e *end) title() string {
	if e.n.spec.name == "replica" {
		return "replica " + quote(e.n.label) + " of server " + quote(e.n.parent.label)
	}
	return "server " + quote(e.n.label)
}

// ends gives all endpoints, each server's primary before its replicas.
func (l *linter) ends() []end {
	var all []end
	for i, n := range l.root.all("server") {
		s := &l.declared[i]
		all = append(all, end{n, s.Primary})
		for j, r := range n.all("replica") {
			all = append(all, end{r, s.Replicas[j]})
		}
	}
	return all
}

// reach gives what is known of how an endpoint is reached: its DSN, or else one
// of its address alone.
func (e *end) reach() (dsn.DSN, bool) {
	if e.Known {
		return e.DSN, true
	}
	if e.n.arg("address").state != known {
		return dsn.DSN{}, false
	}
	d, err := dsn.Build(dsn.Parts{Address: e.n.text("address")})
	return d, err == nil
}

// place gives where the endpoint's address stands.
func (e *end) place() hclv2.Range {
	for _, name := range []string{"dsn", "address"} {
		if v := e.n.arg(name); v.state != absent {
			return v.at
		}
	}
	return e.n.at
}

// dsnDatabases reports DSNs that name a database.
func (l *linter) dsnDatabases() {
	for _, e := range l.ends() {
		if e.n.arg("dsn").state != known || !e.Known || e.DSN.Database() == "" {
			continue
		}
		d := l.found.add(ruleDSNDatabase, e.place(), "the database in the DSN of %s is ignored; shards name databases", e.title())
		d.Address = e.n.address()
		d.Help = "let the DSN end with a slash, before the parameters"
	}
}

// duplicateAddresses reports endpoints that are one mysqld.
func (l *linter) duplicateAddresses() {
	first := map[string]end{}
	for _, e := range l.ends() {
		d, ok := e.reach()
		if !ok {
			continue
		}
		key := d.Network() + " " + strings.ToLower(d.Address())
		other, taken := first[key]
		if !taken {
			first[key] = e
			continue
		}
		out := l.found.add(ruleDuplicateAddress, e.place(), "%s has the address of %s", e.title(), other.title())
		out.Address = e.n.address()
		out.Detail = "what is on both fails together"
		out.relate(other.place(), "%s is here", other.title())
	}
}

// gap is one thing that the connections to some servers lack, and where it would
// be mended.
type gap struct {
	kind dsn.FaultKind
	at   Range
}

// transport reports connections that may hang for ever, or can be listened to.
// What is so for want of an argument in server_defaults is said once, there.
func (l *linter) transport() {
	ends := map[gap][]end{}
	var order []gap
	places := map[gap]hclv2.Range{}
	for _, e := range l.ends() {
		faults, at := l.transportOf(&e)
		for _, f := range faults {
			g := gap{f, rangeOf(at)}
			if ends[g] == nil {
				order = append(order, g)
				places[g] = at
			}
			ends[g] = append(ends[g], e)
		}
	}
	for _, g := range order {
		l.gap(g.kind, places[g], ends[g])
	}
}

// transportOf gives what the connections to an endpoint lack. Replicas without a
// DSN of their own lack what their server does.
func (l *linter) transportOf(e *end) (kinds []dsn.FaultKind, at hclv2.Range) {
	d, at := e.DSN, e.place()
	if !e.n.written("dsn") {
		if e.n.spec.name == "replica" {
			return nil, at
		}
		params, set := l.serverParams(e.n)
		bare, ok := e.reach()
		if !ok || set.broken || len(set.missing) > 0 {
			return nil, at
		}
		if !e.Known { // the user or the password is unset, which plays no part
			filled, err := bare.FillParams(plain(params))
			if err != nil {
				return nil, at
			}
			d = filled
		}
		at = l.paramsPlace(e.n)
	}
	for _, f := range d.Check() {
		switch f.Kind {
		case dsn.NoTimeout, dsn.SkipVerify:
			kinds = append(kinds, f.Kind)
		case dsn.NoTLS:
			if !d.Loopback() {
				kinds = append(kinds, f.Kind)
			}
		default: // errors
		}
	}
	return kinds, at
}

// paramsPlace gives where a server's parameters stand, or would.
func (l *linter) paramsPlace(n *node) hclv2.Range {
	if v := n.arg("params"); v.state != absent {
		return v.name
	}
	if l.defaults == nil {
		return n.at
	}
	if v := l.defaults.arg("params"); v.state != absent {
		return v.name
	}
	return l.defaults.at
}

func (l *linter) gap(kind dsn.FaultKind, at hclv2.Range, ends []end) {
	who := ends[0].title()
	if n := len(ends) - 1; n > 0 {
		who += " and " + itoa(n) + " more"
	}
	var d *Diagnostic
	switch kind {
	case dsn.NoTimeout:
		d = l.found.add(ruleNoTimeout, at, "none of timeout, readTimeout, writeTimeout for %s: a dead server blocks for ever", who)
		d.Help = `write params = { timeout = "2s", readTimeout = "30s", writeTimeout = "30s" }`
	case dsn.SkipVerify:
		d = l.found.add(ruleNoTLS, at, "tls=skip-verify for %s trusts whoever answers at the address", who)
		d.Severity = Warning
		d.Help = `write tls = "true", and let the servers have certificates that clients can verify`
	default:
		d = l.found.add(ruleNoTLS, at, "connections to %s are not encrypted", who)
		d.Help = `write params = { tls = "true" }, unless the network between is trusted`
	}
	d.Address = ends[0].n.address()
	if l.defaults != nil && rangeOf(at).Filename == rangeOf(l.defaults.at).Filename && (at == l.defaults.at || at == l.defaults.arg("params").name) {
		d.Address = l.defaults.address()
	}
}

// poolBounds reports written bounds that make connections come and go.
func (l *linter) poolBounds() {
	var defaults *node
	if l.defaults != nil {
		defaults = l.defaults.one("pool")
	}
	l.poolBoundsOf(defaults, nil)
	for _, n := range l.root.all("server") {
		l.poolBoundsOf(n.one("pool"), defaults)
	}
}

// poolBoundsOf checks one block; what it does not say, outer may.
func (l *linter) poolBoundsOf(n, outer *node) {
	if n == nil {
		return
	}
	number := func(name string) (*value, int, bool) {
		for _, from := range []*node{n, outer} {
			if from == nil {
				continue
			}
			if v := from.arg(name); v.state != absent {
				return v, from.whole(name), v.state == known
			}
		}
		return nil, 0, false
	}
	idle, mostIdle, ok := number("max_idle")
	open, mostOpen, alsoOpen := number("max_open")
	own := n.arg("max_idle").state == known || n.arg("max_open").state == known
	if ok && alsoOpen && own && mostIdle != mostOpen {
		at := idle.at
		if n.arg("max_idle").state != known {
			at = open.at
		}
		d := l.found.add(rulePoolBounds, at, "max_idle %s is not max_open %s", idle.number(mostIdle), open.number(mostOpen))
		d.Address = n.address()
		d.Detail = "connections above max_idle are closed after every use"
		if mostIdle > mostOpen {
			d.Detail = "there are never more idle connections than open ones"
		}
		d.Help = "leave max_idle out: it is max_open then"
		if plainNumber(open) && (at == open.at || plainNumber(idle)) {
			l.mendIdle(d, open, mostIdle, mostOpen)
		}
	}
	if v := n.arg("max_lifetime"); v.state == known && valueOf[time.Duration](n, "max_lifetime") >= longLifetime {
		d := l.found.add(rulePoolBounds, v.at, "max_lifetime is 5 minutes or more")
		d.Address = n.address()
		d.Detail = "servers, firewalls and load balancers close connections that are older"
		d.Help = `write max_lifetime = "4m", or less`
		if was, ok := literal(v.expr); ok {
			d.mending(rangeOf(v.at), was, "4m")
		}
	}
}

// plainNumber reports whether an argument is written as a number.
func plainNumber(v *value) bool {
	x, ok := v.expr.(*hclsyntax.LiteralValueExpr)
	return ok && x.Val.Type() == cty.Number
}

// mendIdle lets a finding write max_idle as max_open: in its place, or after a
// max_open that is not what server_defaults has for max_idle.
func (l *linter) mendIdle(d *Diagnostic, open *value, mostIdle, mostOpen int) {
	at := rangeOf(open.at)
	if d.Range != at {
		d.mending(d.Range, itoa(mostIdle), itoa(mostOpen))
		return
	}
	text := l.fileNamed(at.Filename).text
	name, end := open.name.Start.Byte, at.End.Byte
	indent := trailingBlanks(text[:name])
	insert := `, "max_idle": ` + itoa(mostOpen)
	if text[name] != '"' {
		insert = "\n" + string(indent) + "max_idle = " + itoa(mostOpen)
		if start := name - len(indent); start == 0 || text[start-1] != '\n' {
			return // a block of one line has one argument
		}
	}
	d.mends = []mend{{span: span{end, end}, text: insert}}
}

// replicaZones reports replicas that fail together with their primary.
func (l *linter) replicaZones() {
	for _, e := range l.ends() {
		if e.n.spec.name != "replica" || e.n.arg("zone").state != known || e.n.parent.arg("zone").state != known {
			continue
		}
		zone, server := e.n.text("zone"), e.n.parent
		if zone == "" || zone != server.text("zone") {
			continue
		}
		d := l.found.add(ruleReplicaZone, e.n.arg("zone").at, "%s is in its zone %s", e.title(), e.n.arg("zone").shown(zone))
		d.Address = e.n.address()
		d.Detail = "both are gone when the zone is"
		d.relate(server.arg("zone").at, "the zone of %s is here", server.title())
	}
}
