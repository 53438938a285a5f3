// Package mdbtest runs a whole topology, as its HCL file declares it, on real
// servers in a Go test.
//
// [Start] starts one private server for every server and replica of the file,
// creates the databases, applies the schema and opens a router that reaches
// these servers whatever addresses the file names:
//
//	func TestOrders(t *testing.T) {
//		cluster := mdbtest.Start(t, "deploy/mdb", mdbtest.Options{})
//		users, err := cluster.Router.Area("user")
//		...
//		cluster.Server("u1").Kill(t)
//	}
//
// Addresses, users and passwords of the file play no role; parameters such as
// parseTime do. What hangs on a password that is not set cannot be known: set it,
// to anything, when the file's parameters matter.
//
// Starting takes about half a second for four servers, and [Cluster.Reset] a few
// milliseconds: a package with many tests opens one cluster in TestMain with
// [Open] and resets it between tests.
//
// The servers are found on the machine (see [mysqld.Find]). With MDBTEST_DSN set
// to data source names, separated by spaces, the topology is put on those
// servers instead, in the order of the file. What such servers can do is found
// out; [Cluster.Require] stops a test that needs more.
package mdbtest
