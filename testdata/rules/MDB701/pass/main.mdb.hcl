mdb {
  namespace = "rules"
}
authority "a" {
  number = 15
  files  = ["a", "b"]
}
authority "b" {
  number = 0
  files  = ["a", "b"]
}
