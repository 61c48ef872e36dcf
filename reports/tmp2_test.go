package reports

import (
	"bytes"
	"fmt"
	"github.com/doorbuster/doorbuster/sim/result"
	"os"
	"testing"
)

func TestRealWrite(t *testing.T) {
	f, err := result.Read("/tmp/rep/real.json")
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/rep/page.html", []byte(pageOf(t, f)), 0o644)
	var b bytes.Buffer
	Text(&b, f, false)
	fmt.Println(b.String())
}
