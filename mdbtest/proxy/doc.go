// Package proxy puts a wire between a MySQL client and its server that a test
// can count on, slow down and cut.
//
// A [Proxy] listens on loopback and passes each connection on to one server. It
// understands just enough of the protocol to see where a client's commands
// begin: [Proxy.Requests] counts round trips, [Proxy.Commands] tells what was
// sent, and [Proxy.CutReply] lets the server carry out a command whose answer
// the client never sees, which is the hard case of every COMMIT.
//
// Connections must be neither encrypted nor compressed.
package proxy
