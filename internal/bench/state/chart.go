package main

import (
	"bytes"
	"fmt"
	"math"
)

var colors = []string{"#0b7285", "#74b9c5", "#adb5bd", "#e8590c", "#fab005", "#868e96", "#2b8a3e"}

// chart draws, for each operation, one bar for each subject at the largest
// number of callers but one, which is where a busy bot is.
func (t *table) chart() []byte {
	const (
		left, width = 130, 520
		bar, gap    = 13, 16
		top         = 60
	)
	n := t.callers[max(0, len(t.callers)-2)]
	most := 0.0
	for _, op := range t.ops {
		for _, s := range t.subjects {
			if r := t.median(s, op, n); r > most {
				most = r
			}
		}
	}
	block := bar*len(t.subjects) + gap
	height := top + block*len(t.ops) + 20*len(t.subjects) + 20
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 %d" font-family="system-ui, sans-serif" font-size="12">`+"\n", height)
	fmt.Fprintf(&b, `<rect width="780" height="%d" fill="#ffffff"/>`+"\n", height)
	fmt.Fprintf(&b, `<text x="%d" y="26" font-size="16" font-weight="600" fill="#212529">Operations per second, %d callers, one Redis</text>`+"\n", 20, n)
	for i, op := range t.ops {
		y := top + i*block
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end" fill="#212529">%s</text>`+"\n", left-10, y+bar*len(t.subjects)/2+4, op)
		for j, s := range t.subjects {
			r := t.median(s, op, n)
			if math.IsNaN(r) {
				continue
			}
			w := r / most * width
			fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>`, left, y+j*bar, w, bar-2, colors[j%len(colors)])
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" font-size="10" fill="#495057">%s</text>`+"\n", left+w+5, y+j*bar+9, thousands(r))
		}
	}
	for j, s := range t.subjects {
		y := top + block*len(t.ops) + 20*j
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="12" height="12" fill="%s"/><text x="%d" y="%d" fill="#212529">%s</text>`+"\n",
			left, y, colors[j%len(colors)], left+18, y+10, s)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}
