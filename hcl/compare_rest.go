package hcl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/dsn"
)

// briefcases reports tables, keys and areas of briefcases that have changed.
func (c *comparer) briefcases() {
	was, now := c.was.Registry.Topology().Briefcases, c.now.Registry.Topology().Briefcases
	renamed := c.renamedBriefcases()
	for i := range was {
		old := &was[i]
		at := func(name string) int {
			return slices.IndexFunc(now, func(b area.Briefcase) bool { return b.Name == name })
		}
		if j := at(old.Name); j >= 0 {
			c.briefcase(old, &now[j])
			continue
		}
		if name, ok := renamed[old.Name]; ok {
			d := c.change(ruleLabelChanged, Safe, c.nowPlaces.block("briefcase", name), "briefcase %q is now called %q", old.Name, name)
			c.before(d, c.wasPlaces.block("briefcase", old.Name), "it was %q here", old.Name)
			continue
		}
		if _, ok := c.now.Registry.Area(old.Area); !ok {
			continue // it went with its area, which is reported
		}
		d := c.change(ruleBriefcase, Breaking, c.nowPlaces.start(), "briefcase %q is gone", old.Name)
		d.Address = "briefcase." + old.Name
		d.Detail = "checks and moves would leave the rows of its tables behind"
		d.Fingerprint = newMarker(ruleBriefcase, old.Name, fmt.Sprint(*old)).String()
		c.before(d, c.wasPlaces.block("briefcase", old.Name), "it was here")
	}
}

func (c *comparer) briefcase(was, now *area.Briefcase) {
	edit := func(v Verdict, argument, format string, args ...any) *Change {
		d := c.change(ruleBriefcase, v, c.nowPlaces.block("briefcase", now.Name, argument), format, args...)
		d.Address = "briefcase." + now.Name
		c.before(d, c.wasPlaces.block("briefcase", was.Name, argument), "it was here")
		return d
	}
	if was.Key != now.Key {
		hidden := c.hides("briefcase", now.Name, "key")
		d := edit(Breaking, "key", "the key column of briefcase %q was %s and now is %s",
			now.Name, shown(strconv.Quote(was.Key), hidden), shown(strconv.Quote(now.Key), hidden))
		d.Detail = "the tables still have the old column: provisioning, checks and moves find no key in them"
		d.Fingerprint = newMarker(ruleBriefcase, now.Name, "key", was.Key, now.Key).String()
	}
	if was.Area != now.Area {
		d := edit(Breaking, "area", "briefcase %q was in area %q and now is in %q", now.Name, was.Area, now.Area)
		d.Detail = "its rows are in the databases of the old area"
		d.Fingerprint = newMarker(ruleBriefcase, now.Name, "area", was.Area, now.Area).String()
	}
	gone, added := tablesOnlyIn(was.Tables, now.Tables), tablesOnlyIn(now.Tables, was.Tables)
	if len(gone) > 0 {
		d := edit(Breaking, "", "briefcase %q no longer has %s", now.Name, tableList(gone))
		d.Detail = "checks and moves would leave the rows of what is gone behind"
		d.Fingerprint = newMarker(ruleBriefcase, append([]string{now.Name, "tables"}, gone...)...).String()
	}
	if len(was.Tables) > 0 && len(now.Tables) > 0 && was.Tables[0].Name != now.Tables[0].Name && len(gone) == 0 {
		d := edit(Breaking, "", "the root table of briefcase %q was %q and now is %q", now.Name, was.Tables[0].Name, now.Tables[0].Name)
		d.Fingerprint = newMarker(ruleBriefcase, now.Name, "root", was.Tables[0].Name, now.Tables[0].Name).String()
	}
	if len(added) > 0 {
		d := edit(Safe, "", "briefcase %q has %s more", now.Name, tableList(added))
		d.Help = ""
	}
}

// tablesOnlyIn gives the names of tables that the second list does not have.
func tablesOnlyIn(list, other []area.Table) []string {
	var out []string
	for _, t := range list {
		if !slices.ContainsFunc(other, func(o area.Table) bool { return o.Name == t.Name }) {
			out = append(out, t.Name)
		}
	}
	slices.Sort(out)
	return out
}

func tableList(names []string) string {
	if len(names) == 1 {
		return "table " + names[0]
	}
	return "tables " + strings.Join(names, ", ")
}

// authorities reports sources of ids that would issue an id twice.
func (c *comparer) authorities() {
	was, now := c.was.Registry.Topology().Authorities, c.now.Registry.Topology().Authorities
	edit := func(name, argument string, v Verdict, r breakingRule, format string, args ...any) *Change {
		d := c.change(r, v, c.nowPlaces.block("authority", name, argument, "store", "files"), format, args...)
		d.Address = "authority." + name
		return d
	}
	for i := range now {
		a := &now[i]
		j := slices.IndexFunc(was, func(o area.Authority) bool { return o.Name == a.Name })
		k := slices.IndexFunc(was, func(o area.Authority) bool { return o.Number == a.Number })
		number := func(n uint8) string {
			return shown(fmt.Sprint(n), c.hides("authority", a.Name, "number"))
		}
		old := retired(c.was, a)
		switch {
		case j < 0 && k < 0 && old != nil && storeOf(old) != storeOf(a):
			d := edit(a.Name, "number", Breaking, ruleAuthority, "authority number %s was that of %q, with another store", number(a.Number), old.Name)
			d.Detail = "it issues ids that exist"
			d.Fingerprint = newMarker(ruleAuthority, a.Name, fmt.Sprint(a.Number), storeOf(old), storeOf(a)).String()
		case j >= 0 && was[j].Number != a.Number:
			d := edit(a.Name, "number", Breaking, ruleAuthority, "authority %q had number %s and now has %s", a.Name, number(was[j].Number), number(a.Number))
			d.Detail = "its store counts the ids of the old number; with another it issues ids that may exist"
			d.Fingerprint = newMarker(ruleAuthority, a.Name, fmt.Sprint(was[j].Number), fmt.Sprint(a.Number)).String()
			c.before(d, c.wasPlaces.block("authority", a.Name, "number"), "it was here")
		case k >= 0 && storeOf(&was[k]) != storeOf(a):
			d := edit(a.Name, "store", Breaking, ruleAuthority, "authority number %s has another store", number(a.Number))
			d.Detail = "unless its rows were moved there, it issues ids that exist"
			d.Fingerprint = newMarker(ruleAuthority, a.Name, fmt.Sprint(a.Number), storeOf(&was[k]), storeOf(a)).String()
			c.before(d, c.wasPlaces.block("authority", was[k].Name, "store", "files"), "it was here")
		case j < 0 && k < 0 && len(was) > 0:
			d := edit(a.Name, "number", Caution, ruleAuthorityAdded, "authority %q with number %s is new", a.Name, number(a.Number))
			d.Detail = "it begins at counter 1, so its first ids fall into the oldest partitions"
		case j < 0 && k >= 0:
			d := edit(a.Name, "", Safe, ruleLabelChanged, "authority %q is now called %q", was[k].Name, a.Name)
			c.before(d, c.wasPlaces.block("authority", was[k].Name), "it was here")
		}
	}
}

// retired gives the authority that once had the number of another, in a version
// that remembers.
func retired(was *Config, a *area.Authority) *area.Authority {
	for i := range was.retired {
		if was.retired[i].Number == a.Number {
			return &was.retired[i]
		}
	}
	return nil
}

// storeOf tells stores apart.
func storeOf(a *area.Authority) string {
	if a.Store != nil {
		return fmt.Sprintf("database %q %q", a.Store.Server, a.Store.Name)
	}
	return fmt.Sprintf("files %q", a.Files)
}

// servers reports servers with another address or none to serve, and profiles
// that collapse elsewhere.
func (c *comparer) servers() {
	if c.was.tree == nil || c.now.tree == nil {
		return // a lock does not have them
	}
	now := map[string]*Server{}
	for i := range c.now.Servers {
		now[c.now.Servers[i].Name] = &c.now.Servers[i]
	}
	for i := range c.was.Servers {
		old := &c.was.Servers[i]
		s, ok := now[old.Name]
		switch {
		case !ok && c.nowPlaces.find("server", old.Name) == nil:
			d := c.change(ruleUnusedRemoved, Safe, c.nowPlaces.start(), "server %q is gone", old.Name)
			d.Address, d.Help = "server."+old.Name, ""
			c.before(d, c.wasPlaces.block("server", old.Name), "it was here")
		case ok && elsewhere(old.Primary.partial, s.Primary.partial):
			c.serverMoved(s)
		}
	}
	for _, n := range c.now.tree.all("profile") {
		old := c.wasPlaces.find("profile", n.label)
		if old == nil {
			continue
		}
		from, _ := target(old)
		to, _ := target(n)
		if from != to {
			d := c.change(ruleProfile, Safe, argumentOf(n, "collapse_to"), "profile %q collapsed to server.%s and now to server.%s", n.label, from, to)
			d.Address = "profile." + n.label
			c.before(d, argumentOf(old, "collapse_to"), "it was here")
		}
	}
}

// serverMoved reports a server with another address. One that was another server's
// is most often a slip: the rows that are there belong to the other.
func (c *comparer) serverMoved(s *Server) {
	edit := func(v Verdict, format string, args ...any) *Change {
		d := c.change(ruleAddress, v, c.nowPlaces.block("server", s.Name, "address", "dsn"), format, args...)
		d.Address = "server." + s.Name
		c.before(d, c.wasPlaces.block("server", s.Name, "address", "dsn"), "it was here")
		return d
	}
	for i := range c.was.Servers {
		if other := &c.was.Servers[i]; other.Name != s.Name && !other.Primary.partial.IsZero() && !elsewhere(other.Primary.partial, s.Primary.partial) {
			d := edit(Breaking, "server %q has the address that server %q had", s.Name, other.Name)
			d.Detail = "the databases there are those of " + quote(other.Name) + ": what routes to " + quote(s.Name) + " is refused by their stamps, or not found"
			d.Help = "put the address back; where the databases were moved, see that none stayed behind"
			d.Fingerprint = newMarker(ruleAddress, s.Name, other.Name).String()
			return
		}
	}
	edit(Safe, "server %q has another address", s.Name)
}

// elsewhere reports whether two addresses are known and differ.
func elsewhere(a, b dsn.DSN) bool {
	return !a.IsZero() && !b.IsZero() && (a.Network() != b.Network() || !strings.EqualFold(a.Address(), b.Address()))
}
