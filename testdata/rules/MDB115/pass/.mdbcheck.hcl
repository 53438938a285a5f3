rule "MDB317" {
  severity = "off"
  reason   = "labels are for good here"
}
rule "last-era" { severity = "warning" }
