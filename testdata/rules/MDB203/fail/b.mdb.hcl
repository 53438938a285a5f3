locals {
  b = [local.c]
  c = local.a
}
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start = "0:0"
    shards = local.a
  }
}
