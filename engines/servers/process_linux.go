package servers

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// attributes make the kernel stop the child when the harness dies, however it dies, unless the child is to outlive it.
func attributes(who *syscall.Credential, outlive bool) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Credential: who, Setpgid: true}
	if !outlive {
		a.Pdeathsig = stopSignal
	}
	return a
}

// commandLine is what a process was started with; empty if there is none, or only its zombie.
func commandLine(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(string(text), "\x00", " ")
}
