# One area for each edit of ranges.
mdb {
  namespace = "acme"
}
server "u1" { address = "u1:3306" }
server "u2" { address = "u2:3306" }
server "u3" { address = "u3:3306" }
server "v2" { address = "v2:3306" }
area "removed" {
  database = "removed_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
area "moved" {
  database = "moved_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
  partition "p1" {
    start  = "0:1500"
    shards = [server.u2]
  }
}
area "inserted" {
  database = "inserted_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
  partition "between" {
    start  = "0:500"
    shards = [server.u3]
  }
  partition "p1" {
    start  = "0:1000"
    shards = [server.u2]
  }
}
area "breakpoints" {
  database = "breakpoints_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
  breakpoint "shifted" {
    at = "0:1200"
    partition "s0" {
      offset = "0:0"
      shards = [server.u2]
    }
  }
  breakpoint "kept" {
    at = "0:2000"
    partition "k0" {
      offset = "0:0"
      shards = [server.u3]
    }
  }
  breakpoint "added" {
    at = "0:4000"
    partition "a0" {
      offset = "0:0"
      shards = [server.u2]
    }
  }
}
area "hashes" {
  database = "hashes_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    hash   = "jump1"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:1000"
    hash   = "jump1"
    shards = [server.u1]
  }
}
area "labels" {
  database = "labels_${partition.name}_${shard.index}"
  partition "first" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "second" {
    start  = "0:1000"
    shards = [database(server.u1, "one"), database(server.u2, "two")]
  }
}
area "places" {
  database = "places_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.v2]
  }
  partition "p1" {
    start  = "0:1000"
    shards = [server.u1, server.v2]
  }
}
area "names" {
  database = "name_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:1000"
    shards = [server.u1, server.u2]
  }
}
area "renamed" {
  database = "renamed_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u3, server.u2]
  }
}
