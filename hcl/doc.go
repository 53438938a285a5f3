// Package hcl reads the configuration of mdb: HCL or JSON files that say where
// ids live and how the servers are reached.
//
// [Load] is for services: it applies the rules of severity error and gives a
// [Config] with a compiled routing table, or a [*DiagnosticsError] with every
// mistake. [Check] is for tools: it gives what it could make of the files
// together with all [Diagnostics], each at the exact place in its file.
//
// A Config never changes afterwards. No password, DSN, value of an environment
// variable or other sensitive value is ever part of a diagnostic or error.
package hcl
