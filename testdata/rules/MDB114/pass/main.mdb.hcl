mdb {
  namespace = "rules"
}
