package gdid_test

import (
	"fmt"

	"github.com/mdbrouter/mdb/gdid"
)

func Example() {
	id := gdid.MustParse("0:3:250000")
	fmt.Println(id.Era(), id.Authority(), id.Counter())
	fmt.Println(id, id.RangeKey(), id.Hex())
	// Output:
	// 0 3 250000
	// 0:3:250000 0:250000 00000000300000000003d090
}

func ExampleParse() {
	id, err := gdid.Parse("0x00000000300000000003d090")
	fmt.Println(id, err)
	_, err = gdid.Parse("0:16:250000")
	fmt.Println(err)
	// Output:
	// 0:3:250000 <nil>
	// gdid: parse "0:16:250000": authority exceeds 15 (GDID, want era:authority:counter or 24 hexadecimal digits)
}

// The authority stands above the counter in the bytes, and takes no part in
// ranges: the two orders differ.
func ExampleGDID_CompareRange() {
	a, b := gdid.MustParse("0:1:900"), gdid.MustParse("0:2:500")
	fmt.Println(a.Compare(b), a.CompareRange(b))
	// Output: -1 1
}

func ExampleRangeKey_Add() {
	at := gdid.MustParseRangeKey("0:8_000_000_000")
	start, err := at.Add(gdid.MustParseRangeKey("1:500_000"))
	fmt.Println(start, err)
	// Output: 1:8000500000 <nil>
}

// The ids of a run of range keys lie in up to 16 runs of a BINARY(12) column, one
// for each authority.
func ExampleIntervals() {
	first, last := gdid.MustParseRangeKey("0:250_000"), gdid.MustParseRangeKey("0:499_999")
	for i := range gdid.Intervals(first, last) {
		fmt.Printf("id BETWEEN x'%x' AND x'%x'\n", i.First, i.Last)
		if gdid.FromBytes(i.First).Authority() == 1 {
			break
		}
	}
	// Output:
	// id BETWEEN x'00000000000000000003d090' AND x'00000000000000000007a11f'
	// id BETWEEN x'00000000100000000003d090' AND x'00000000100000000007a11f'
}
