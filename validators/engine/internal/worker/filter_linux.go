package worker

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// architectures are those that the filter knows; elsewhere it is left out.
var architectures = map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}

// refused are system calls that no request needs: other programs, other processes, mounts and namespaces, and ways around the file system.
var refused = []uint32{
	unix.SYS_EXECVE, unix.SYS_EXECVEAT, unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PIDFD_GETFD,
	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_OPEN_BY_HANDLE_AT,
	unix.SYS_BPF, unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_IO_URING_SETUP, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD,
	unix.SYS_SOCKETPAIR,
}

const (
	deny = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	// otherNumbers is the first number of the second interface that amd64 has, x32, whose calls would pass by other numbers.
	otherNumbers = 0x40000000
	// offsets in struct seccomp_data; an argument's lower half comes first on both architectures
	offsetNumber        = 0
	offsetArchitecture  = 4
	offsetFirstArgument = 16
)

// filter makes the kernel refuse other programs, tracing, mounting and namespaces, and, without network, every socket: also where a library would
// open one on behalf of a file that it reads. It holds for all threads and cannot be taken off.
func filter(network bool) error {
	architecture, known := architectures[runtime.GOARCH]
	if !known {
		return nil
	}
	program := program(architecture, network)
	loaded := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]} //nolint:gosec // a few dozen instructions
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&loaded)))
	switch {
	case errno == unix.ENOSYS || errno == unix.EINVAL:
		return nil // a kernel without filters
	case errno != 0:
		return fmt.Errorf("filter system calls: %w", errno)
	case thread != 0:
		return fmt.Errorf("filter system calls: thread %d has another filter", thread)
	}
	return nil
}

func program(architecture uint32, network bool) []unix.SockFilter {
	code := []unix.SockFilter{
		load(offsetArchitecture),
		jump(unix.BPF_JEQ, architecture, 1, 0),
		verdict(deny),
		load(offsetNumber),
		jump(unix.BPF_JGE, otherNumbers, 0, 1),
		verdict(deny),
	}
	for _, number := range refused {
		code = append(code, jump(unix.BPF_JEQ, number, 0, 1), verdict(deny))
	}
	return append(append(code, sockets(network)...), verdict(unix.SECCOMP_RET_ALLOW))
}

// sockets lets a worker with network have those of the internet, and another none.
func sockets(network bool) []unix.SockFilter {
	if !network {
		return []unix.SockFilter{jump(unix.BPF_JEQ, unix.SYS_SOCKET, 0, 1), verdict(deny)}
	}
	return []unix.SockFilter{
		jump(unix.BPF_JEQ, unix.SYS_SOCKET, 0, 4),
		load(offsetFirstArgument),
		jump(unix.BPF_JEQ, unix.AF_INET, 2, 0),
		jump(unix.BPF_JEQ, unix.AF_INET6, 1, 0),
		verdict(deny),
	}
}

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

func jump(test uint16, value uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | test | unix.BPF_K, Jt: yes, Jf: no, K: value}
}

func verdict(word uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: word}
}
