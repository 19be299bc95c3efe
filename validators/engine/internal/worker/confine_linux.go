package worker

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// headroom is the address space beyond the memory limit, in bytes: Go reserves more than it uses.
const headroom = 4 << 30

func confine(config *Config) error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("tie to the parent: %w", err)
	}
	if err := limits(config); err != nil {
		return err
	}
	return filter(config.Network)
}

// limits bound the address space and forbid core files, which could hold what was read.
func limits(config *Config) error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("limit core files: %w", err)
	}
	if config.Memory == 0 {
		return nil
	}
	space := config.Memory + headroom
	if err := unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: space, Max: space}); err != nil {
		return fmt.Errorf("limit memory: %w", err)
	}
	return nil
}
