//go:build unix && !linux

package servers

import (
	"os/exec"
	"strconv"
	"syscall"
)

// attributes know no death signal here: what a killed harness leaves is for the next start to stop.
func attributes(who *syscall.Credential, _ bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who, Setpgid: true}
}

// commandLine is what a process was started with; empty if there is none.
func commandLine(pid int) string {
	text, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return string(text)
}
