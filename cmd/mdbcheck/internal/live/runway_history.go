package live

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/mdbrouter/mdb/gdid"
)

// A history is a file of heads that were seen: one JSON object a line, only appended
// to. The rate of the last days is reckoned from it. A nil history has none.
//
// Lines that cannot be read, from the future, or of a head past the present one are
// passed over. Lines older than 90 days are taken out from time to time, by a new
// file in place of the old one. Several processes may append; one that appends at
// the moment when another takes lines out may lose its line.
type history struct {
	path      string
	namespace string
	now       time.Time
	past      map[string][]seenHead // by sequence, in the order of the file, from the window of rates
	latest    map[string]time.Time  // by sequence
	stale     bool                  // there are lines to take out
	torn      bool                  // the last line has no end
}

// seenHead is one line of a history.
type seenHead struct {
	Time      time.Time     `json:"time"`
	Namespace string        `json:"namespace"`
	Sequence  string        `json:"sequence"`
	Head      gdid.RangeKey `json:"head"`
}

const (
	historyKept   = 90 * 24 * time.Hour
	historyWindow = 7 * 24 * time.Hour
	// historyPause is the least time between two lines of a sequence.
	historyPause = 10 * time.Minute
	// historyBytes is how much of a file is read, from its end.
	historyBytes = 64 << 20
	// historyLine is the longest line that is read.
	historyLine = 4096
)

// errNoHistory is returned for a file that holds something else.
var errNoHistory = errors.New("the file is not a history of heads; give another")

// openHistory reads a history. A file that is not there is made. It fails for a file
// that cannot be written, and for one that is something else.
func openHistory(path, namespace string, now time.Time) (*history, error) {
	h := &history{path: path, namespace: namespace, now: now, past: map[string][]seenHead{}, latest: map[string]time.Time{}}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the history: %w", err)
	}
	defer file.Close()
	if err := h.read(file, nil); err != nil {
		return nil, fmt.Errorf("read the history %s: %w", path, err)
	}
	return h, nil
}

// read goes over the lines of a file; those to be kept go to keep, if that is set.
func (h *history) read(file *os.File, keep io.Writer) error {
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(max(size-historyBytes, 0), io.SeekStart)
	}
	if err != nil {
		return err
	}
	h.stale = size > historyBytes
	lines := bufio.NewReaderSize(file, historyLine)
	if h.stale {
		if _, err := nextLine(lines); err != nil { // begins in the middle
			return err
		}
	}
	known, other := 0, 0
	for {
		line, err := nextLine(lines)
		h.torn = errors.Is(err, io.EOF) && len(line) > 0
		if len(bytes.TrimSpace(line)) > 0 {
			switch seen, ok := parseSeen(line); {
			case !ok:
				other++
			default:
				known++
				if h.now.Sub(seen.Time) > historyKept {
					h.stale = true
				} else if h.note(seen); keep != nil {
					if _, err := keep.Write(append(bytes.TrimSpace(line), '\n')); err != nil {
						return err
					}
				}
			}
		}
		if errors.Is(err, io.EOF) {
			if known == 0 && other > 0 {
				return errNoHistory
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// nextLine gives the next line. Of one that is too long it gives the begin, which
// cannot be read.
func nextLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	out := slices.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.ReadSlice('\n')
	}
	return out, err
}

func parseSeen(line []byte) (seenHead, bool) {
	var seen seenHead
	err := json.Unmarshal(line, &seen)
	return seen, err == nil && !seen.Time.IsZero() && seen.Sequence != ""
}

// note remembers a line.
func (h *history) note(seen seenHead) {
	if seen.Namespace != h.namespace || seen.Time.After(h.now) {
		return
	}
	if h.latest[seen.Sequence].Before(seen.Time) {
		h.latest[seen.Sequence] = seen.Time
	}
	if h.now.Sub(seen.Time) <= historyWindow {
		h.past[seen.Sequence] = append(h.past[seen.Sequence], seen)
	}
}

// rate gives the rate from the earliest head of the window to the present one. It
// reports false when the history is too short.
func (h *history) rate(sequence string, head gdid.RangeKey) (rate, bool) {
	if h == nil {
		return rate{}, false
	}
	first := seenHead{Time: h.now}
	for _, seen := range h.past[sequence] {
		if seen.Head.Compare(head) <= 0 && seen.Time.Before(first.Time) {
			first = seen
		}
	}
	span := h.now.Sub(first.Time)
	given, err := head.Sub(first.Head)
	if span < leastSpan || err != nil {
		return rate{}, false
	}
	return rate{number64(given) / days(span), "the rate of the last " + spell(days(span))}, true
}

// add appends the heads of today, unless it was just done.
func (h *history) add(heads map[string]gdid.RangeKey) error {
	if h == nil {
		return nil
	}
	var text bytes.Buffer
	if h.torn {
		text.WriteByte('\n')
	}
	for _, sequence := range slices.Sorted(maps.Keys(heads)) {
		if h.now.Sub(h.latest[sequence]) < historyPause {
			continue
		}
		line, err := json.Marshal(seenHead{Time: h.now.UTC(), Namespace: h.namespace, Sequence: sequence, Head: heads[sequence]})
		if err != nil {
			return err
		}
		text.Write(append(line, '\n'))
	}
	file, err := os.OpenFile(h.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text.Bytes())
	if h.stale && err == nil {
		err = h.prune(file)
	}
	return errors.Join(err, file.Close())
}

// prune puts a file in place that has no old lines.
func (h *history) prune(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(h.path), filepath.Base(h.path)+".*")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(next)
	err = h.read(file, out)
	err = errors.Join(err, out.Flush(), next.Chmod(info.Mode().Perm()), next.Close())
	if err == nil {
		err = os.Rename(next.Name(), h.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return nil
}

// remember appends the heads to the history.
func (r *run) remember(heads map[string]gdid.RangeKey) {
	if err := r.history.add(heads); err != nil {
		r.unask("history", "it cannot be written: "+err.Error())
	}
}
