package reports

import (
	"fmt"
	"io"
	"strings"
)

// SummaryLimit is the most bytes of Markdown that Markdown and CompareMarkdown write. GitHub refuses a step's summary beyond 1 MiB as a whole; a
// quarter is left for other commands of the same step.
const SummaryLimit = 3 << 18

// markdown collects lines up to a limit. Lines of no more room are left out, and said to be.
type markdown struct {
	b      strings.Builder
	limit  int
	missed int
}

// room for the sentence that says what was left out.
const room = 200

// block adds lines, all of them or none.
func (m *markdown) block(lines ...string) {
	text := strings.Join(lines, "\n") + "\n"
	if m.missed > 0 || m.b.Len()+len(text) > m.limit-room {
		m.missed++
		return
	}
	m.b.WriteString(text)
}

// writeTo ends the text.
func (m *markdown) writeTo(w io.Writer) error {
	if m.missed > 0 {
		fmt.Fprintf(&m.b, "\n%s left out: a summary may have %d bytes. The result file has everything.\n", plural(int64(m.missed), "part"), m.limit)
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

var inMarkdown = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`,
	"[", `\[`, "]", `\]`, "#", `\#`, "@", "&#64;", "~", `\~`, "\n", " ")

// marked keeps names from files from being read as Markdown or HTML, or from calling people by an @.
func marked(s string) string { return inMarkdown.Replace(printable(strings.ReplaceAll(s, "\n", " "))) }

// row is a line of a table.
func row(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |" }

// code is a fenced block of one command, which it can't end early.
func code(command string) []string {
	marks := "```"
	for strings.Contains(command, marks) {
		marks += "`"
	}
	return []string{marks + "sh", printable(command), marks}
}
