// Package dsn reads, builds and redacts data source names, and knows which
// driver parameters are safe under a router.
//
// A [DSN] never changes and never prints what is secret: whatever it is printed,
// logged or marshalled with shows network, address and database alone. Only
// [DSN.Config], [DSN.Secret] and [DSN.ClientOptions] give the password away.
package dsn
