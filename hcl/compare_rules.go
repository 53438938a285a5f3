package hcl

import "fmt"

// breakingRule is the number in the id of a rule about the step from one version
// to another: 901 for MDB901.
type breakingRule int

// The rules of Compare, of locks and of acceptances.
const (
	ruleShardCount        breakingRule = 901
	ruleShardOrder        breakingRule = 902
	ruleShardMoved        breakingRule = 903
	rulePartitionRemoved  breakingRule = 904
	ruleStartMoved        breakingRule = 905
	rulePartitionInserted breakingRule = 906
	rulePartitionAppended breakingRule = 907
	ruleBreakpoint        breakingRule = 908
	ruleHashChanged       breakingRule = 909
	ruleAreaRemoved       breakingRule = 910
	ruleLabelMoves        breakingRule = 911
	ruleAddress           breakingRule = 912
	ruleCentralShards     breakingRule = 913
	ruleIndex             breakingRule = 914
	ruleBriefcase         breakingRule = 915
	ruleNamespace         breakingRule = 916
	ruleAuthority         breakingRule = 917
	ruleAuthorityAdded    breakingRule = 918
	ruleProfile           breakingRule = 919
	ruleLabelChanged      breakingRule = 920
	ruleUnusedRemoved     breakingRule = 921
	ruleLockDiffers       breakingRule = 922
	ruleLockBroken        breakingRule = 923
	ruleUnusedAccept      breakingRule = 924
	rulePin               breakingRule = 925
)

// The edits of MDB908, told apart within a comparison.
const (
	ruleBreakpointAdded breakingRule = 9081 + iota
	ruleBreakpointMoved
	ruleBreakpointRemoved
)

// A RulePage explains a rule.
type RulePage struct {
	// ID and Slug never change: "MDB901", "shard-count-changed".
	ID, Slug string
	// Severity is the worst that it is reported with.
	Severity Severity
	// Demanded says that a configuration that breaks the rule does not open. Its
	// severity is fixed.
	Demanded bool
	// Title names the mistake, or the edit.
	Title string
	// Text says what is wrong with it: what it does to ids, keys, or whoever has
	// to live with it.
	Text string
	// Example is the mistake in a configuration, or the edit as a diff.
	Example string
	// Mend says what to do, or what to do instead.
	Mend string
	// Fix says what [Fix] does about it; empty where it does nothing.
	Fix string
}

// BreakingRules gives the pages of the rules about the step from one version to
// another, in the order of their ids.
func BreakingRules() []RulePage {
	return append([]RulePage(nil), breakingPages[:]...)
}

// page gives the page of a rule.
func (r breakingRule) page() *RulePage {
	if r > 9080 {
		r = ruleBreakpoint
	}
	i := int(r) - int(ruleShardCount)
	if i < 0 || i >= len(breakingPages) {
		panic(fmt.Sprintf("hcl: MDB%d is no rule about versions", int(r)))
	}
	return &breakingPages[i]
}

// breakingPages is ordered by id, without gaps from MDB901 on.
var breakingPages = [...]RulePage{
	{
		ID: "MDB901", Slug: "shard-count-changed", Severity: Error, Title: "shard count of a partition changed",
		Text:    "The shard of an id is its hash over the number of shards. Another number gives many ids another shard, where their rows are not.",
		Example: "-  shards = [server.u1, server.u2, server.u3]\n+  shards = [server.u1, server.u2, server.u3, server.u4]",
		Mend:    "shard counts are frozen; give new ids more shards with a new partition above the head",
	},
	{
		ID: "MDB902", Slug: "shard-order-changed", Severity: Error, Title: "shards of a partition reordered",
		Text:    "The position in the list is the shard's index. Two servers that change places take each other's ids.",
		Example: "-  shards = [server.u3, server.u4]\n+  shards = [server.u4, server.u3]",
		Mend:    "put the shards back into their old order",
	},
	{
		ID: "MDB903", Slug: "shard-moved", Severity: Error, Title: "server or database of a shard changed",
		Text:    "The same ids are looked up in another database. That is right only when the rows have been moved there before the new version is deployed.",
		Example: "-  shards = [server.u1, server.u2]\n+  shards = [server.u1, server.v2]",
		Mend:    "move the data first; to give a server another address, keep its label and change address",
	},
	{
		ID: "MDB904", Slug: "partition-removed", Severity: Error, Title: "partition with ids removed",
		Text:    "The ids of a partition that is gone fall to the one before it, whose databases do not have their rows.",
		Example: "-  partition \"p2\" {\n-    start  = \"0:500_000\"\n-    shards = local.ring\n-  }",
		Mend:    "put the partition back; its servers may go when no id of its range has rows",
	},
	{
		ID: "MDB905", Slug: "start-moved", Severity: Error, Title: "start of a partition moved",
		Text: "The ids between the old and the new start change their partition. Above the head that loses no row, but databases that were provisioned already are stamped with the old start and will be " +
			"refused, as those of the partition before refuse ids past their old end.",
		Example: "-  start = \"0:500_000\"\n+  start = \"0:600_000\"",
		Mend:    "put the start back",
	},
	{
		ID: "MDB906", Slug: "partition-inserted", Severity: Error, Title: "partition inserted between existing starts",
		Text:    "The ids from its start to the next one leave the partition that has their rows.",
		Example: "   partition \"p1\" { ... }           # 0:250_000\n+  partition \"p1b\" { ... }          # 0:300_000\n   partition \"p2\" { ... }           # 0:500_000",
		Mend:    "append partitions above the head instead",
	},
	{
		ID: "MDB907", Slug: "partition-appended", Severity: Error, Title: "partition appended",
		Text: "This is how a data set grows. It is safe if its start lies above the head, the end of the last block of ids that any authority has leased, and above what is leased while processes with the " +
			"old version still run: the margin.",
		Example: "+  partition \"p3\" {\n+    start  = \"0:750_000\"\n+    shards = local.ring\n+  }",
		Mend:    "let it start above the head and the margin",
	},
	{
		ID: "MDB908", Slug: "breakpoint-changed", Severity: Error, Title: "breakpoint added, moved or removed",
		Text:    "A breakpoint added above the head is safe, like a partition appended there. One that is moved or removed takes the ids of its partitions with it.",
		Example: "   breakpoint \"y2027\" {\n-    at = \"0:8_000_000_000\"\n+    at = \"0:9_000_000_000\"",
		Mend:    "keep breakpoints where they are; add new ones above the head and the margin",
	},
	{
		ID: "MDB909", Slug: "hash-changed", Severity: Error, Title: "shard function changed",
		Text: "Another function gives ids other shards. Even where no id moves, as in a partition of one shard, databases are stamped with the old function and will be refused. The default of the mdb block " +
			"applies to all partitions that name none.",
		Example: "-  hash = \"azos1\"\n+  hash = \"jump1\"",
		Mend:    "keep the function of partitions that have ids; a new partition may have another",
	},
	{
		ID: "MDB910", Slug: "area-removed", Severity: Error, Title: "area removed or renamed",
		Text:    "Services name the area, its databases are stamped with its label, and its ids come from the sequence of that name: under another one they start over, collide and fall into the first partition.",
		Example: "-area \"user\" {\n+area \"customer\" {",
		Mend:    "put the old label back",
	},
	{
		ID: "MDB911", Slug: "label-moves-database", Severity: Error, Title: "partition renamed, and its databases with it",
		Text:    "The template of database names uses the partition's label, so another label means other databases.",
		Example: "-  partition \"p1\" {\n+  partition \"p2026\" {",
		Mend:    "keep the label, or pin the old names: database(server.u1, \"old\")",
	},
	{
		ID: "MDB912", Slug: "address-changed", Severity: Notice, Title: "address of a server changed",
		Text:    "Routes name servers by label, so no id is routed otherwise. The data must be at the new address: the identity check refuses databases that are not what their stamp says. An address that another server had is an error, since the databases there are most likely still the other's.",
		Example: " server \"u1\" {\n-  address = \"u1.db.acme.internal:3306\"\n+  address = \"u1new.db.acme.internal:3306\"",
		Mend:    "see that the same data is there; mdbctl admit records the identity of a new server",
	},
	{
		ID: "MDB913", Slug: "central-shards-changed", Severity: Error, Title: "shards of CENTRAL changed",
		Text:    "A key's shard is its hash over the number of CENTRAL's shards. Any change of the list sends keys to databases that do not have them, and lets a key be taken twice.",
		Example: "-  shards = [for i in range(64) : server.c1]\n+  shards = [for i in range(128) : server.c1]",
		Mend:    "CENTRAL's shards are fixed for good: put the list back",
	},
	{
		ID: "MDB914", Slug: "index-changed", Severity: Error, Title: "type, normalisation, table or briefcase of an index changed",
		Text:    "Keys are stored as they were encoded. Encoded otherwise they are other keys: stored ones are not found, and can be taken a second time.",
		Example: "-  normalize = [\"trim\", \"fold\"]\n+  normalize = [\"trim\", \"nfkc\", \"fold\"]",
		Mend:    "add an index of another name, fill it, then let the old one go",
	},
	{
		ID: "MDB915", Slug: "briefcase-changed", Severity: Error, Title: "key column, tables or area of a briefcase changed",
		Text:    "The briefcase says which rows belong to an id. Rows in tables it no longer names are overlooked by checks and moves. A table more is no harm.",
		Example: "-  key = \"g_user\"\n+  key = \"user_gdid\"",
		Mend:    "change the tables first, on all shards",
	},
	{
		ID: "MDB916", Slug: "namespace-changed", Severity: Error, Title: "namespace or name of a sequence changed",
		Text:    "Databases and sequences carry the names. Under others, databases are refused, and ids start over at 1: they collide with those that exist and fall into the first partition.",
		Example: "-  namespace = \"acme\"\n+  namespace = \"acme_prod\"",
		Mend:    "keep the name",
	},
	{
		ID: "MDB917", Slug: "authority-changed", Severity: Error, Title: "number or store of an authority changed",
		Text:    "The number is part of each id, and the store knows which counters have been issued. A number with another store issues ids that exist.",
		Example: " authority \"nyc\" {\n-  number = 1\n+  number = 0",
		Mend:    "keep number and store together; a new authority takes a number that was never used",
	},
	{
		ID: "MDB918", Slug: "authority-added", Severity: Warning, Title: "authority added",
		Text:    "A new authority begins at counter 1. Until it has caught up, its ids fall into old partitions.",
		Example: "+authority \"sfo\" {\n+  number = 2\n+  store  = database(server.c3, \"mdb_ids\")\n+}",
		Mend:    "seed its counters near the head before services use it",
	},
	{
		ID: "MDB919", Slug: "profile-changed", Severity: Notice, Title: "a profile collapses to another server",
		Text:    "Only what runs under the profile is concerned.",
		Example: " profile \"solo\" {\n-  collapse_to = server.local\n+  collapse_to = server.dev",
		Mend:    "move the databases of that profile, or provision them anew",
	},
	{
		ID: "MDB920", Slug: "label-changed", Severity: Notice, Title: "label changed, nothing routed otherwise",
		Text:    "All ids keep their databases. Metrics and dashboards that have the label in them change.",
		Example: "-  breakpoint \"y2027\" {\n+  breakpoint \"next\" {",
		Mend:    "look after dashboards and alerts that name it",
	},
	{
		ID: "MDB921", Slug: "unused-removed", Severity: Notice, Title: "partition above the head, or unused server, removed",
		Text: "No id of the partition exists, so none is lost. If it was provisioned already, the databases of the partition before it still end where it started, and refuse ids from there on.",
		Example: "-  partition \"p9\" {\n-    start = \"0:900_000_000\"\n" +
			"-    shards = local.ring\n-  }",
		Mend: "see that it was never provisioned",
	},
	{
		ID: "MDB922", Slug: "lock-differs", Severity: Error, Title: "the lock is not of this configuration",
		Text:    "mdb.lock.json records the routing that was agreed on. Where it lies beside a configuration, the two must agree, so that no edit passes by it.",
		Example: "-  {\"kind\": \"partition\", \"area\": \"user\", \"start\": \"0:500000\", ...}",
		Mend:    "if the edit is meant, run mdbcheck lock, which refuses what would lose sight of ids, and commit mdb.lock.json with it; otherwise take the edit back",
	},
	{
		ID: "MDB923", Slug: "lock-broken", Severity: Error, Title: "the lock cannot be trusted",
		Text:    "Each entry of mdb.lock.json carries a hash of all entries before it. An entry that was edited, dropped, or put in by a merge does not fit.",
		Example: "<<<<<<< HEAD\n  {\"kind\": \"partition\", ...}\n=======",
		Mend:    "take the lock of one branch as it is, as by git checkout origin/main -- mdb.lock.json, and run mdbcheck lock, which appends what the other branch did",
	},
	{
		ID: "MDB924", Slug: "unused-accept", Severity: Warning, Title: "acceptance that covers nothing",
		Text:    "An acceptance covers one change, once. When the change is merged it has done its work; when the change was edited since, the fingerprint is another.",
		Example: "accept \"MDB901:9f2c41d0c8a3b417\" {\n  reason = \"moved on 2026-11-02\"\n  owner  = \"storage\"\n}",
		Mend:    "remove it, or write the fingerprint that mdbcheck breaking prints now",
	},
	{
		ID: "MDB925", Slug: "pinned-route-differs", Severity: Error, Title: "an id or key is not where it is pinned",
		Text:    "A *.mdbtest.hcl beside the configuration says where some ids and keys must be found, and the configuration sends them elsewhere.",
		Example: "route \"the first customer\" {\n  area   = area.user\n  id     = \"0:1:1\"\n  server = server.u2\n}",
		Mend:    "put the routing back; if the pin is wrong or its rows moved, write what mdbcheck route prints",
	},
}
