package worker

import (
	"errors"
	"fmt"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// headroom is the address space beyond the memory limit, in bytes: Go reserves more than it uses.
const headroom = 4 << 30

// Largest files that a worker may write, in bytes: an archive in the chart cache, or else what it says on stderr.
const (
	largestArchive = 256 << 20
	largestWord    = 1 << 20
)

// confine ties the worker to its parent: it is killed when the thread that started it ends, which may be before the process of that thread does. A
// parent whose threads come and go starts workers from one that stays. A worker whose parent died earlier reads the end of its input.
func confine(config *Config) error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("tie to the parent: %w", err)
	}
	if err := limits(config); err != nil {
		return err
	}
	if err := giveUpPrivileges(); err != nil {
		return err
	}
	if err := landlock(config); err != nil {
		return err
	}
	return filter(config.Network)
}

// limits bound the address space and written files, and forbid core files, which could hold what was read.
func limits(config *Config) error {
	signal.Ignore(unix.SIGXFSZ) // writing more is an error, not the end
	written := uint64(largestWord)
	if config.Charts != "" {
		written = largestArchive
	}
	bounds := map[int]uint64{unix.RLIMIT_CORE: 0, unix.RLIMIT_FSIZE: written}
	if config.Memory > 0 {
		bounds[unix.RLIMIT_AS] = config.Memory + headroom
	}
	for resource, bound := range bounds {
		var now unix.Rlimit
		if err := unix.Getrlimit(resource, &now); err != nil {
			return fmt.Errorf("read a limit: %w", err)
		}
		bound = min(bound, now.Max)
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: bound, Max: bound}); err != nil {
			return fmt.Errorf("set a limit: %w", err)
		}
	}
	return nil
}

// giveUpPrivileges is what the kernel asks for before it restricts: on all threads, or, where C code is linked, on this one, from which the filter
// hands it on.
func giveUpPrivileges() error {
	_, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0)
	if errors.Is(errno, syscall.ENOTSUP) {
		runtime.LockOSThread() // for good: Confine runs on the main goroutine
		return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	}
	if errno != 0 {
		return fmt.Errorf("give up privileges: %w", errno)
	}
	return nil
}
