# mdbcheck:ignore same-server-twice -- small shards
area "user" {
  database = "user_${partition.name}_${shard.index}" // mdbcheck:ignore MDB317 -- labels are for good
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u1]
  }
  partition "p1" {
    start = "0:10" # mdbcheck:ignore MDB315 -- era 0 lasts
    /* mdbcheck:ignore MDB316 -- p1 is to
       grow on u2 */
    shards = [
      server.u1,
      server.u1,
      server.u1,
      server.u2,
    ]
  }
}
# mdbcheck:ignore MDB405 -- found only where MDB_U9_DSN is set
server "u9" {
  dsn = env("MDB_U9_DSN")
}
