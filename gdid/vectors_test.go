package gdid_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
)

var update = flag.Bool("update", false, "write testdata/vectors/gdid.json anew; its values are frozen, so only inputs may be added")

const vectorsFile = "../testdata/vectors/gdid.json"

// A vector is one id in its forms. Numbers are texts, because JSON numbers lose
// digits past 53 bits in other languages.
type vector struct {
	Era       string `json:"era"`
	Authority string `json:"authority"`
	Counter   string `json:"counter"`
	Text      string `json:"text"`
	Hex       string `json:"hex"`
	RangeKey  string `json:"range_key"`
}

func vectorOf(g gdid.GDID) vector {
	return vector{
		Era: fmt.Sprint(g.Era()), Authority: fmt.Sprint(g.Authority()), Counter: fmt.Sprint(g.Counter()),
		Text: g.String(), Hex: g.Hex(), RangeKey: g.RangeKey().String(),
	}
}

var vectorTexts = []string{
	"0:0:1", "0:3:250000", "0:1:0", "0:15:0", "1:0:0", "7:3:250000", "0:0:4294967296", "0:1:4611686018427",
	"0:0:1152921504606846975", "4294967295:0:0", "4294967295:15:1152921504606846975", "305419896:9:81985529216486895",
}

func TestVectors(t *testing.T) {
	t.Parallel()
	if *update {
		lines := make([]string, len(vectorTexts))
		for i, text := range vectorTexts {
			g := gdid.MustParse(text)
			line, err := json.Marshal(vectorOf(g))
			require.NoError(t, err)
			lines[i] = "    " + string(line)
		}
		text := "{\n  \"description\": \"Ids: parts, text, the 12 bytes as hexadecimal digits, and range key.\",\n" +
			"  \"vectors\": [\n" + strings.Join(lines, ",\n") + "\n  ]\n}\n"
		require.NoError(t, os.WriteFile(vectorsFile, []byte(text), 0o644))
	}
	raw, err := os.ReadFile(vectorsFile)
	require.NoError(t, err)
	var file struct{ Vectors []vector }
	require.NoError(t, json.Unmarshal(raw, &file))
	require.GreaterOrEqual(t, len(file.Vectors), len(vectorTexts), "vectors are never taken away")
	for _, v := range file.Vectors {
		g := gdid.MustParse(v.Text)
		require.Equal(t, g, gdid.MustParse(v.Hex))
		require.Equal(t, v, vectorOf(g))

		// The bytes, computed another way: era*2^64 + authority*2^60 + counter.
		n, ok := new(big.Int).SetString(v.Era, 10)
		require.True(t, ok)
		for _, part := range []struct {
			text string
			bits uint
		}{{v.Authority, 4}, {v.Counter, 60}} {
			m, ok := new(big.Int).SetString(part.text, 10)
			require.True(t, ok)
			n.Lsh(n, part.bits).Add(n, m)
		}
		require.Equal(t, v.Hex, fmt.Sprintf("%024x", n))
	}
}
