route "the first customer" {
  area      = area.user
  id        = "0:1:1"
  partition = "p0"
  shard     = 0
  server    = server.u1
  database  = "user_p0_0"
}
route "the golden vector" {
  area   = area.user
  id     = "00000000100000000003d10a"
  server = server.u3
}
