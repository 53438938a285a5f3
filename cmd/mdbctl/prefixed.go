package main

import (
	"bytes"
	"io"
)

// prefixed writes whole lines of a command's output behind the name of its shard.
// Lines of different commands do not mix.
type prefixed struct {
	run    *eachRun
	prefix string
	rest   []byte // a line that has not ended
}

// maxRest is the longest line that is kept together.
const maxRest = 64 << 10

// Write implements io.Writer.
func (p *prefixed) Write(b []byte) (int, error) {
	p.rest = append(p.rest, b...)
	end := bytes.LastIndexByte(p.rest, '\n') + 1
	if end == 0 && len(p.rest) > maxRest {
		end = len(p.rest)
	}
	if end == 0 {
		return len(b), nil
	}
	lines := p.rest[:end]
	err := p.write(lines)
	p.rest = append(p.rest[:0], p.rest[end:]...)
	if err != nil {
		return 0, err
	}
	return len(b), nil
}

// flush writes what stands behind the last line.
func (p *prefixed) flush() error {
	if len(p.rest) == 0 {
		return nil
	}
	lines := p.rest
	p.rest = nil
	return p.write(lines)
}

func (p *prefixed) write(lines []byte) error {
	var out bytes.Buffer
	for line := range bytes.Lines(lines) {
		out.WriteString(p.prefix)
		out.Write(bytes.TrimSuffix(line, []byte("\n")))
		out.WriteByte('\n')
	}
	p.run.mu.Lock()
	defer p.run.mu.Unlock()
	p.run.progress.end()
	_, err := io.Copy(p.run.out, &out)
	return err
}
