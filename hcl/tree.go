package hcl

import (
	"slices"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// node is one block of a file, checked against the grammar.
type node struct {
	spec   *block
	parent *node
	label  string
	at     hclv2.Range // the header
	labels hclv2.Range // the label
	args   []*hclv2.Attribute
	free   []*hclv2.Attribute // of a block that takes any argument, in order
	values []value            // by the grammar's arguments; filled in by decoding
	nodes  []*node
	meant  []string           // arguments that an unknown one was likely meant to be
	former []*hclv2.Attribute // arguments under names that they had once
	robbed bool               // a block inside was taken out, or its type is misspelt
}

// address names the block: area.user.partition.p0.
func (n *node) address() string {
	var parts []string
	for ; n != nil && n.spec.name != rootBlock; n = n.parent {
		if n.spec.free {
			if n.label != "" {
				parts = append(parts, cut(n.label), "local")
			}
			continue
		}
		if n.spec.label != "" {
			parts = append(parts, cut(n.label))
		}
		parts = append(parts, n.spec.name)
	}
	slices.Reverse(parts)
	return strings.Join(parts, ".")
}

// title names the block in a sentence: partition "p0".
func (n *node) title() string {
	if n.spec.label == "" {
		return n.spec.name
	}
	return n.spec.name + " " + quote(n.label)
}

// named gives the place of the label, or of the header where there is none.
func (n *node) named() hclv2.Range {
	if n.spec.label == "" {
		return n.at
	}
	return n.labels
}

// all gives the blocks of one type inside.
func (n *node) all(name string) []*node {
	var out []*node
	for _, c := range n.nodes {
		if c.spec.name == name {
			out = append(out, c)
		}
	}
	return out
}

// labelled gives the blocks of one type inside by their labels.
func (n *node) labelled(name string) map[string]*node {
	out := map[string]*node{}
	for _, c := range n.nodes {
		if c.spec.name == name {
			out[c.label] = c
		}
	}
	return out
}

// one gives the block of a type of which there is at most one, or nil.
func (n *node) one(name string) *node {
	for _, c := range n.nodes {
		if c.spec.name == name {
			return c
		}
	}
	return nil
}

// builder makes the tree of all files.
type builder struct {
	found   *findings
	lost    []lost // blocks of misspelt types
	schemas map[string]*hclv2.BodySchema
	files   map[string]*file
	looked  int // how often nearNames was asked

	labelsOf hclv2.Body     // the body that labels is about
	labels   map[int]string // the first labels of its blocks, by where their types begin
}

// buildTree gives the tree of all files. It reports names that the grammar does
// not have, and what it has once only.
func buildTree(files []*file, found *findings) (*node, []lost) {
	b := &builder{found: found, schemas: map[string]*hclv2.BodySchema{}, files: map[string]*file{}}
	root := &node{spec: grammar[rootBlock]}
	for _, f := range files {
		b.files[f.name] = f
		if f.body != nil {
			b.body(root, f, f.body)
		}
	}
	b.once(root)
	return root, b.lost
}

func (b *builder) schema(spec *block) *hclv2.BodySchema {
	if s := b.schemas[spec.name]; s != nil {
		return s
	}
	s := &hclv2.BodySchema{}
	for i := range spec.args {
		s.Attributes = append(s.Attributes, hclv2.AttributeSchema{Name: spec.args[i].name})
		if old := spec.args[i].formerly; old != "" {
			s.Attributes = append(s.Attributes, hclv2.AttributeSchema{Name: old})
		}
	}
	for _, name := range spec.blocks {
		header := hclv2.BlockHeaderSchema{Type: name}
		if inner := grammar[name]; inner.label != "" {
			header.LabelNames = []string{inner.label}
		}
		s.Blocks = append(s.Blocks, header)
	}
	b.schemas[spec.name] = s
	return s
}

// body adds the arguments and blocks of a body to a node.
func (b *builder) body(n *node, f *file, body hclv2.Body) {
	if n.spec.free {
		b.freeBody(n, f, body)
		return
	}
	content, diags := body.Content(b.schema(n.spec))
	for _, d := range diags {
		b.complain(n, f, d, body)
	}
	if n.args == nil {
		n.args = make([]*hclv2.Attribute, len(n.spec.args))
	}
	for name, attr := range content.Attributes {
		if i, ok := n.spec.argument(name); ok {
			n.args[i] = attr
		}
	}
	b.former(n, content.Attributes)
	for _, inner := range content.Blocks {
		child := &node{spec: grammar[inner.Type], parent: n, at: inner.DefRange}
		if len(inner.Labels) > 0 {
			child.label, child.labels = inner.Labels[0], inner.LabelRanges[0]
		}
		if f.json {
			// A block of JSON has no header but its label, or else its name.
			child.at = inner.TypeRange
			if len(inner.Labels) > 0 {
				child.at = inner.LabelRanges[0]
			}
		}
		n.nodes = append(n.nodes, child)
		b.body(child, f, inner.Body)
		b.once(child)
	}
}

// former takes the arguments that are written under names that they had once.
func (b *builder) former(n *node, attrs hclv2.Attributes) {
	for i := range n.spec.args {
		spec := &n.spec.args[i]
		attr := attrs[spec.formerly]
		switch {
		case spec.formerly == "" || attr == nil:
		case n.args[i] != nil:
			d := b.found.add(ruleDuplicate, attr.NameRange, "%q is what %q was called once, and both are there", spec.formerly, spec.name)
			d.Address = n.address()
			d.relate(n.args[i].NameRange, "%s is here", spec.name)
		default:
			n.args[i] = attr
			n.former = append(n.former, attr)
		}
	}
}

func (b *builder) freeBody(n *node, f *file, body hclv2.Body) {
	attrs, diags := body.JustAttributes()
	for _, d := range diags {
		b.complain(n, f, d, body)
	}
	for _, attr := range attrs {
		n.free = append(n.free, attr)
	}
	slices.SortFunc(n.free, func(x, y *hclv2.Attribute) int { return x.NameRange.Start.Byte - y.NameRange.Start.Byte })
}

// once reports blocks that may stand once in their parent and do not.
func (b *builder) once(n *node) {
	first := map[string]*node{}
	n.nodes = slices.DeleteFunc(n.nodes, func(c *node) bool {
		if !c.spec.once {
			return false
		}
		if other := first[c.spec.name]; other != nil {
			d := b.found.add(ruleDuplicate, c.at, "block %s is already there at %v", c.spec.name, rangeOf(other.at))
			d.Address = c.address()
			d.relate(other.at, "the first is here")
			return true
		}
		first[c.spec.name] = c
		return false
	})
}

// complain turns what a body said of its content into findings.
func (b *builder) complain(n *node, f *file, d *hclv2.Diagnostic, body hclv2.Body) {
	at := subject(d)
	name := nameAt(f.text, at)
	switch {
	case redefined(d):
		b.found.add(ruleDuplicate, at, "argument %q is written twice in one block", name).Address = n.address()
	case d.Summary == "Unsupported argument":
		b.unknownArgument(n, name, at)
	case d.Summary == "Extraneous JSON object property":
		d := b.found.add(ruleUnknownName, at, "%s is not expected %s", quote(name), inside(n))
		d.Address = n.address()
		b.misspelt(n, b.nearNames(d, n, name), "")
	case d.Summary == "Unsupported block type":
		b.unknownBlock(n, name, at, body)
	case strings.HasPrefix(d.Summary, "Unexpected "): // a block where any argument may stand
		b.found.add(ruleUnknownName, at, "blocks are not expected in %s", n.spec.name)
	case strings.HasPrefix(d.Summary, "Extraneous label for "):
		b.found.add(ruleUnknownName, at, "label %s is one too many", quote(name)).Help = "a block has one label at most; remove the others"
		b.misspelt(n, []string{typeAt(d, n)}, "")
	case strings.HasPrefix(d.Summary, "Missing ") && strings.Contains(d.Summary, " for "):
		out := b.found.add(ruleMissingArgument, at, "a %s needs a label", typeAt(d, n))
		out.Help = "write its name in quotes before the brace"
		b.misspelt(n, []string{typeAt(d, n)}, "")
	case d.Summary == "Incorrect JSON value type":
		out := b.found.add(ruleWrongType, at, "wrong JSON value")
		out.Detail = oneLine(d.Detail)
	case d.Summary == "Missing block label": // the same place has a wrong value
	default:
		syntaxError(b.found, nil, d)
	}
}

// typeAt gives the type of block that lacks a label: the last word of the
// summary.
func typeAt(d *hclv2.Diagnostic, n *node) string {
	words := strings.Fields(d.Summary)
	if last := words[len(words)-1]; grammar[last] != nil {
		return last
	}
	return n.spec.name
}

func (b *builder) unknownArgument(n *node, name string, at hclv2.Range) {
	var d *Diagnostic
	if n.spec.name == rootBlock {
		d = b.found.add(ruleUnknownName, at, "argument %s is not expected outside of blocks", quote(name))
	} else {
		d = b.found.add(ruleUnknownName, at, "argument %s is not expected in %s", quote(name), n.spec.name)
	}
	d.Address = n.address()
	if slices.Contains(n.spec.blocks, name) {
		d.Detail = name + " is a block"
		d.Help = "write " + name + " { ... } without the equals sign"
		b.misspelt(n, []string{name}, "")
		return
	}
	b.misspelt(n, b.nearNames(d, n, name), "")
}

// misspelt takes note of what an unknown name was likely meant to be, so that
// nothing is said of its absence. label is that of an unknown block.
func (b *builder) misspelt(n *node, near []string, label string) {
	for _, name := range near {
		if _, ok := n.spec.argument(name); ok {
			n.meant = append(n.meant, name)
			continue
		}
		n.robbed = true
		if n.spec.name == rootBlock {
			b.lost = append(b.lost, lost{kind: name, label: label})
		}
	}
}

// labelOf gives the label of a block of a native body by the place of its type.
func (b *builder) labelOf(body hclv2.Body, at hclv2.Range) string {
	if b.labels == nil || b.labelsOf != body {
		b.labelsOf, b.labels = body, map[int]string{}
		if native, ok := body.(*hclsyntax.Body); ok {
			for _, inner := range native.Blocks {
				if len(inner.Labels) > 0 {
					b.labels[inner.TypeRange.Start.Byte] = inner.Labels[0]
				}
			}
		}
	}
	return b.labels[at.Start.Byte]
}

func (b *builder) unknownBlock(n *node, name string, at hclv2.Range, body hclv2.Body) {
	d := b.found.add(ruleUnknownName, at, "blocks of type %s are not expected %s", quote(name), inside(n))
	d.Address = n.address()
	if _, ok := n.spec.argument(name); ok {
		d.Detail = name + " is an argument"
		d.Help = "write " + name + " = ..."
		b.misspelt(n, []string{name}, "")
		return
	}
	b.misspelt(n, b.nearNames(d, n, name), b.labelOf(body, at))
}

func inside(n *node) string {
	if n.spec.name == rootBlock {
		return "here"
	}
	return "in " + n.spec.name
}

// nearNames fills in what an unknown name may have been meant to be: something
// near it in this block, which it gives, or the same name in another.
func (b *builder) nearNames(d *Diagnostic, n *node, name string) []string {
	if b.looked++; b.looked > maxNear {
		return nil
	}
	known := slices.Clone(n.spec.blocks)
	for i := range n.spec.args {
		if n.args == nil || n.args[i] == nil {
			known = append(known, n.spec.args[i].name)
		}
	}
	if near := suggest(name, known); len(near) > 0 {
		shown := make([]string, len(near))
		for i := range near {
			shown[i] = quote(near[i])
		}
		d.Detail = didYouMean(shown)
		return near
	}
	var homes []string
	for _, spec := range grammar {
		if _, ok := spec.argument(name); ok || slices.Contains(spec.blocks, name) {
			if spec.name == rootBlock {
				d.Help = name + " stands at the top of a file"
				return nil
			}
			homes = append(homes, spec.name)
		}
	}
	if len(homes) > 0 {
		slices.Sort(homes)
		d.Help = name + " belongs into " + strings.Join(homes, ", ")
	}
	return nil
}
