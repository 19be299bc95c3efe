package worker

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Rights as Landlock counts them. Each version of its interface adds some; what a version does not know it refuses to handle.
const (
	readFile   = unix.LANDLOCK_ACCESS_FS_READ_FILE
	readFolder = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	firstAll   = unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1
	keep       = readFolder | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_MAKE_DIR |
		unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REFER | unix.LANDLOCK_ACCESS_FS_TRUNCATE
)

// withAllThreads makes restrict_self hold for all threads, from this version of the interface on.
const withAllThreads = 8

// networkFiles are what looking up names and checking certificates reads.
var networkFiles = []string{
	"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols", "/run/systemd/resolve",
	"/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/crypto-policies", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/usr/share/pki",
}

// landlock makes the kernel refuse every file but those that the worker is for: it reads its roots and schemas, and keeps charts. On a kernel
// without Landlock nothing happens; package jail holds in any case.
func landlock(config *Config) error {
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return nil
	}
	handled := handledBy(int(version)) //nolint:gosec // a small number
	attributes := unix.LandlockRulesetAttr{Handled_access_fs: handled}
	size := unsafe.Sizeof(attributes.Handled_access_fs) // the first version's, which all later ones take
	rules, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attributes)), size, 0)
	if errno != 0 {
		return fmt.Errorf("restrict files: %w", errno)
	}
	defer func() { _ = unix.Close(int(rules)) }() //nolint:gosec // a file descriptor
	for name, rights := range allowed(config) {
		if err := allow(rules, name, rights&handled); err != nil {
			return err
		}
	}
	return enforce(rules, int(version)) //nolint:gosec // a small number
}

func handledBy(version int) uint64 {
	handled := uint64(firstAll)
	for right, since := range map[uint64]int{unix.LANDLOCK_ACCESS_FS_REFER: 2, unix.LANDLOCK_ACCESS_FS_TRUNCATE: 3, unix.LANDLOCK_ACCESS_FS_IOCTL_DEV: 5} {
		if version >= since {
			handled |= right
		}
	}
	return handled
}

// allowed lists what the worker may do, by path. The chart cache must be there before: afterwards nobody can make it.
func allowed(config *Config) map[string]uint64 {
	rights := map[string]uint64{}
	for _, folder := range append(append([]string{}, config.Roots...), config.Schemas...) {
		rights[folder] = readFolder
	}
	if config.Network {
		for _, name := range networkFiles {
			rights[name] = readFolder
		}
	}
	if config.Charts != "" {
		_ = os.MkdirAll(config.Charts, 0o700) // the chart operation says what is wrong with it
		rights[config.Charts] = keep
	}
	return rights
}

// allow adds one path. One that is not there cannot be read either.
func allow(rules uintptr, name string, rights uint64) error {
	file, err := unix.Open(name, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil //nolint:nilerr // whoever opens it is told
	}
	defer func() { _ = unix.Close(file) }()
	var status unix.Stat_t
	if err := unix.Fstat(file, &status); err != nil {
		return fmt.Errorf("look at %s: %w", name, err)
	}
	if status.Mode&unix.S_IFMT != unix.S_IFDIR {
		rights &= readFile
	}
	beneath := unix.LandlockPathBeneathAttr{Allowed_access: rights, Parent_fd: int32(file)} //nolint:gosec // a file descriptor
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, rules, unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&beneath)), 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("allow %s: %w", name, errno)
	}
	return nil
}

// enforce holds for all threads. A binary that links C code cannot reach its other threads on older kernels: it goes without.
func enforce(rules uintptr, version int) error {
	if version >= withAllThreads {
		if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, rules, unix.LANDLOCK_RESTRICT_SELF_TSYNC, 0); errno != 0 {
			return fmt.Errorf("restrict files: %w", errno)
		}
		return nil
	}
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, rules, 0, 0)
	if errno != 0 && !errors.Is(errno, syscall.ENOTSUP) {
		return fmt.Errorf("restrict files: %w", errno)
	}
	return nil
}
