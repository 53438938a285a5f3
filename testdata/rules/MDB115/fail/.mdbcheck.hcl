rule "MDB313" { severity = "high" }
rule "MDB304" { severity = "off" }
rule "last-era" { severity = "off" }
rule "MDB315" { severity = "notice" }
rule "MDB999" { severity = "off" }
rule "last-ear" { severity = "off" }
rule "MDB901" { severity = "warning" }
rule "MDB407" {}
rule "MDB409" {
  severity = null
  why      = "tls ends elsewhere"
}
naming { areas = "x" }
