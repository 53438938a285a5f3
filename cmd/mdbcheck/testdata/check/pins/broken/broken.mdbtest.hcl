route "nothing to look up" {
  shard = 1
}
route "both" {
  area  = area.user
  index = central.email
  id    = "0:1:1"
  key   = "a"
  shard = 1
}
route "a bad id" {
  area  = area.user
  id    = "0:16:1"
  shard = -1
}
route "zero" {
  area  = area.user
  id    = "0:0:0"
  shard = 1.5
}
route "expects nothing" {
  area = "user"
  id   = "0:1:1"
}
route "a key has no partition" {
  index     = central.email
  key       = "a"
  id        = "0:1:1"
  partition = "p0"
}
route "an id has no key" {
  area   = area.user
  id     = "0:1:1"
  key    = "a"
  server = central.u1
  colour = "red"
}
route "computed" {
  area  = area.user
  id    = "0:1:${1}"
  shard = length([1])
}
pin "other" {}
route {}
