package worker

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// ExitMemory is the exit code of a worker that ended itself because it used too much memory.
const ExitMemory = 137

// collect is how much the heap may grow, in percent, before it is collected: a worker lives for a few seconds, and has memory rather than time.
const collect = 400

// stderr is where a worker says its last words, whatever a library makes of os.Stderr.
var stderr = os.Stderr

// Confine takes from the process what its work does not need, before the first request is read: memory beyond its limit, its environment,
// other programs, and the network unless it fetches charts. What the kernel cannot do is left out: the packages that read the tree hold to their
// own limits as well, and open files of the tree through package jail only.
func Confine(config *Config) error {
	os.Clearenv()
	debug.SetGCPercent(collect)
	if config.Memory > 0 {
		debug.SetMemoryLimit(int64(config.Memory / 2)) //nolint:gosec // a few GiB
		go watch(config.Memory)
	}
	return confine(config)
}

// watch ends the process when its memory passes the limit: one big allocation is stopped by the address space (confine), many small ones here.
func watch(limit uint64) {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	for range time.Tick(20 * time.Millisecond) {
		metrics.Read(samples)
		if used := samples[0].Value.Uint64() - samples[1].Value.Uint64(); used > limit {
			_, _ = stderr.WriteString("out of memory: the request needs more than this worker may use\n")
			os.Exit(ExitMemory)
		}
	}
}
