package hcl

import "fmt"

// A version's values may come from the environment or from sensitive variables.
// Those are never shown: not in a change, and not in a lock.

// withheld stands for what must not be shown.
const withheld = "(sensitive)"

// isSecret reports whether the value of an argument must not be shown.
func isSecret(n *node, argument string) bool {
	if n == nil {
		return false
	}
	_, ok := n.spec.argument(argument)
	return ok && n.arg(argument).secret
}

// hides reports whether either version has a value in a block at the top of a file
// that must not be shown.
func (c *comparer) hides(kind, label, argument string) bool {
	return isSecret(c.wasPlaces.find(kind, label), argument) || isSecret(c.nowPlaces.find(kind, label), argument)
}

// hidesIndex is hides for an argument of an index.
func (c *comparer) hidesIndex(label, argument string) bool {
	return isSecret(c.wasPlaces.indexNode(label), argument) || isSecret(c.nowPlaces.indexNode(label), argument)
}

// shown gives what a message says of a value.
func shown(text string, secret bool) string {
	if secret {
		return withheld
	}
	return text
}

// secretRoute names the first thing that a lock would record though it must not be
// shown, or gives "".
func (c *Config) secretRoute() string {
	if c.tree == nil {
		return ""
	}
	at := &places{cfg: c}
	if isSecret(at.find("mdb", ""), "namespace") {
		return "the namespace"
	}
	for _, a := range c.tree.all("area") {
		for _, b := range a.all("breakpoint") {
			if isSecret(b, "at") {
				return "the start of breakpoint " + quote(b.label)
			}
		}
		for _, p := range partitionsOf(a) {
			if what := secretPartition(p); what != "" {
				return fmt.Sprintf("%s of partition %q of area %q", what, p.label, a.label)
			}
		}
	}
	if n := at.find("central", ""); n != nil && secretShards(n) {
		return "the shards of CENTRAL"
	}
	for _, kind := range []string{"authority", "briefcase"} {
		for _, n := range c.tree.all(kind) {
			for i := range n.values {
				if n.values[i].secret {
					return n.title()
				}
			}
		}
	}
	return ""
}

func secretPartition(n *node) string {
	switch {
	case isSecret(n, "start") || isSecret(n, "offset"):
		return "the start"
	case secretShards(n):
		return "the name of a database"
	}
	return ""
}

func secretShards(n *node) bool {
	if isSecret(n, "shards") {
		return true
	}
	for _, p := range valueOf[[]place](n, "shards") {
		if p.secret {
			return true
		}
	}
	return false
}
