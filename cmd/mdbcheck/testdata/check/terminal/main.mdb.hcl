mdb {
	namespace = "acme"
}
server "u1" { address = "u1:3306" }
# 2J ‮
area "user" {
	database	= "u_${shard.index}"
	partition "p0" {
		start	= "0:0"
		shards	= [ /* 日本語 é 👩‍👧 31m   */ server.u99 ]
	}
}
area "‮2J​" { }
server "u2" { address = "u2⁦:330631m" }
area "日本" { }
