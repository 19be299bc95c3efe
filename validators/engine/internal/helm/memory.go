package helm

import (
	"crypto/sha256"
	"sync"
)

// remembered bounds how many bytes of results stay in memory.
const remembered = 32 << 20

// postRendered keeps what post-renderers have made.
var postRendered = &memory{}

// memory keeps results by what went in, until they are too many. Whoever takes one must not change it.
type memory struct {
	mutex sync.Mutex
	known map[[sha256.Size]byte][]byte
	size  int
}

func (m *memory) get(key [sha256.Size]byte, make func() ([]byte, error)) ([]byte, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if body, found := m.known[key]; found {
		return body, nil
	}
	body, err := make()
	if err != nil {
		return nil, err
	}
	if m.size += len(body); m.known == nil || m.size > remembered {
		m.known, m.size = map[[sha256.Size]byte][]byte{}, len(body)
	}
	m.known[key] = body
	return body, nil
}
