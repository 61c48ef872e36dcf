package servers

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"syscall"
)

// installed are the paths of the product's binaries, all from PATH or all from the newest folder that has them; nil if there are none.
func (p product) installed() []string {
	if bins := locate(p.binaries, ""); bins != nil {
		return bins
	}
	var dirs []string
	for _, g := range p.globs {
		found, _ := filepath.Glob(g) // the patterns are constant and well formed
		dirs = append(dirs, found...)
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return version(b) - version(a) })
	for _, dir := range dirs {
		if bins := locate(p.binaries, dir); bins != nil {
			return bins
		}
	}
	return nil
}

// locate finds every name in dir, or on PATH if dir is empty.
func locate(names []string, dir string) []string {
	bins := make([]string, len(names))
	for i, name := range names {
		bin, err := exec.LookPath(filepath.Join(dir, name))
		if err != nil {
			return nil
		}
		bins[i] = bin
	}
	return bins
}

var digits = regexp.MustCompile(`[0-9]+`)

// version is the first number in a path, as 15 in /usr/lib/postgresql/15/bin.
func version(dir string) int {
	n, err := strconv.Atoi(digits.FindString(dir))
	if err != nil {
		return -1
	}
	return n
}

// runAs is whom servers run as: ourselves, or where we are root, which Postgres refuses to be, the first user there is.
func runAs(names []string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, fmt.Errorf("servers don't run as root, and there is none of the users %v to run them as", names)
}
