package proxy

import (
	"bytes"
	"strings"
)

// The commands of the protocol that tests name.
const (
	ComQuit         byte = 0x01
	ComQuery        byte = 0x03
	ComPing         byte = 0x0e
	ComStmtPrepare  byte = 0x16
	ComStmtExecute  byte = 0x17
	ComStmtLongData byte = 0x18
	ComStmtClose    byte = 0x19
	ComStmtReset    byte = 0x1a
	ComReset        byte = 0x1f
)

// payloadKept is how much of a command's payload [Proxy.Commands] remembers.
const payloadKept = 4 << 10

// A Command is one command of a client, as it went over the wire.
type Command struct {
	Conn    int    // the connection it came on, numbered from 1 in the order of arrival
	Code    byte   // e.g. [ComQuery]
	Payload string // what follows the code: a statement's text for ComQuery and ComStmtPrepare; at most 4 KB
}

// answered reports whether the server replies to the command.
func answered(code byte) bool {
	return code != ComQuit && code != ComStmtClose && code != ComStmtLongData
}

// A Match picks commands by their code and the whole payload after it. It is
// called from the goroutine that passes the command on, must not call the
// proxy, and must not keep the payload.
type Match func(code byte, payload []byte) bool

// Any matches every command that the server answers.
func Any(code byte, _ []byte) bool { return answered(code) }

// Query matches statements sent as text that start with the prefix, in any
// letter case, such as "COMMIT".
func Query(prefix string) Match {
	return func(code byte, payload []byte) bool {
		text := bytes.TrimLeft(payload, " \t\r\n")
		return code == ComQuery && len(text) >= len(prefix) && strings.EqualFold(string(text[:len(prefix)]), prefix)
	}
}
