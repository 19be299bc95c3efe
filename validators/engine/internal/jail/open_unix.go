//go:build unix

package jail

import "syscall"

// nonBlocking keeps a pipe that took a file's place from blocking the worker.
const nonBlocking = syscall.O_NONBLOCK
