package gdid_test

import (
	"testing"

	"github.com/mdbrouter/mdb/gdid"
)

var benchTexts = []struct{ name, text string }{
	{"short", "0:3:250000"},
	{"longest", "4294967295:15:1152921504606846975"},
	{"hex", "00000000300000000003d090"},
}

func BenchmarkParse(b *testing.B) {
	for _, tt := range benchTexts {
		b.Run("text="+tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := gdid.Parse(tt.text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkGDID_AppendText(b *testing.B) {
	for _, tt := range benchTexts[:2] {
		b.Run("text="+tt.name, func(b *testing.B) {
			b.ReportAllocs()
			id, buf := gdid.MustParse(tt.text), make([]byte, 0, 64)
			for b.Loop() {
				if _, err := id.AppendText(buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkGDID_Compare(b *testing.B) {
	x, y := gdid.MustParse("0:3:250000"), gdid.MustParse("0:4:250000")
	sum := 0
	b.Run("by=Compare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sum += x.Compare(y)
		}
	})
	b.Run("by=CompareRange", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sum += x.CompareRange(y)
		}
	})
	if sum > 0 {
		b.Fatal("x is below y")
	}
}
