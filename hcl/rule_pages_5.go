package hcl

// centralPages are the pages of the rules about CENTRAL and its indexes.
var centralPages = map[rule]page{
	ruleManyCentral: {
		"second central block",
		"There is one CENTRAL: a key that could be in two places could be taken twice.",
		"central { ... }\ncentral { ... }",
		"put all indexes into one block",
	},
	ruleNoCentral: {
		"no central block",
		"Without CENTRAL nothing leads from an email or a phone number to an id. That is right where ids are always known.",
		"mdb { namespace = \"acme_prod\" }   # servers, areas, but no central",
		"nothing, or declare central with many logical shards on few servers",
	},
	ruleIndexBriefcase: {
		"index without a briefcase",
		"An index leads from a key to the GDID of a briefcase; it must say which.",
		"index \"email\" { max_bytes = 320 }",
		"write briefcase = briefcase.NAME",
	},
	ruleKeyTooLong: {
		"key that does not fit into an index",
		"InnoDB holds 3072 bytes in one index entry; an index that is not unique has the GDID in it too. Keys of fixed size need all their bytes.",
		"index \"url\" {\n  briefcase = briefcase.page\n  max_bytes = 4000\n}",
		"lower max_bytes, or index a hash of the value",
	},
	ruleNotNormalised: {
		"string keys that keep spellings apart",
		"A key is hashed as it is: \"Bob@x\" and \"bob@x \" are two keys on two shards, and both can be registered. Later it cannot be mended without reading every key anew.",
		"index \"email\" {\n  briefcase = briefcase.customer\n  normalize = [\"nfkc\"]\n}",
		"write normalize = [\"trim\", \"nfkc\", \"fold\"] before the first key is stored; for case that matters, cover the index with an ignore",
	},
	ruleDuplicateIndex: {
		"two indexes of one name",
		"An index's name is that of its table in CENTRAL.",
		"index \"email\" { ... }\nindex \"email\" { ... }",
		"give one of them another name",
	},
	ruleCacheTTL: {
		"cache that remembers too long",
		"Other processes' changes are seen when what is remembered runs out. Without ttl that is never, and with negative_ttl above ttl a key that was just registered stays unknown longer than one that is gone stays known.",
		"cache {\n  ttl          = \"1m\"\n  negative_ttl = \"1h\"\n}",
		"write ttl = \"10m\" and negative_ttl = \"2s\", or what your readers can bear",
	},
	ruleNormaliser: {
		"unknown normaliser, or one on keys that are no strings",
		"Normalisers give one form to all spellings of a string. Numbers, bytes and ids have one form already.",
		"index \"number\" {\n  briefcase = briefcase.customer\n  type      = \"uint64\"\n  normalize = [\"trim\"]\n}",
		"write one of trim, lower, fold, nfc, nfkc, email; or none for other types",
	},
	ruleFewCentral: {
		"CENTRAL with few shards",
		"A key's shard is its hash over the number of CENTRAL's shards, so the number is fixed for good. Many logical shards on few servers cost nothing now and can be moved to more servers later; 2 shards never fill more than 2 servers.",
		"shards = [server.c1, server.c2]",
		"before the first key is stored: shards = [for i in range(64) : server[\"c${i % 2 + 1}\"]]",
	},
}

// briefcasePages are the pages of the rules about briefcases and areas.
var briefcasePages = map[rule]page{
	ruleBriefcaseNoArea: {
		"briefcase without an area",
		"The tables of a briefcase are in the shards of one area.",
		"briefcase \"customer\" { key = \"g_user\" ... }",
		"write area = area.NAME",
	},
	ruleTableTwice: {
		"table in two briefcases of one area",
		"A table's rows belong to the briefcase whose GDID they carry, and move with it. Rows of a table in two briefcases would belong to both.",
		"briefcase \"customer\" { table \"tbl_order\" {} }\nbriefcase \"shop\" { table \"tbl_order\" {} }",
		"keep it in one, or make two tables",
	},
	ruleBadIdentifier: {
		"name that no table or column should have",
		"Names of tables and columns have at most 64 characters, letters, digits, _ and $, are no reserved words, and do not begin with mdb_, which is for mdb's own tables.",
		"table \"order\" {}",
		"use another name, of letters, digits and underscores",
	},
	ruleNoKey: {
		"briefcase without a key column",
		"Every table of a briefcase has one BINARY(12) column with the GDID, first in its primary key.",
		"briefcase \"customer\" { area = area.user ... }",
		"write key = \"g_user\"",
	},
	ruleRootTable: {
		"no root table, or more than one",
		"The root table has one row for each briefcase: whether that row is there says whether the briefcase is.",
		"briefcase \"customer\" {\n  table \"tbl_user\" {}\n  table \"tbl_order\" {}\n}",
		"put the other tables into the braces of the root",
	},
	ruleNoIndexPath: {
		"briefcase that no index leads to",
		"Who does not know its id cannot find it. That is right for briefcases whose ids are stored in others.",
		"briefcase \"log\" { ... }   # and no index with briefcase = briefcase.log",
		"nothing, or add an index",
	},
	ruleEmptyArea: {
		"area without a briefcase",
		"Without briefcases nobody can check that tables have the key column, or move rows. The area works, but only as far as nobody looks.",
		"area \"user\" { ... }   # and no briefcase with area = area.user",
		"declare the tables that carry its ids as a briefcase",
	},
}

// idPages are the pages of the rules about authorities and sequences.
var idPages = map[rule]page{
	ruleAuthorityNumber: {
		"authority number outside of 0 to 15",
		"The number is 4 bits of every id.",
		"authority \"chi\" { number = 16 ... }",
		"use a number from 0 to 15 that no other has or had",
	},
	ruleDuplicateNumber: {
		"two authorities with one number",
		"They would issue the same ids, and rows of different briefcases would be one.",
		"authority \"chi\" { number = 0 ... }\nauthority \"nyc\" { number = 0 ... }",
		"give each a number of its own",
	},
	ruleSingleAuthority: {
		"one authority, and no spare",
		"While it is down, services have the ids that they have leased and then none. A second authority on another server costs nothing, and both are used. One that keeps its sequences in files is for single nodes and is not reported.",
		"authority \"chi\" {\n  number = 0\n  store  = database(server.c1, \"mdb_ids\")\n}",
		"add one with another number on another server",
	},
	ruleAuthorityOnShard: {
		"id store on a server with shards",
		"When shards keep the server busy, or fill its disk, new ids are late for everybody. The store itself costs next to nothing.",
		"store = database(server.u1, \"mdb_ids\")   # u1 has shards",
		"nothing in small clusters; otherwise a server of its own, or CENTRAL's",
	},
	ruleBlockSize: {
		"block that is too small or too large",
		"A block is what a process leases at once. A block of 1 is a round trip for every id. What is leased and not used is lost, so with more than a million each restart leaves a large gap, and a new partition must start far above " +
			"the rows that exist.",
		"sequence \"order\" { block = 1 }",
		"leave it at 1000, or lease some seconds' worth",
	},
	ruleStoreOrFiles: {
		"authority with both store and files, or neither",
		"An authority's sequences are either in a database or in files. Two places could disagree.",
		"authority \"chi\" { number = 0 }",
		"write store = database(server.c1, \"mdb_ids\"), or files = [\"ids/a\", \"ids/b\"]",
	},
	ruleNoAuthority: {
		"no authority",
		"Nothing makes ids. That is right where they come from elsewhere, such as an Azos cluster.",
		"mdb { namespace = \"acme_prod\" }   # areas, but no authority",
		"nothing, or declare two authorities",
	},
}
