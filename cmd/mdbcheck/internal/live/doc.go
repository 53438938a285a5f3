// Package live asks the servers of a configuration what they are and hold, and
// gives what is wrong with them: the rules MDB801 to MDB826.
//
// [Check] asks several servers at once, each within a time limit of its own and
// over one session that may not write. A server that cannot be asked is
// [Unasked]: the rules that need it are not claimed to have passed, and the
// others go on. Nothing is ever written to a server.
package live
