// Package parallel spreads independent work over the processor's cores.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Map calls work for 0 … n-1, a few at a time, and returns the results in their order.
func Map[T any](n int, work func(int) T) []T {
	results := make([]T, n)
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				results[i] = work(i)
			}
		})
	}
	group.Wait()
	return results
}
