accept "MDB901:312384f6377732f4" {
  reason = "twice"
  owner  = ""
}
accept "MDB901:312384f6377732f4" {
  reason = "twice"
}
accept "MDB901" {}
accept "MDB902:0000000000000000" {
  reason = "x" + 1
  until  = "2027-01-01"
}
suppress "MDB901" {}
