route "ann by mail" {
  index    = central.email
  key      = " Ann@Example.com "
  shard    = 14
  server   = server["c1"]
  database = "central_14"
}
route "parent" {
  index = central.parent
  key   = "0:1:5"
  shard = 32
}
