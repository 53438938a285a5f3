package proxy

// ReadPacket reads one packet of the protocol.
var ReadPacket = readPacket
