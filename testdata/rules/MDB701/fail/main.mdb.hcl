mdb {
  namespace = "rules"
}
authority "a" {
  number = 16
  files  = ["a", "b"]
}
authority "b" {
  number = -1
  files  = ["a", "b"]
}
