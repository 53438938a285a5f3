package gdid

import (
	"encoding/binary"
	"math/bits"
)

// Long decimal numbers are read and written eight digits at a time in one 64-bit
// register: a digit a byte, the first digit in the lowest byte.

const (
	eightDigits = 100_000_000 // one more than eight digits can say
	everyByte   = 0x0101010101010101
)

// tens has the powers of ten that a uint64 can hold.
var tens = [20]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// digitCount returns the number of decimal digits of v.
func digitCount(v uint64) int {
	v |= 1 // no change to the count but for 0, which has a digit too
	// 1233/4096 is just above the logarithm of 2 to base 10.
	n := bits.Len64(v) * 1233 >> 12
	if v >= tens[n] {
		n++
	}
	return n
}

// eightDigitsOf returns the eight digits of a number below eightDigits.
func eightDigitsOf(number uint64) uint64 {
	high := number / 10_000
	digits := high | (number-high*10_000)<<32 // two times four digits
	hundreds := digits * 10486 >> 20 & (0x7f<<32 | 0x7f)
	digits = hundreds | (digits-hundreds*100)<<16 // four times two digits
	ten := digits * 103 >> 10 & 0x000f000f000f000f
	return ten | (digits-ten*10)<<8
}

// putDecimal writes v so that it fills b, which has its number of digits.
func putDecimal(b []byte, v uint64) {
	for len(b) >= 8 {
		rest := v / eightDigits
		binary.LittleEndian.PutUint64(b[len(b)-8:], eightDigitsOf(v-rest*eightDigits)+'0'*everyByte)
		v, b = rest, b[:len(b)-8]
	}
	for len(b) > 2 {
		rest := v / 100
		putPair(b[len(b)-2:], v-rest*100)
		v, b = rest, b[:len(b)-2]
	}
	if len(b) > 0 {
		putPair(b, v)
	}
}

// putPair writes a number below 100 so that it fills b, which has one or two
// bytes. A number of one digit overwrites the digit before it.
func putPair(b []byte, v uint64) {
	b[0] = byte('0' + v/10)
	b[len(b)-1] = byte('0' + v%10)
}

// readDecimal reads the digits from s[i:] up to something else or the end, whose
// index it returns. The value of more than maxDigits digits is not right.
func readDecimal[S text](s S, i int) (value uint64, end int) {
	for len(s)-i >= 8 {
		digits := load(s[i:i+8]) ^ '0'*everyByte
		// A byte above 9 has its highest bit set, or gets it by the addition.
		if (digits|(digits+(0x7f-9)*everyByte))&(0x80*everyByte) != 0 {
			break
		}
		digits = (digits*10 + (digits >> 8)) & 0x00ff00ff00ff00ff
		digits = (digits*100 + (digits >> 16)) & 0x0000ffff0000ffff
		digits = (digits*10_000 + (digits >> 32)) & 0xffffffff
		value = value*eightDigits + digits
		i += 8
	}
	for ; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			break
		}
		value = value*10 + uint64(d)
	}
	return value, i
}

// load returns the first eight bytes of s, the first of them lowest.
func load[S text](s S) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
