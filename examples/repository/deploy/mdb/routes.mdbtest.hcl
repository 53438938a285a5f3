# What must stay where it is, whatever changes. mdbcheck route says what to write.

route "the first customer" {
  area      = area.user
  id        = "0:1:1"
  partition = "p0"
  shard     = 0
  server    = server.u1
  database  = "user_p0_0"
}

route "a customer of spring" {
  area     = area.user
  id       = "0:1:1500000"
  server   = server.u3
  database = "user_p1_2"
}

route "a customer after the breakpoint" {
  area     = area.user
  id       = "0:0:2300001"
  server   = server.u3
  database = "user_r0_0"
}

route "ann by mail" {
  index  = central.email
  key    = "Ann@Example.com"
  server = server.c1
}
