package reports

import (
	"bytes"
	"os"
	"testing"

	"github.com/doorbuster/doorbuster/sim/result"
)

func pageOf(t testing.TB, files ...*result.File) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, files); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTmpWrite(t *testing.T) {
	os.MkdirAll("/tmp/rep", 0o755)
	os.WriteFile("/tmp/rep/page.html", []byte(pageOf(t, fixture(t))), 0o644)
	var b bytes.Buffer
	Text(&b, fixture(t), false)
	os.WriteFile("/tmp/rep/text.txt", b.Bytes(), 0o644)
}
