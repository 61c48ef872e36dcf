package servers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The names in a private server's folder. Only data belongs to the user that the server runs as.
const (
	prefix     = "doorbuster-server-"
	unfinished = "doorbuster-new-" // an instant's name: no sweep may see a folder that isn't locked yet
	ownerFile  = "owner"           // holds the harness's process id, for people to read, and its lock
	pidFile    = "pid"             // the server's process id
	logFile    = "log"
	dataDir    = "data"
)

// folder is where a private server lives. Its harness holds a lock on the owner file. The kernel drops the lock with
// the process, even at kill -9, so that neither a reused process id nor one of another container is mistaken for it.
type folder struct {
	path string
	lock *os.File
}

func newFolder(who *syscall.Credential) (*folder, error) {
	temp, err := filepath.EvalSymlinks(os.TempDir()) // servers report the real path of their folder
	if err != nil {
		return nil, err
	}
	fresh, err := os.MkdirTemp(temp, unfinished)
	if err != nil {
		return nil, err
	}
	f := &folder{path: filepath.Join(temp, prefix+strings.TrimPrefix(filepath.Base(fresh), unfinished))}
	if f.lock, err = furnish(fresh, who); err == nil {
		err = os.Rename(fresh, f.path)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(fresh))
	}
	return f, nil
}

// furnish locks a fresh folder and makes its data folder.
func furnish(dir string, who *syscall.Credential) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, ownerFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(lock); err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintln(lock, os.Getpid()); err != nil {
		return nil, err
	}
	data := filepath.Join(dir, dataDir)
	if err := os.Mkdir(data, 0o700); err != nil || who == nil {
		return lock, err
	}
	if err := os.Chmod(dir, 0o711); err != nil { // the server's user may pass through
		return nil, err
	}
	return lock, os.Chown(data, int(who.Uid), int(who.Gid))
}

func tryLock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

func (f *folder) data() string { return filepath.Join(f.path, dataDir) }

// remove deletes the folder and gives up its lock. Where a server had to be killed, its helpers may write for another moment.
func (f *folder) remove() error {
	defer f.lock.Close()
	var err error
	eventually(stopWithin, func() bool {
		err = os.RemoveAll(f.path)
		return err == nil
	})
	return err
}

// sweep removes the folders of harnesses that died, with the servers that outlived them, and says so.
func sweep() []string {
	paths, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*")) // the pattern is well formed
	var notes []string
	for _, path := range paths {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			notes = append(notes, sweepFolder(real)...)
		}
	}
	return notes
}

// sweepFolder leaves alone what isn't ours, and whatever has an owner that lives.
func sweepFolder(path string) []string {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() || int(info.Sys().(*syscall.Stat_t).Uid) != os.Geteuid() {
		return nil
	}
	lock, err := os.OpenFile(filepath.Join(path, ownerFile), os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	if tryLock(lock) != nil {
		_ = lock.Close()
		return nil
	}
	left := &folder{path, lock}
	stopped, err := left.stopServer()
	if err == nil {
		err = left.remove()
	}
	switch {
	case err != nil:
		_ = lock.Close()
		return []string{fmt.Sprintf("A run that was killed left %s, which could not be removed: %v.", path, err)}
	case stopped:
		return []string{fmt.Sprintf("A run that was killed left %s and its server: stopped and removed.", path)}
	}
	return []string{fmt.Sprintf("A run that was killed left %s: removed.", path)}
}

// stopServer ends the server of a dead harness, and says whether it still ran.
func (f *folder) stopServer() (bool, error) {
	text, err := os.ReadFile(filepath.Join(f.path, pidFile))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil // killed before it started one
	}
	if err != nil {
		return false, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return false, nil //nolint:nilerr // killed while it wrote the file
	}
	return stopOrphan(pid, f.path)
}

const (
	syncs    = 50
	syncSize = 8 << 10 // a page of Postgres
)

// fsyncLatency is the median time of overwriting and syncing a page in the folder.
func (f *folder) fsyncLatency() (time.Duration, error) {
	file, err := os.Create(filepath.Join(f.path, "fsync"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	page := make([]byte, syncSize)
	took := make([]time.Duration, syncs+1)
	for i := range took {
		start := time.Now()
		if _, err := file.WriteAt(page, 0); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
		took[i] = time.Since(start)
	}
	return median(took[1:]), nil // the first made the file grow
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
