package parse

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// IsPlain reports whether a text has only characters that YAML takes as they are inside quotes. A control character or a byte order mark is
// refused, and a line break of Unicode is folded into a space.
func IsPlain(text []byte) bool {
	return !bytes.ContainsFunc(text, isSpecial)
}

// Escape writes such characters of a JSON text by their numbers, as both JSON and YAML read them.
func Escape(text []byte) []byte {
	if IsPlain(text) {
		return text
	}
	escaped := make([]byte, 0, len(text)+64)
	for _, each := range string(text) {
		if isSpecial(each) {
			escaped = fmt.Appendf(escaped, `\u%04x`, each)
		} else {
			escaped = utf8.AppendRune(escaped, each)
		}
	}
	return escaped
}

func isSpecial(each rune) bool {
	return each >= 0x7f && each < 0xa0 || each == 0x2028 || each == 0x2029 || each == 0xfeff || each == 0xfffe || each == 0xffff
}
