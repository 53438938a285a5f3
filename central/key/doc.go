// Package key turns the keys of a CENTRAL index into bytes, and bytes into the
// CENTRAL shard that holds them.
//
// An index fixes the type of its keys and, for text, how they are normalised.
// [New] makes a [Codec] of the two; [Codec.Encode] gives the bytes that stand in
// the index table, and [Shard] says in which database. The encoding of a type
// is injective: two keys have the same bytes only if they are the same key
// after normalising.
//
//	type    encoding                                      text
//	string  its UTF-8 bytes after normalising             itself
//	bytes   itself                                        0x and hex digits
//	int64   8 bytes, big endian, two's complement         decimal
//	uint64  8 bytes, big endian                           decimal
//	uuid    its 16 bytes, in the order of its text        8-4-4-4-12 hex digits
//	gdid    its 12 bytes (see package gdid)               era:authority:counter
//
// Bytes sort as the keys do, except for int64: its negative keys sort after all
// others. CENTRAL finds keys by equality alone, so nothing depends on it.
//
// # Normalising
//
// A string key goes through the normalisers of its index in the order written.
// One may undo the work of another (nfkc makes a capital H of the letter ℌ,
// after fold has run), so the whole sequence is repeated until nothing changes.
// Normalising a normalised key therefore changes nothing, in whatever order
// the normalisers are written.
//
//	trim   removes white space from both ends: the 25 characters of Unicode's
//	       White_Space, which are U+0009 to U+000D, U+0020, U+0085, U+00A0,
//	       U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000.
//	       Invisible characters that are no space (U+200B, U+FEFF) stay.
//	lower  each character in lower case, whatever stands around it and whatever
//	       the language. It tells "straße" from "strasse"; fold does not.
//	fold   Unicode's full case folding, for comparing without regard to case.
//	nfc    Unicode normal form C: é is one character, however it was typed.
//	nfkc   Unicode normal form KC: as nfc, and ﬁ becomes fi, ２ becomes 2.
//	email  one form for what is one mailbox, and no other mailbox. The text must
//	       be LOCAL@DOMAIN. The domain is lowered and brought to ASCII by IDNA
//	       (UTS 46, non-transitional, STD3 rules), so bücher.example becomes
//	       xn--bcher-kva.example. In the local part the letters A to Z are
//	       lowered and the rest is kept, in form NFC: mailboxes that differ in
//	       the case of ASCII letters are the same everywhere in practice, while
//	       folding more would let strasse@x.org claim the key of straße@x.org.
//	       Dots and +tags stay. Quoted local parts, comments and address
//	       literals are refused, as they are other ways to write an address
//	       that has a plain form.
//
// # What is refused
//
// Text that is empty after normalising, longer than the index allows, not
// valid UTF-8, or that holds a control character (U+0000 to U+001F, U+007F to
// U+009F) is an [*Error]: such text is a mistake of the caller, and an index that
// really needs any byte has type bytes. The normalisers other than trim also
// refuse characters that Unicode has not assigned yet. Their normal form is not
// known today, and two programs built with different tables would give them
// different bytes, on different shards. The forms of assigned characters are
// stable: a key accepted once has the same bytes ever after. For the same reason
// a run of more than 30 combining marks is refused.
//
// The encodings, the hash and the choice of the shard are frozen, with vectors
// for other languages in testdata/vectors/key-*.json.
//
// All of the package is pure and safe for concurrent use.
package key
