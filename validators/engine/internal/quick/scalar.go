package quick

import (
	"strconv"
	"strings"
)

// cutKey cuts a key off a line. Only keys that need no second look are keys: words, and quoted strings.
func cutKey(line string) (key, rest string, isKey bool) {
	if line == "" {
		return "", "", false
	}
	if line[0] == '"' || line[0] == '\'' {
		key, rest, isKey = unquote(line)
		isKey = isKey && isASCII(key)
	} else {
		key = word(line)
		rest, isKey = line[len(key):], isString(key)
	}
	if !isKey || rest != ":" && !strings.HasPrefix(rest, ": ") {
		return "", "", false
	}
	return key, strings.TrimLeft(rest[1:], " "), true
}

// word is what a text begins with of letters, digits and the signs in names.
func word(text string) string {
	for i := range len(text) {
		if c := text[i]; !isLetter(c) && !isDigit(c) && !strings.ContainsRune("_./-", rune(c)) {
			return text[:i]
		}
	}
	return text
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(c rune) bool { return c > '~' }) < 0
}

// escaped are the characters behind a backslash that nearly everybody uses, meant what they stand for.
const escaped, meant = `nt"\ `, "\n\t\"\\ "

// unquote reads the quoted string that a text begins with.
func unquote(text string) (value, rest string, fine bool) {
	if text[0] == '\'' {
		return unquoteSingle(text[1:])
	}
	at := strings.IndexAny(text[1:], `"\`) + 1
	if at > 0 && text[at] == '"' {
		return text[1:at], text[at+1:], true
	}
	var plain strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			return plain.String(), text[i+1:], true
		case '\\':
			if i++; i == len(text) {
				return "", "", false
			}
			at := strings.IndexByte(escaped, text[i])
			if at < 0 {
				return "", "", false
			}
			plain.WriteByte(meant[at])
		default:
			plain.WriteByte(c)
		}
	}
	return "", "", false
}

func unquoteSingle(text string) (value, rest string, fine bool) {
	for i := 0; i < len(text); i++ {
		if text[i] != '\'' {
			continue
		}
		if !strings.HasPrefix(text[i+1:], "'") {
			return strings.ReplaceAll(text[:i], "''", "'"), text[i+1:], true
		}
		i++
	}
	return "", "", false
}

// plain writes an unquoted value: null, a boolean, an integer, or a string.
func (r *reader) plain(text string) bool {
	switch {
	case text == "null" || text == "true" || text == "false" || isInteger(text):
		r.out = append(r.out, text...)
		return true
	case !isString(text) || isKeyed(text):
		return false
	}
	r.out = appendString(r.out, text)
	return true
}

// isInteger reports whether a text is a decimal integer in its only form, and one that fits.
func isInteger(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	if text == "0" {
		return true
	}
	if digits == "" || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil
}

// inNoNumber are characters that neither numbers of any base nor dates have. Neither has two points.
const inNoNumber = "ghijklmpqrsuvwyGHIJKLMPQRSUVWY%/"

// isString reports whether an unquoted text, ": " and comments apart, is certainly a string.
func isString(text string) bool {
	if text == "" {
		return false
	}
	switch c := text[0]; {
	case isLetter(c):
		return len(text) > 5 || !reserved(text)
	case c == '_' || c == '/' || c == '$' || c == '=' || c == '(' || c == '^' || c > '~':
		return true
	case isDigit(c):
		return strings.ContainsAny(text, inNoNumber) || c != '0' && strings.ContainsRune(text, 'x') || strings.Count(text, ".") > 1
	case len(text) > 2 && c == '-' && text[1] == '-':
		return isLetter(text[2])
	case len(text) > 4 && c == '.': // .inf and .nan are numbers
		return isLetter(text[1])
	}
	return strings.HasPrefix(text, "./") || strings.HasPrefix(text, "../")
}

// reserved reports whether YAML 1.1 has a word for itself, in some case.
func reserved(word string) bool {
	switch strings.ToLower(word) {
	case "y", "yes", "n", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}

const hexadecimal = "0123456789abcdef"

// appendString writes a string as encoding/json does.
func appendString(out []byte, text string) []byte {
	out = append(out, '"')
	done := 0
	for i := range len(text) {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' {
			continue
		}
		out = append(out, text[done:i]...)
		done = i + 1
		switch c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\n':
			out = append(out, '\\', 'n')
		case '\t':
			out = append(out, '\\', 't')
		default:
			out = append(out, '\\', 'u', '0', '0', hexadecimal[c>>4], hexadecimal[c&15])
		}
	}
	return append(append(out, text[done:]...), '"')
}
