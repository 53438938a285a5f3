accept "MDB901:312384f6377732f4" {
  reason = "all rows of p1 were moved on 2026-11-02"
  owner  = "storage"
}
accept "MDB902:0000000000000000" {
  reason = "of a change that was edited since"
  owner  = "storage"
}
