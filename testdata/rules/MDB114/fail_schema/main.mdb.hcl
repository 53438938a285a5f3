mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
area "user" {
  database = "user"
  schema   = "schema/user"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
area "order" {
  database = "order"
  schema   = "main.mdb.hcl"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
area "item" {
  database = "item"
  schema   = env("UNSET_DIR", "secret")
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
