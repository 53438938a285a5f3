package hcl

// routingPages are the pages of the rules about ranges, shards and databases.
var routingPages = map[rule]page{
	ruleBadRangeKey: {
		"range key of the wrong form",
		"A range key is era:counter: an era of 32 bits and a counter of 60. Digits may be grouped by underscores.",
		"start = \"250000\"   # and the era?",
		"write start = \"0:250_000\"",
	},
	ruleAuthorityInKey: {
		"range key with an authority",
		"Ranges look at era and counter alone: ids of all authorities with one counter fall into one partition. A third number would look as if it took part.",
		"start = \"0:3:250000\"",
		"leave the authority out: \"0:250000\"",
	},
	ruleDuplicateStart: {
		"two partitions with one start",
		"Both would claim the same ids.",
		"partition \"p1\" { start = \"0:250_000\" ... }\npartition \"p2\" { start = \"0:250_000\" ... }",
		"give one of them its own start; above the head if ids exist",
	},
	ruleHole: {
		"ids without a partition",
		"Each range table begins at 0:0, so that every id has a partition and no lookup can fail for want of one.",
		"partition \"p0\" {\n  start  = \"0:250_000\"   # the first; who has 0:0 to 0:249999?\n  shards = [server.u1]\n}",
		"let the first partition start at \"0:0\"",
	},
	ruleStartOrOffset: {
		"start where an offset belongs, or the reverse",
		"Inside a breakpoint the range table starts over and positions count from the breakpoint's at. The two have different names, so that neither can be taken for the other.",
		"breakpoint \"y2027\" {\n  at = \"0:8_000_000_000\"\n  partition \"r1\" { start = \"0:8_000_500_000\" ... }\n}",
		"write offset = \"0:500_000\"",
	},
	ruleUnreachable: {
		"partition that no id can reach",
		"From a breakpoint on its own table serves. What starts at or above the next breakpoint in the table before it has no ids.",
		"partition \"p9\" { start = \"0:9_000_000_000\" ... }\nbreakpoint \"y2027\" { at = \"0:8_000_000_000\" ... }",
		"move the partition into the breakpoint, or remove it",
	},
	ruleBreakpointOrder: {
		"breakpoints out of order",
		"Breakpoints ascend strictly, in the order in which they are written, and the first lies above 0:0, where the area's own table begins.",
		"breakpoint \"b\" { at = \"0:2000\" ... }\nbreakpoint \"a\" { at = \"0:1000\" ... }",
		"write them in the order of their ids",
	},
	ruleEmptyBreakpoint: {
		"breakpoint without partitions",
		"From its at on, ids would have no partition.",
		"breakpoint \"y2027\" { at = \"0:8_000_000_000\" }",
		"add a partition with offset = \"0:0\"",
	},
	ruleNoPartitions: {
		"area without partitions",
		"Its ids would have nowhere to go.",
		"area \"user\" { database = \"user_${shard.index}\" }",
		"add a partition with start = \"0:0\"",
	},
	ruleNoShards: {
		"partition, or CENTRAL, without shards",
		"A partition's ids are spread over its shards; at least one is needed.",
		"shards = []",
		"list at least one server",
	},
	ruleDuplicateShard: {
		"one database twice in a partition",
		"A shard is exactly one database. Two shards in one would mix their rows, and they could never be moved apart.",
		"database = \"user\"\npartition \"p1\" {\n  start  = \"0:0\"\n  shards = [server.u1, server.u1]\n}",
		"let the name hang on the shard: database = \"user_${shard.index}\"",
	},
	ruleSharedDatabase: {
		"one database in two partitions, areas or CENTRAL",
		"One database holds one shard, is stamped as such, and refuses to be another.",
		"database = \"user_${shard.index}\"   # the same for p0 and p1",
		"let the name hang on the partition: \"user_${partition.name}_${shard.index}\"",
	},
	ruleSameServer: {
		"several shards of a partition on one server",
		"Many small shards on few servers can be moved apart later, which is good. But shards on one server share its load and fail together: the number of servers, not of shards, is what a partition's load is spread over.",
		"shards = [server.u1, server.u2, server.u1]",
		"nothing, if the shards are meant to grow apart; otherwise name another server",
	},
	ruleUnsorted: {
		"partitions that are not in the order of their ids",
		"They are sorted before use, so nothing routes differently; but whoever reads the file looks for the end of a partition in the line below.",
		"partition \"p1\" { start = \"0:250_000\" ... }\npartition \"p0\" { start = \"0:0\" ... }",
		"write them in order",
	},
	ruleLastEra: {
		"eras that all fall into the last partition",
		"The counter has 60 bits and an era is changed once in many lifetimes, if at all. If it is, every id of the new era falls into the last partition until another one starts there. Say so on purpose.",
		"partition \"p2\" { start = \"0:500_000\" ... }   # and 1:0?",
		"nothing now; add a partition at \"1:0\" before the era changes",
	},
	ruleSkew: {
		"server with far more shards than its share",
		"Ids are spread evenly over shards, so a server with half as many shards again as an even share has half as much load again. Most often a name was typed twice.",
		"shards = [server.u1, server.u1, server.u1, server.u2]",
		"place shards of later partitions evenly; those that have rows stay where they are",
	},
	ruleLabelNames: {
		"databases named after the labels of partitions",
		"The template uses ${partition.name}. That is the usual way to tell databases apart; but it makes the label part of the route: who renames \"p1\" sends its ids to databases that do not exist. mdbcheck breaking says so as MDB911.",
		"database = \"user_${partition.name}_${shard.index}\"",
		"nothing; do not rename partitions, or pin the names: database(server.u1, \"user_p1_0\")",
	},
	ruleUnknownHash: {
		"unknown shard function",
		"The shard function turns an id into a shard. Each is frozen for good, so there are few: jump1, mod1 and azos1.",
		"hash = \"azos2\"",
		"write one of the known ones",
	},
	ruleCollapse: {
		"two shards that become one database under a profile",
		"A profile puts everything on one server under the same database names. Names that are told apart by the server alone fall together there.",
		"# u1/user_0 and u2/user_0 under profile \"solo\"\ndatabase = \"user_${shard.index}\"",
		"let names differ by ${partition.name} and ${shard.index}",
	},
	ruleManyShards: {
		"very many shards",
		"Every process has a pool for each shard that it uses. Pools share the connections of their server and are opened when they are first used, but 512 of them cost memory, and a walk over all shards takes as many round trips.",
		"shards = [for i in range(600) : server.u1]",
		"nothing, if processes use few of them; otherwise fewer, larger shards in the next partition",
	},
	ruleNoDatabaseName: {
		"shard without a database name",
		"A shard given as a server takes its name from the area's template; there is none.",
		"area \"user\" {\n  partition \"p0\" {\n    start  = \"0:0\"\n    shards = [server.u1]\n  }\n}",
		"give the area database = \"user_${partition.name}_${shard.index}\", or the shard database(server.u1, \"name\")",
	},
	ruleBadDatabaseName: {
		"name that no database can have",
		"Names have at most 64 bytes, no control characters, none of ` / \\ . and no space at either end, and are not those of the server's own databases.",
		"database = \"user.${shard.index}\"",
		"use letters, digits and underscores",
	},
}
