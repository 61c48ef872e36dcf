// Command k6 is k6 with the extension k6/x/doorbuster, as xk6 would build it. Linked with k6, it is under k6's licence, the AGPL-3.0.
package main

import (
	"go.k6.io/k6/v2/cmd"

	_ "github.com/doorbuster/doorbuster/k6" // registers k6/x/doorbuster
)

func main() { cmd.Execute() }
