package unread

import "slices"

// path leads from the root of the values to a key.
type path []string

func (p path) to(names ...string) path { return append(slices.Clip(p), names...) }

// key is a key that something names. A key without children was only touched: everything below counts as read, too.
type key struct {
	whole    bool // everything below is read
	children map[string]*key
}

// at returns the key at a path, naming those on the way.
func (k *key) at(p path) *key {
	for _, name := range p {
		child := k.children[name]
		if child == nil {
			child = &key{}
			if k.children == nil {
				k.children = map[string]*key{}
			}
			k.children[name] = child
		}
		k = child
	}
	return k
}

func (k *key) clone() *key {
	duplicate := &key{whole: k.whole}
	if k.children != nil {
		duplicate.children = make(map[string]*key, len(k.children))
	}
	for name, child := range k.children {
		duplicate.children[name] = child.clone()
	}
	return duplicate
}
