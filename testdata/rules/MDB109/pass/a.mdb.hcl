# mdbcheck:ignore-file MDB501, MDB707 -- ids come from elsewhere
mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
