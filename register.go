// Package doorbuster is what xk6 imports: `xk6 build --with github.com/doorbuster/doorbuster` gives a k6 with k6/x/doorbuster. Linked with k6,
// it is under k6's licence, the AGPL-3.0. The doorbuster command is cmd/doorbuster, and has nothing of k6 in it.
package doorbuster

import _ "github.com/doorbuster/doorbuster/k6" // registers k6/x/doorbuster
