package hcl

// livePages are the pages of the rules about servers, which mdbcheck live
// applies.
var livePages = map[rule]page{
	ruleServerDown: {
		"server that does not answer",
		"Nobody answered within the time limit, or what answers is no MySQL server. Nothing is known of its databases, so no rule that needs them is claimed to have passed; the other servers were asked.",
		"server \"u3\" { address = \"u3.db.acme.internal:3306\" }   # connection refused",
		"see whether the server runs and the address is right, and that this machine may reach it; raise --timeout for slow networks",
	},
	ruleAuthFailed: {
		"login that a server refuses",
		"The server answers and does not let the user in: another password than its own, a user that was not created there, or one that may not come from this host. The services fail in the same way with the service's login.",
		"admin { user = \"mdb_admin\" password = env(\"MDB_ADMIN_PASSWORD\") }   # server error 1045",
		"set the right password in the environment, or create the user on the server for this host",
	},
	ruleSameIdentity: {
		"two labels, one server",
		"Two endpoints answer with one identity: two names of one machine, or a clone that kept the identity of its original. Load and failures are not spread as the file says, and a replica that is its own primary protects nothing.",
		"server \"u2\" { address = \"u2.db:3306\" }\nserver \"u4\" { address = \"10.0.0.2:3306\" }   # the same mysqld",
		"mend the address; a clone needs an identity of its own: remove auto.cnf (MySQL), or give it another server_id (MariaDB), and restart it",
	},
	ruleReadOnlyPrimary: {
		"primary that takes no writes",
		"The server of shards, of CENTRAL or of an authority is read-only: reads work, every write fails. After a failover the address may lead to what is a replica now.",
		"server \"u1\" { address = \"u1.db:3306\" }   # @@read_only = 1",
		"point the address to the primary, or promote the server and switch read_only off",
	},
	ruleReplicaBroken: {
		"replica that does not replicate",
		"It falls behind for good, and after a failover what it lacks is lost.",
		"replica \"b\" { address = \"u1b.db:3306\" }   # its applier stopped with error 1062",
		"see SHOW REPLICA STATUS there; repair or rebuild the replica",
	},
	ruleWrongSource: {
		"replica of another server",
		"What is declared as a copy of one server copies another. Promoted in its place it would serve the rows of other ids; the identity in each database keeps services from using it, so they would fail.",
		"server \"u1\" {\n  address = \"u1.db:3306\"\n  replica \"b\" { address = \"u9b.db:3306\" }   # replicates from u9\n}",
		"declare it under the server that it copies, or let it follow the right one",
	},
	ruleReplicaLag: {
		"replica that is late",
		"Its primary's writes reach it more than half a minute late. Whoever reads there sees the past, and a failover waits for it or loses what it lacks.",
		"replica \"b\" { address = \"u1b.db:3306\" }   # 412 s behind",
		"look for a long statement, a slow disk or too few applier threads there",
	},
	ruleDatabaseMissing: {
		"database that does not exist",
		"The file says that a shard lies there, and the server has no such database. Services fail for its ids. If the shard stands elsewhere, the file is wrong; if nowhere, it was never provisioned or was dropped.",
		"shards = [database(server.u3, \"user_p1_moved\")]",
		"mend the name or the server; for shards that are new run mdbctl provision",
	},
	ruleShardMismatch: {
		"database of another shard",
		"The database says of itself that it is something else: another shard, partition, area or namespace, or one that serves from a machine that was not admitted. Servers were swapped or reordered in the file, or a copy was restored elsewhere. Services refuse to use it.",
		"shards = [server.u2, server.u1]   # u1/user_p0_0 is stamped as shard 0, not 1",
		"put the file back in order; only for a machine that took over rightly run mdbctl admit",
	},
	ruleShardMissing: {
		"database that is no shard yet",
		"It exists and nothing says which shard it is, or provisioning did not finish. Services refuse to use it.",
		"shards = [server.u1]   # database user_p0_0 is empty",
		"run mdbctl provision",
	},
	ruleTableMissing: {
		"table that a shard lacks",
		"A table of a briefcase, of mdb or of an index is not in the database. Statements fail for the ids of this shard alone, which is hard to find later.",
		"table \"tbl_order\" {}   # not in u3/user_p1_2",
		"create it as it is in the other shards, with mdbctl each; mdb's own tables come back from a backup",
	},
	ruleSchemaDrift: {
		"shards with different schemas",
		"A table is not the same in all shards of an area: a column, an index, a default or a collation differs. One statement then works for some ids and fails, or answers otherwise, for others. What most shards have is taken to be meant; of as many, what shard 0 of the newest partition has.",
		"ALTER TABLE tbl_order ADD COLUMN state TINYINT;   # applied to shards 0 to 2 of 4",
		"bring the shards that differ to the schema of the others, with mdbctl each",
	},
	ruleKeyColumnType: {
		"key column of another type",
		"Ids are 12 bytes. Any other type than BINARY(12) NOT NULL cuts, pads or converts them, and rows are not found again.",
		"CREATE TABLE tbl_user (g_user BIGINT NOT NULL PRIMARY KEY);",
		"make the column BINARY(12) NOT NULL",
	},
	ruleKeyNotLeading: {
		"primary key that does not begin with the briefcase",
		"Rows of a briefcase are read and moved together. InnoDB keeps rows in the order of the primary key, so it must begin with the key column; without that, moving one briefcase reads the whole table.",
		"CREATE TABLE tbl_order (id BINARY(12) PRIMARY KEY, g_user BINARY(12) NOT NULL);",
		"make the primary key (g_user, id)",
	},
	ruleAutoIncrement: {
		"AUTO_INCREMENT in a briefcase",
		"Each shard counts for itself, so two rows of one area get one number, and collide when a briefcase moves to another shard.",
		"CREATE TABLE tbl_order (g_user BINARY(12), id INT AUTO_INCREMENT, ...);",
		"use ids of a sequence: router.NewID(ctx, \"order\")",
	},
	ruleMisplacedRows: {
		"rows in a shard that their ids do not lead to",
		"The file sends the ids of these rows elsewhere, so nobody finds them, and a second row of the same id may be written there. The list of shards was changed, rows were copied by hand, or something writes past mdb. It is found in a sample: there may be more.",
		"SELECT ... FROM u1/user_p0_0   # 3 of 1000 rows belong to u2/user_p0_1",
		"see with mdbcheck breaking which edit moved them; put the file back, or move the rows",
	},
	ruleHeadPastStart: {
		"ids that are given where no shard takes them",
		"The head of a sequence is past the start of a partition that is not in use: ids from there on have their rows in the partition before, or are refused. Or the shards of a partition end elsewhere than the next one starts: before it, with an old file, or not at all, when a replica was promoted that did not have the end yet. A partition that mdbctl provision appends is never found.",
		"partition \"p2\" { start = \"0:500_000\" }   # sequence user has leased up to 0:612044",
		"start it at or past the head; mdbctl provision refuses it too",
	},
	ruleRunway: {
		"sequence that soon cannot go on",
		"At the present rate the ids soon reach a partition that is declared and not in use, or the ceiling of all authorities. The rate is that of the last days if --history has it, and else the average since the newest partition in use was created. A partition that is in use is no end, and neither is the last one.",
		"partition \"p2\" { start = \"0:500_000\" }   # not provisioned; reached in 12 days",
		"run mdbctl provision in time, see docs/operations.md, or raise the ceiling",
	},
	ruleLaggingAuthority: {
		"authority that is far behind",
		"Authorities count for themselves, and catch up when a service leases from them that knows later ids. One that is far behind and asked first gives ids of an older partition, so new rows land where no more were planned.",
		"authority \"nyc\" { number = 3 ... }   # 1,200,000 ids behind the others",
		"move it on with mdbctl ids floor SEQUENCE --at-least HEAD",
	},
	ruleIndexOrphan: {
		"key that leads to no briefcase",
		"Live keys of an index name ids without a row in the root table. Lookups find an id whose briefcase is not there, and nobody can take the key. It is found in a sample: there may be more.",
		"SELECT ... FROM central_3.mdb_index_email   # 2 of 1000 rows",
		"release the keys with mdbctl central, once it is sure that the briefcases are gone",
	},
	ruleServerSettings: {
		"settings that are unwise, or differ among servers",
		"Without a strict sql_mode a server cuts values and stores zeros instead of failing. Where lower_case_table_names, time_zone, collation_server, max_allowed_packet, innodb_page_size or sql_mode differ, one statement gives different results on different shards, and a briefcase cannot move.",
		"SET GLOBAL max_allowed_packet = 1048576;   # on u3; the others have 67108864",
		"give all servers the same settings in their option files",
	},
	ruleTooOld: {
		"server that is too old",
		"mdb needs MySQL 8.0 or MariaDB 10.11, or later. Older ones lack statements that it uses, and repairs that it relies on.",
		"server \"u1\" { address = \"u1.db:3306\" }   # 5.7.44",
		"upgrade the server",
	},
	ruleWrongEngine: {
		"table that InnoDB does not keep",
		"A table of another engine takes part in no transaction: its writes stay when a briefcase's transaction is rolled back, and are not held by the fence when a briefcase moves.",
		"CREATE TABLE tbl_log (...) ENGINE=MyISAM;",
		"ALTER TABLE tbl_log ENGINE=InnoDB",
	},
	ruleOvercommit: {
		"more connections than a server takes",
		"Each process has a pool for each shard. When all are busy at once, all processes together want more connections than max_connections: in the hour of the highest load some fail with error 1040. It is checked with --instances, the number of processes.",
		"pool { max_open = 64 }   # 64 x 8 shards on u1 x 20 processes = 10240, max_connections = 1000",
		"lower max_open, spread the shards over more servers, or raise max_connections",
	},
	rulePrivileges: {
		"login without a right that it needs",
		"A service reads and writes the rows of its shards and reads mdb's own tables; the admin creates databases and tables. Without a right this fails when it is first needed, and not here.",
		"GRANT SELECT ON user_p0_0.* TO 'mdb_rw'@'%';   # and no INSERT, UPDATE, DELETE",
		"grant what the message names",
	},
	ruleFingerprint: {
		"servers that hold another routing table",
		"Databases are stamped as shards of an area of this namespace that this configuration does not have: it is an older file, or one from another branch, than the one that was provisioned. Ids of partitions that it does not know are looked for elsewhere.",
		"area \"user\" { partition \"p0\" { ... } }   # u3/user_p1_2 is stamped from 0:250000",
		"use the file that was provisioned last; drop databases that are known to be left over",
	},
	ruleUniqueWithoutKey: {
		"unique key without the briefcase",
		"A server knows the rows of its own shards only, so a unique key without the key column holds within one shard: the same value may stand in another, and then a briefcase that is to move there is refused.",
		"CREATE TABLE tbl_user (g_user BINARY(12) PRIMARY KEY, email VARCHAR(320), UNIQUE KEY (email));",
		"what is unique within a briefcase begins with its column: (g_user, name); what is unique everywhere belongs into an index of CENTRAL. Values that cannot be equal, as ids of a sequence, need no such key, or an ignore with that reason",
	},
	ruleForeignKeyLeaves: {
		"foreign key that leads out of the briefcase",
		"A briefcase moves with its own rows alone. A foreign key to another database, to a table that is not of the briefcase, or that does not pair key column with key column, refers to rows that stay behind: the move is refused, or breaks what the key was to protect.",
		"ALTER TABLE tbl_order ADD FOREIGN KEY (id_country) REFERENCES country (id);",
		"let both sides begin with the key column: FOREIGN KEY (g_user, g_order) REFERENCES tbl_order (g_user, g_order); for other tables drop the foreign key, and let the application see to it",
	},
}
