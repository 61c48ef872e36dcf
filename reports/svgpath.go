package reports

import (
	"strconv"
	"strings"
)

// shortPaths writes every path of an SVG drawing relative to where it is, which takes half the bytes.
func shortPaths(svg string) string {
	const begin = ` d="`
	var b strings.Builder
	b.Grow(len(svg))
	for {
		before, rest, ok := strings.Cut(svg, begin)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		d, after, _ := strings.Cut(rest, `"`)
		b.WriteString(begin)
		b.WriteString(shortPath(d))
		b.WriteString(`"`)
		svg = after
	}
}

// shortPath turns absolute moves and lines between whole pixels into relative ones; a path of anything else stays as it is.
func shortPath(d string) string {
	var b strings.Builder
	var x, y int
	line := false // the last command was a line, whose letter need not be said again
	fields := strings.Fields(d)
	for i := 0; i < len(fields); {
		if fields[i] == "Z" {
			b.WriteByte('z')
			line = false
			i++
			continue
		}
		if i+2 >= len(fields) || fields[i] != "M" && fields[i] != "L" {
			return d
		}
		toX, err1 := strconv.Atoi(fields[i+1])
		toY, err2 := strconv.Atoi(fields[i+2])
		if err1 != nil || err2 != nil {
			return d
		}
		switch {
		case fields[i] == "M": // absolute: after a z there is no telling where one is
			b.WriteString("M" + fields[i+1] + " " + fields[i+2])
		case line:
			b.WriteString(signedAfter(toX-x, true) + signedAfter(toY-y, true))
		default:
			b.WriteString("l" + signedAfter(toX-x, false) + signedAfter(toY-y, true))
		}
		line = fields[i] == "L"
		x, y = toX, toY
		i += 3
	}
	return b.String()
}

// signedAfter writes n, parted from a number before it by its sign or a space.
func signedAfter(n int, number bool) string {
	text := strconv.Itoa(n)
	if number && n >= 0 {
		return " " + text
	}
	return text
}
