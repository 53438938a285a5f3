package hcl

// serverPages are the pages of the rules about servers and how they are reached.
var serverPages = map[rule]page{
	rulePlaintext: {
		"password in the files",
		"Files are committed, copied and shown in reviews. A password in them is one that everybody has, for good.",
		"server_defaults {\n  user     = \"mdb_rw\"\n  password = \"s3cret\"\n}",
		"take it from env(\"NAME\") or from a sensitive variable without a default, and change the password",
	},
	ruleDSNAndParts: {
		"a DSN and parts of one",
		"A DSN has address, user and password in it. Beside it, the arguments of those names would be passed over.",
		"server \"u1\" {\n  dsn  = env(\"MDB_U1_DSN\")\n  user = \"mdb_rw\"\n}",
		"use either dsn, or address, user and password",
	},
	ruleBadDSN: {
		"DSN or address that does not parse",
		"The text is withheld from the message, since it may have a password in it.",
		"dsn = \"root@u1.db:3306\"",
		"write USER:PASSWORD@tcp(HOST:PORT)/?PARAMETERS, or use address, user and password",
	},
	ruleDSNDatabase: {
		"DSN that names a database",
		"Each shard names its own database, so the one in the DSN is never used. Whoever wrote it may think otherwise.",
		"dsn = \"root@tcp(u1.db:3306)/user\"",
		"end the address with a slash: \"root@tcp(u1.db:3306)/\"",
	},
	ruleDuplicateAddress: {
		"two servers, or replicas, at one address",
		"What is placed on two servers is meant to survive one of them. Under one address they are one mysqld, and fail together. Most often a line was copied and the address left as it was.",
		"server \"u2\" { address = \"u2.db\" }\nserver \"u4\" { address = \"u2.db\" }",
		"correct the address; if one machine is meant, declare it once",
	},
	ruleUnsafeParam: {
		"parameter that breaks a promise",
		"Every write holds the lock of its stripe until it commits, and a statement that may have been carried out is not sent twice. allowAllFiles, multiStatements, rejectReadOnly, autocommit, completion_type, transaction_read_only, " +
			"tx_read_only, and clear text passwords without TLS each undo some of that.",
		"params = { multiStatements = true }",
		"remove the parameter",
	},
	ruleNoTLS: {
		"connections that are not encrypted, or to whoever answers",
		"Without TLS, who can listen between service and server reads every row. With tls=skip-verify, who can answer in the server's place reads them too; that is a warning. Connections within one machine are not reported, " +
			"and tls=preferred counts as none, since the other side may decline.",
		"params = { tls = \"skip-verify\" }",
		"write tls = \"true\"; where the network is trusted, write rule \"MDB407\" { severity = \"off\" } into .mdbcheck.hcl",
	},
	ruleMisspeltParam: {
		"parameter that is almost one of the driver's, or none at all",
		"Names that the driver does not know are sent to the server as session variables. A misspelt parameter would fail every connection, or set something else. So would the user, the password, the address or the database among the " +
			"parameters, under whatever name; and a password there could end up in the server's logs.",
		"params = { readTimout = \"30s\", password = env(\"MDB_PASSWORD\") }",
		"write the name that is suggested; write user, password and address beside params, and leave the database out: shards name theirs",
	},
	ruleNoTimeout: {
		"connections that wait for ever",
		"A machine that is switched off answers nothing, not even a refusal. Without any of timeout, readTimeout and writeTimeout a statement waits for it as long as the operating system likes, and its connection with it.",
		"server_defaults { user = \"mdb_rw\" }",
		"write params = { timeout = \"2s\", readTimeout = \"30s\", writeTimeout = \"30s\" }; readTimeout above the longest statement",
	},
	rulePoolBounds: {
		"pool that opens and closes connections all the time",
		"Connections above max_idle are closed after every use, and opening one costs several round trips: the driver's authors advise max_idle equal to max_open, which is the default here. Connections of 5 minutes and more are closed by " +
			"servers and network boxes at a moment of their choosing. Only what is written is judged.",
		"pool {\n  max_open     = 64\n  max_idle     = 2\n  max_lifetime = \"1h\"\n}",
		"leave max_idle out; write max_lifetime = \"4m\" or less",
	},
	ruleReplicaIsPrimary: {
		"replica at the address of its server",
		"A replica is another mysqld. At the same address it can neither take over nor take load.",
		"server \"u1\" {\n  address = \"u1.db\"\n  replica \"b\" { address = \"u1.db\" }\n}",
		"correct the address, or remove the replica",
	},
	ruleReplicaZone: {
		"replica in the zone of its server",
		"When the zone is gone, so are both.",
		"server \"u1\" {\n  address = \"u1.db\"\n  zone    = \"a\"\n  replica \"b\" {\n    address = \"u1b.db\"\n    zone    = \"a\"\n  }\n}",
		"place a replica in another zone",
	},
}
