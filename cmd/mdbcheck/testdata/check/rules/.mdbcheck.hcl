rule "no-tls" {
  severity = "off"
  reason   = "tls ends at the proxies"
}
rule "MDB409" { severity = "error" }
rule "MDB501" { severity = "off" }
rule "last-era" { severity = "off" }
