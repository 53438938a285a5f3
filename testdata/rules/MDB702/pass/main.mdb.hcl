mdb {
  namespace = "rules"
}
authority "chi" {
  number = 0
  files  = ["a", "b"]
}
authority "nyc" {
  number = 1
  files  = ["a", "b"]
}
