mdb {
  namespace = "rules"
}
variable "stage" {
  default = "test"
  validation {
    condition     = contains(["test", "prod"], var.stage)
    error_message = "stage is test or prod"
  }
}
