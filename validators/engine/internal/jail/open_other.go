//go:build !unix

package jail

// nonBlocking has no counterpart here.
const nonBlocking = 0
