package authority

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mdbrouter/mdb/gdid"
)

// A document is what a file of [Files] holds: one text line per fact, and a
// checksum over all lines before it in the last. Two copies differ by at most the
// latest write.
type document struct {
	namespace string
	number    uint8
	uid       string // of the pair of copies, made at random with them
	revision  uint64 // rises with every write
	sequences map[string]Record
}

// The lines of a document are these words, each with its values, parted by single
// spaces. Strings are quoted as in Go.
const (
	documentTitle = "mdb ids 1"
	wordNamespace = "namespace"
	wordAuthority = "authority"
	wordUID       = "uid"
	wordRevision  = "revision"
	wordSequence  = "sequence" // name era head ceiling hold
	wordChecksum  = "crc32c"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encode gives the one text that holds the document.
func (d *document) encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%s %q\n%s %d\n%s %q\n%s %d\n", documentTitle,
		wordNamespace, d.namespace, wordAuthority, d.number, wordUID, d.uid, wordRevision, d.revision)
	for _, name := range slices.Sorted(maps.Keys(d.sequences)) {
		r := d.sequences[name]
		fmt.Fprintf(&b, "%s %q %d %d %v %v\n", wordSequence, name, r.Era, r.Head, r.Ceiling, r.Hold)
	}
	fmt.Fprintf(&b, "%s %08x\n", wordChecksum, crc32.Checksum(b.Bytes(), castagnoli))
	return b.Bytes()
}

// decode reads the text of a document. It takes exactly what encode gives: every
// torn, changed or foreign text is refused.
func decode(text []byte) (*document, error) {
	d := &document{sequences: make(map[string]Record)}
	lines := strings.Split(string(text), "\n")
	if lines[0] != documentTitle {
		return nil, fmt.Errorf("%w: it does not begin with %q", ErrForeignFile, documentTitle)
	}
	for _, line := range lines[1:] {
		if err := d.line(line); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrForeignFile, err)
		}
	}
	if !bytes.Equal(d.encode(), text) {
		return nil, fmt.Errorf("%w: it is torn or was changed", ErrForeignFile)
	}
	return d, nil
}

// line reads one line; whether it stands in its place is seen by encoding again.
func (d *document) line(line string) error {
	word, values, _ := strings.Cut(line, " ")
	var err error
	switch word {
	case wordNamespace:
		d.namespace, err = strconv.Unquote(values)
	case wordUID:
		d.uid, err = strconv.Unquote(values)
	case wordAuthority:
		var n uint64
		n, err = strconv.ParseUint(values, 10, 8)
		d.number = uint8(n)
	case wordRevision:
		d.revision, err = strconv.ParseUint(values, 10, 64)
	case wordSequence:
		err = d.sequence(values)
	case wordChecksum, "":
	default:
		return fmt.Errorf("unknown line %.40q", line)
	}
	if err != nil {
		return fmt.Errorf("line %s cannot be read", word)
	}
	return nil
}

func (d *document) sequence(values string) error {
	quoted, err := strconv.QuotedPrefix(values)
	if err != nil {
		return err
	}
	name, err := strconv.Unquote(quoted)
	if err != nil {
		return err
	}
	fields := strings.Fields(values[len(quoted):])
	if len(fields) != 4 {
		return strconv.ErrSyntax
	}
	era, err := strconv.ParseUint(fields[0], 10, 32)
	if err != nil {
		return err
	}
	r := Record{Era: uint32(era)}
	if r.Head, err = strconv.ParseUint(fields[1], 10, 64); err != nil {
		return err
	}
	if r.Head > fullHead {
		return strconv.ErrRange
	}
	if r.Ceiling, err = gdid.ParseRangeKey(fields[2]); err != nil {
		return err
	}
	if r.Hold, err = gdid.ParseRangeKey(fields[3]); err != nil {
		return err
	}
	d.sequences[name] = r
	return nil
}

// merge takes over from another copy whatever is ahead: bounds from the later
// revision, and of each sequence the higher head, which nobody can have leased
// beyond.
func (d *document) merge(other *document) {
	newer, older := d, other
	if older.revision > newer.revision {
		newer, older = older, newer
	}
	sequences := maps.Clone(newer.sequences)
	for name, r := range older.sequences {
		n, both := sequences[name]
		switch {
		case !both:
			sequences[name] = r
		case n.Era < r.Era || (n.Era == r.Era && n.Head < r.Head):
			n.Era, n.Head = r.Era, r.Head
			sequences[name] = n
		}
	}
	d.revision, d.sequences = newer.revision, sequences
}
