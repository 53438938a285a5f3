route "all wrong" {
  area      = area.user
  id        = "0:1:250122"
  partition = "p0"
  shard     = 1
  server    = server.u1
  database  = "user_p0_1"
}
route "no such area" {
  area  = area.usr
  id    = "0:1:1"
  shard = 0
}
route "no such index" {
  index = central.mail
  key   = "a"
  shard = 0
}
route "no such key" {
  index = central.device
  key   = "not a uuid"
  shard = 0
}
route "right" {
  area  = area.user
  id    = "0:1:1"
  shard = 0
}
