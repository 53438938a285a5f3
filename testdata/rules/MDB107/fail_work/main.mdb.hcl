mdb {
  namespace = "rules"
}
locals {
  ring = range(1000)
  work = [for a in local.ring : [for b in local.ring : [for c in local.ring : 1]]]
}
