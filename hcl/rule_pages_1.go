package hcl

// filePages are the pages of the rules about files and their structure.
var filePages = map[rule]page{
	ruleSyntax: {
		"text that is no HCL or JSON",
		"What cannot be read cannot be routed by. The block with the mistake is passed over, so that the rest of the file is checked in the same run; nothing is said of names that it may declare.",
		"server \"u1\" { address = \"u1.db\", zone = \"a\" }   # one argument only on one line",
		"give each argument a line of its own; balance quotes and braces",
	},
	ruleUnknownName: {
		"block or argument that does not exist",
		"A misspelt argument that is passed over in silence is a setting that does not work, found out in production. So every name must be known.",
		"servr \"u1\" {\n  addr = \"u1.db\"\n}",
		"write one of the names that docs/reference/configuration.md has",
	},
	ruleMissingArgument: {
		"argument that must be there is not",
		"Some arguments have no default that would be right for anybody: the namespace, the shards of a partition, the address of a server.",
		"partition \"p1\" {\n  start = \"0:250_000\"   # and shards?\n}",
		"add the argument",
	},
	ruleDuplicate: {
		"something declared twice",
		"All files of a directory are one configuration. There are no overrides: which of two declarations wins would hang on the names of files.",
		"server \"u1\" { address = \"u1.db\" }\nserver \"u1\" { address = \"u1b.db\" }",
		"remove one, or give it another label; values that differ by environment are variables",
	},
	ruleWrongType: {
		"value of the wrong type",
		"The value cannot be what the argument holds. References are written without quotes.",
		"shards = [\"u1\", \"u2\"]   # strings, not servers",
		"write what the message asks for",
	},
	ruleVersion: {
		"version of mdb that the files do not admit",
		"required_version names the versions that understand the files as their authors meant them. It is read before anything else, so that an old program says this alone and not that everything is unknown.",
		"mdb {\n  namespace        = \"acme_prod\"\n  required_version = \">= 2\"   # this is 1.4.0\n}",
		"use a version that is admitted, or widen the range",
	},
	ruleTooDeep: {
		"file that is too large, or nested too deeply",
		"A configuration must never be able to end the process that reads it. Nesting, runs of operators, sizes, brackets (100,000 in a file), lists that become arguments of functions, driver parameters (100) and the work of evaluation have bounds that no real configuration comes near. Of more than 10,000 findings those after are counted, one line a rule.",
		"ring = [[[[[[ ... ]]]]]]   # more than 128 levels",
		"write generated topologies flat; split files above 5 MiB",
	},
	ruleInvalidName: {
		"label or namespace of the wrong form",
		"Labels become labels of metrics and parts of database names, so they are of the form ^[a-z][a-z0-9_]{0,30}$. A namespace has 1 to 96 printable characters, no space and no slash: the slash divides it from the profile.",
		"server \"User-1\" { address = \"u1.db\" }",
		"use lower case letters, digits and underscores, a letter first",
	},
	ruleUnusedIgnore: {
		"ignore that covers nothing",
		"A comment that covers nothing hides the next mistake on its line. It is not reported where the rule hangs on something that is not set, since the finding may be there elsewhere, nor for a rule that is off. " +
			"Rules that services demand, and those about the step from one version to another, are covered by no comment.",
		"# mdbcheck:ignore MDB313 -- small shards\nshards = [server.u1, server.u2]",
		"remove the comment",
	},
	ruleUnexplainedIgnore: {
		"ignore without a reason",
		"Who reads the file next year must be able to tell whether the reason still holds. The ignore works all the same.",
		"# mdbcheck:ignore MDB313\nshards = [server.u1, server.u1]",
		"write the reason behind two dashes: # mdbcheck:ignore MDB313 -- small shards",
	},
	ruleExpiredIgnore: {
		"ignore past its last day",
		"until= makes a debt come due. From the day after it the comment covers nothing, and what it covered is reported again.",
		"# mdbcheck:ignore MDB405 until=2026-10-01 -- one machine until u2 arrives",
		"mend what it covers, or agree on another day",
	},
	ruleDeprecated: {
		"argument under its former name",
		"The name still works; it will go with the next major version.",
		"server \"u1\" { cs = env(\"MDB_U1_DSN\") }",
		"write the new name: dsn",
	},
	ruleNotFormatted: {
		"file that is not in its canonical form",
		"One form for all files keeps differences between versions to what was meant. JSON and files above 256 KiB are not judged: programs write them.",
		"server \"u1\" {\n    address=\"u1.db\"\n}",
		"run mdbcheck fmt, which changes no route",
	},
	ruleNoConfig: {
		"something that the configuration names cannot be read",
		"A directory is one configuration: all its *.mdb.hcl and *.mdb.json. Directories inside are not read, nor files that begin with a dot. It is an error if there is no such file, or if one of them, or a file of variables, cannot " +
			"be read. It is a warning if what has such a name is a directory, a pipe or a device, which is passed over. It is a notice if the directory that an area names as its schema cannot be read: services open without it, but " +
			"mdbctl provision would refuse the area.",
		"mdbcheck check deploy   # the files are in deploy/mdb",
		"name the directory that has the *.mdb.hcl files, and see that the process may read them",
	},
	ruleBadSettings: {
		"settings of mdbcheck that cannot be applied",
		"The file .mdbcheck.hcl beside a configuration gives rules other severities. A misspelt rule in it would silently stay as it is. Rules that services demand keep their severity, and so do those about the step from one version " +
			"to another. The file is no part of the configuration: services do not read it.",
		"rule \"MDB304\" { severity = \"off\" }   # a hole in the ranges stays an error",
		"name a rule that mdbcheck rules lists as adjustable, with error, warning, notice or off; otherwise remove the block",
	},
	ruleUnresolved: {
		"something is unset, and so not checked",
		"env() and variables without a value are no mistake of the files: in CI the secrets of production should be unset. Routing is checked all the same, and this says what was not. In a service a DSN, user or password that is unset " +
			"fails the shards of that server when they are used; anything that routing needs keeps the service from starting.",
		"server \"u4\" { dsn = env(\"MDB_U4_DSN\") }",
		"set it where mdbcheck runs, or let it be; --rule MDB120=error demands that all is set",
	},
}

// namePages are the pages of the rules about references and names.
var namePages = map[rule]page{
	ruleUndeclared: {
		"name that nothing declares",
		"References are symbolic, and all that is declared is known, so a name that is not there is a typing error.",
		"shards = [server.u1, server.u33]",
		"declare it, or write the name of one that is declared",
	},
	ruleWrongKind: {
		"reference to the wrong kind of block",
		"Each reference says what it names: server.u1, area.user, briefcase.customer.",
		"index \"email\" { briefcase = area.user }",
		"name a block of the kind that the message asks for",
	},
	ruleLocalCycle: {
		"local that needs itself",
		"Locals may name one another, but not in a circle. Nothing else in a configuration can form one.",
		"locals {\n  a = local.b\n  b = local.a\n}",
		"write one of them out",
	},
	ruleUnusedServer: {
		"server that nothing is placed on",
		"A server without shard, CENTRAL shard, id store or profile is a leftover, or was forgotten in a list of shards, which is worse.",
		"server \"u7\" { address = \"u7.db\" }   # in no list",
		"place something on it, or remove it",
	},
	ruleUnusedName: {
		"variable or local that is not used",
		"It is a leftover, or something else was meant where another name stands. The validation of a variable is no use of it.",
		"locals {\n  ring = [server.u1, server.u2]\n}   # and nothing says local.ring",
		"remove it",
	},
	ruleUndeclaredVar: {
		"value for a variable that no file declares",
		"A value that goes nowhere was meant for another name. Values in the environment are not held to this: MDB_VAR_x may be there for another program.",
		"mdbcheck check --var db_pasword=x",
		"correct the name, or declare the variable",
	},
	ruleValidation: {
		"value that the variable does not admit",
		"A variable's validation block has a condition, which is false for the value given.",
		"variable \"shards\" {\n  type = number\n  validation {\n    condition     = var.shards > 1\n    error_message = \"at least two shards\"\n  }\n}",
		"give a value that the condition admits",
	},
}
