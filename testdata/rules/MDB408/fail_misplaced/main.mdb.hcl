mdb {
  namespace = "rules"
}
locals {
  params = { addr = "u2.db" }
}
server_defaults {
  params = { timeout = "1s", password = "hunter2" }
}
server "u1" {
  address = "u1.db"
  params  = { user = "x", pw = env("UNSET"), dbname = "x", net = "tcp" }
}
server "u2" {
  address = "u2.db"
  params  = local.params
}
server "u3" { dsn = "x@tcp(u3.db)/?passwd=hunter2" }
