mdb {
  namespace = "rules"
}
variable "stage" { default = "x" }
