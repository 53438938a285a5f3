package hcl_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

func format(t *testing.T, text string) string {
	t.Helper()
	out, err := hcl.Format("a.mdb.hcl", []byte(text))
	require.NoError(t, err)
	return string(out)
}

func TestFormat(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"only space", "\n \n\n", ""},
		{"only a comment", "  # x", "# x\n"},
		{"indentation and alignment", "server \"a\"{\naddress=\"a:1\"\n  zone   =  \"x\" # z\n}", "server \"a\" {\n  address = \"a:1\"\n  zone    = \"x\" # z\n}\n"},
		{"several line ends at the end", "locals {\n}\n\n\n", "locals {\n}\n"},
		{"a byte order mark", "\ufefflocals {\n a=1\n}\n", "locals {\n  a = 1\n}\n"},
		{"CRLF stays", "locals {\r\na=1\r\n}", "locals {\r\n  a = 1\r\n}\r\n"},
		{"a heredoc is left alone", "locals {\n  a=<<X\n   x  =1 \n\tX\n  }\n", "locals {\n  a = <<X\n   x  =1 \n\tX\n}\n"},
		{"strings are left alone", "locals {\n  a = \"x  ${ local.b }  é 🎉\"\n}\n", "locals {\n  a = \"x  ${local.b}  é 🎉\"\n}\n"},
		{
			"partitions", `area "user" {
  database = "x"
  # Second.
  // Its comment.
  partition "p1" {
    start = "0:250_000"
  } # end of p1

  /* First,
     from zero on. */
  partition "p0" {
    start = "0:0"
  }

  # The end.
}
`, `area "user" {
  database = "x"
  /* First,
     from zero on. */
  partition "p0" {
    start = "0:0"
  }

  # Second.
  // Its comment.
  partition "p1" {
    start = "0:250_000"
  } # end of p1

  # The end.
}
`,
		},
		{
			"partitions of breakpoints", `area "user" {
  partition "p1" {
    start = "0:9"
  }
  breakpoint "b" {
    at = "1:0"
    partition "r1" {
      offset = "0:5"
    }
    # r0
    partition "r0" {
      offset = "0:0"
    }
  }
  partition "p0" {
    start = "0:0"
  }
}
`, `area "user" {
  partition "p0" {
    start = "0:0"
  }
  breakpoint "b" {
    at = "1:0"
    # r0
    partition "r0" {
      offset = "0:0"
    }
    partition "r1" {
      offset = "0:5"
    }
  }
  partition "p1" {
    start = "0:9"
  }
}
`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := format(t, tt.text)
			require.Equal(t, tt.want, got)
			require.Equal(t, got, format(t, got), "formatted again")
		})
	}
}

// Where it is not certain what goes with what, or what the order is, the order
// stays.
func TestFormat_leaves_the_order_alone(t *testing.T) {
	t.Parallel()
	area := func(between, second string) string {
		return "area \"user\" {\n  partition \"p1\" {\n    start = \"0:5\"\n  }" + between + "\n  partition \"p0\" {\n    start = " + second + "\n  }\n}\n"
	}
	tests := []struct{ name, text string }{
		{"a comment by itself", area("\n\n  # From here on: old.\n", `"0:0"`)},
		{"a comment that goes on below", area(" /* a\n     b */", `"0:0"`)},
		{"a start that is computed", area("", "local.start")},
		{"a start with a template", area("", `"0:${local.n}"`)},
		{"a start that is no range key", area("", `"zero"`)},
		{"equal starts", area("", `"0:5"`)},
		{"equal starts after another", area("\n  partition \"p2\" {\n    start = \"0:3\"\n  }", `"0:3"`)},
		{"breakpoints", "area \"user\" {\n  breakpoint \"b\" {\n    at = \"0:9\"\n  }\n  breakpoint \"a\" {\n    at = \"0:8\"\n  }\n}\n"},
		{"no start", "area \"user\" {\n  partition \"p1\" {\n    start = \"0:5\"\n  }\n  partition \"p0\" {}\n}\n"},
		{"blocks of another type", "zone \"user\" {\n  partition \"p1\" {\n    start = \"0:5\"\n  }\n  partition \"p0\" {\n    start = \"0:0\"\n  }\n}\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.text, format(t, tt.text))
		})
	}
}

func TestFormat_refuses_what_does_not_parse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, rule string
		line             int
	}{
		{"a brace without an end", "locals {\n", "MDB101", 1},
		{"no UTF-8", "locals {\n  a = \"\xff\"\n}\n", "MDB101", 2},
		{"a control character", "locals {\n  # \x1b[31m\n}\n", "MDB101", 2},
		{"deep nesting", "locals {\n  a = " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n}\n", "MDB107", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := hcl.Format("dir/a.mdb.hcl", []byte(tt.text))
			failed, ok := errors.AsType[*hcl.DiagnosticsError](err)
			require.True(t, ok, err)
			require.Equal(t, tt.rule, failed.Diagnostics[0].Rule)
			require.Equal(t, "dir/a.mdb.hcl", failed.Diagnostics[0].Range.Filename)
			require.Equal(t, tt.line, failed.Diagnostics[0].Range.Start.Line)
		})
	}
}

// The sample is formatted as everybody's file should be.
func TestFormat_of_the_sample_changes_no_route(t *testing.T) {
	t.Parallel()
	before, after := fingerprint(t, sampleText(t)), fingerprint(t, format(t, sampleText(t)))
	require.Equal(t, before, after)
}

// Areas in any order, with comments and space anywhere, route as before, and come
// out sorted.
func TestFormat_never_changes_a_route(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		text := shuffledArea(random)
		formatted := format(t, text)
		require.Equal(t, fingerprint(t, text), fingerprint(t, formatted), text)
		require.Equal(t, formatted, format(t, formatted), text)
		require.Equal(t, marks(text), marks(formatted), "each comment is there once:\n%s", text)
		var starts []string
		for line := range strings.Lines(formatted) {
			if key, ok := strings.CutPrefix(strings.TrimSpace(line), "start = "); ok {
				starts = append(starts, key)
			}
		}
		require.True(t, slices.IsSorted(starts), formatted)
		for line := range strings.Lines(formatted) {
			if _, n, ok := strings.Cut(line, "# above "); ok {
				require.Contains(t, formatted, line+"  partition \"p"+strings.TrimSpace(n)+"\"", "a comment stays with its block")
			}
		}
	}
}

// shuffledArea gives a sound configuration whose partitions have no order.
func shuffledArea(random *rand.Rand) string {
	var partitions, points []string
	for i := range 1 + random.IntN(9) {
		text := fmt.Sprintf("partition \"p%d\" {\nstart = \"0:%d\"\nshards=[server.a]\n}", i, i*7)
		switch random.IntN(4) {
		case 0:
			text = fmt.Sprintf("# above %d\n", i) + text
		case 1:
			text += fmt.Sprintf(" # beside %d", i)
		case 2:
			text = strings.Replace(text, "{\n", fmt.Sprintf("{ # inside %d\n", i), 1)
		}
		partitions = append(partitions, text)
	}
	for i := range random.IntN(3) {
		points = append(points, fmt.Sprintf("breakpoint \"b%d\" {\nat = \"0:%d\"\npartition \"r%d_1\" {\noffset=\"0:3\"\nshards = [server.a]\n}\npartition \"r%d_0\" {\noffset=\"0:0\"\nshards = [server.a]\n}\n}", i, 100+i*10, i, i))
	}
	random.Shuffle(len(partitions), func(i, j int) { partitions[i], partitions[j] = partitions[j], partitions[i] })
	items := partitions
	for _, point := range slices.Backward(points) { // they keep their order
		items = slices.Insert(items, random.IntN(firstPoint(items)+1), point)
	}
	return "mdb { namespace = \"x\" }\nserver \"a\" {\naddress = \"a:1\"\n}\narea \"user\" {\ndatabase = \"u_${partition.name}\"\n" +
		strings.Join(items, strings.Repeat("\n", 1+random.IntN(2))) + "\n}\n"
}

// firstPoint gives the index of the first breakpoint, or the number of items.
func firstPoint(items []string) int {
	for i, item := range items {
		if strings.HasPrefix(item, "breakpoint") {
			return i
		}
	}
	return len(items)
}

// marks gives the comments of a text, sorted.
func marks(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if _, comment, ok := strings.Cut(line, "#"); ok {
			out = append(out, strings.TrimSpace(comment))
		}
	}
	slices.Sort(out)
	return out
}

func fingerprint(t *testing.T, text string) string {
	t.Helper()
	cfg, found := hcl.Check("x.mdb.hcl", hcl.Options{Getenv: noEnv, Overlay: map[string][]byte{"x.mdb.hcl": []byte(text)}})
	require.False(t, found.HasErrors(), "%v\n%s", found, text)
	require.NotNil(t, cfg.Registry)
	return fmt.Sprintf("%x", cfg.Registry.Fingerprint())
}

// Whatever formats does so once and for all, and parses to the same.
func FuzzFormat(f *testing.F) {
	f.Add(sampleText(f))
	files, err := filepath.Glob("../testdata/rules/*/*/*.hcl")
	require.NoError(f, err)
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(string(text))
	}
	f.Add("area \"a\" {\n  partition \"b\" {\n start=\"0:1\"\n} # x\n # y\n  partition \"a\" {\nstart = \"0:0\" }\n}\n")
	f.Add("a = <<-X\r\n  ${ x ~}\r\n X\r\n/* */ b \"c\" {} // d")
	f.Fuzz(func(t *testing.T, text string) {
		out, err := hcl.Format("a.mdb.hcl", []byte(text))
		if _, refused := errors.AsType[*hcl.DiagnosticsError](err); refused {
			return
		}
		require.NoError(t, err)
		again, err := hcl.Format("a.mdb.hcl", out)
		require.NoError(t, err)
		require.Equal(t, string(out), string(again))
	})
}
