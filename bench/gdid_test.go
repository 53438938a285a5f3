package bench_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
)

// randomIDs returns ids of short text, as a young system issues them, or of the
// longest there are.
func randomIDs(tb testing.TB, text string) []gdid.GDID {
	tb.Helper()
	r := rand.New(rand.NewPCG(3, 3))
	ids := make([]gdid.GDID, queries)
	for i := range ids {
		era, counter := uint32(0), r.Uint64N(10_000_000_000)
		if text == "longest" {
			era, counter = r.Uint32(), r.Uint64N(gdid.MaxCounter)
		}
		id, err := gdid.New(era, uint8(r.IntN(16)), counter)
		require.NoError(tb, err)
		ids[i] = id
	}
	return ids
}

func randomUUIDs() []uuid.UUID {
	r := rand.New(rand.NewPCG(4, 4))
	ids := make([]uuid.UUID, queries)
	for i := range ids {
		for j := range ids[i] {
			ids[i][j] = byte(r.Uint32())
		}
	}
	return ids
}

func textsOf[T fmt.Stringer](ids []T) []string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return texts
}

func parseContestants(tb testing.TB, text string) []contestant {
	tb.Helper()
	ids, hexes, uuids := textsOf(randomIDs(tb, text)), []string{}, textsOf(randomUUIDs())
	for _, id := range randomIDs(tb, text) {
		hexes = append(hexes, id.Hex())
	}
	return []contestant{
		{"gdid", func() { parseAll(ids, gdid.Parse) }},
		{"gdid-hex", func() { parseAll(hexes, gdid.Parse) }},
		{"uuid", func() { parseAll(uuids, uuid.Parse) }},
	}
}

func parseAll[T any](texts []string, parse func(string) (T, error)) {
	for _, s := range texts {
		if _, err := parse(s); err != nil {
			panic(err)
		}
	}
}

func appendContestants(tb testing.TB, text string) []contestant {
	tb.Helper()
	ids, uuids := randomIDs(tb, text), randomUUIDs()
	buf := make([]byte, 0, 64)
	return []contestant{
		{"gdid", func() {
			for _, id := range ids {
				b, err := id.AppendText(buf)
				if err != nil {
					panic(err)
				}
				sink += len(b)
			}
		}},
		// uuid v1.6.0 has no AppendText; its MarshalText is the nearest to one.
		{"uuid", func() {
			for _, id := range uuids {
				b, err := id.MarshalText()
				if err != nil {
					panic(err)
				}
				sink += len(append(buf, b...))
			}
		}},
	}
}

func compareContestants(tb testing.TB) []contestant {
	tb.Helper()
	ids, numbers := randomIDs(tb, "longest"), make([]uint64, queries)
	for i, id := range ids {
		numbers[i] = id.Counter()
	}
	return []contestant{
		{"Compare", func() {
			for i := range ids[1:] {
				sink += ids[i].Compare(ids[i+1])
			}
		}},
		{"CompareRange", func() {
			for i := range ids[1:] {
				sink += ids[i].CompareRange(ids[i+1])
			}
		}},
		{"uint64", func() {
			for i := range numbers[1:] {
				sink += cmp.Compare(numbers[i], numbers[i+1])
			}
		}},
	}
}

func BenchmarkGDID(b *testing.B) {
	run := func(name string, contestants []contestant) {
		for _, c := range contestants {
			b.Run(name+"/of="+c.name, func(b *testing.B) {
				b.ReportAllocs()
				for done := 0; done < b.N; done += queries {
					c.run()
				}
			})
		}
	}
	for _, text := range []string{"short", "longest"} {
		run("do=parse/text="+text, parseContestants(b, text))
		run("do=append/text="+text, appendContestants(b, text))
	}
	run("do=compare", compareContestants(b))
}

// BenchmarkGoalGDID holds ids against google/uuid and uint64.
func BenchmarkGoalGDID(b *testing.B) {
	for _, text := range []string{"short", "longest"} {
		b.Run("do=parse/text="+text, func(b *testing.B) {
			benchmarkGoals(b, parseContestants(b, text), goal{"gdid", "uuid", 1})
		})
		b.Run("do=append/text="+text, func(b *testing.B) {
			benchmarkGoals(b, appendContestants(b, text), goal{"gdid", "uuid", 1})
		})
	}
	b.Run("do=compare", func(b *testing.B) {
		benchmarkGoals(b, compareContestants(b), goal{"Compare", "uint64", 2}, goal{"CompareRange", "uint64", 2})
	})
}
