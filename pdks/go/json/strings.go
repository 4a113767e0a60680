package json

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// shortEscapes are the escape sequences of two letters, but for that of the slash, which none needs.
var shortEscapes = [...]struct{ letter, name byte }{
	{'"', '"'}, {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'},
}

// AppendString appends the JSON of a string, which is safe to put into HTML. What is not UTF-8 becomes the replacement
// character.
func AppendString(to []byte, text string) []byte {
	to = append(to, '"')
	for at := 0; at < len(text); {
		letter, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case letter < utf8.RuneSelf:
			to = appendASCII(to, byte(letter))
		case letter == utf8.RuneError && size == 1, letter == '\u2028', letter == '\u2029':
			to = appendUnicodeEscape(to, letter)
		default:
			to = append(to, text[at:at+size]...)
		}
		at += size
	}
	return append(to, '"')
}

func appendASCII(to []byte, letter byte) []byte {
	for _, escape := range shortEscapes {
		if letter == escape.letter {
			return append(to, '\\', escape.name)
		}
	}
	if letter < ' ' || letter == '<' || letter == '>' || letter == '&' {
		return appendUnicodeEscape(to, rune(letter))
	}
	return append(to, letter)
}

func appendUnicodeEscape(to []byte, letter rune) []byte {
	return append(to, '\\', 'u', hexDigits[letter>>12&15], hexDigits[letter>>8&15], hexDigits[letter>>4&15], hexDigits[letter&15])
}

// unquote returns the text of a valid JSON string.
func unquote(quoted []byte) string {
	inner := quoted[1 : len(quoted)-1]
	text := make([]byte, 0, len(inner))
	for len(inner) > 0 {
		if inner[0] != '\\' {
			letter, size := utf8.DecodeRune(inner)
			text = utf8.AppendRune(text, letter)
			inner = inner[size:]
			continue
		}
		var letter rune
		letter, inner = unescape(inner)
		text = utf8.AppendRune(text, letter)
	}
	return string(text)
}

// unescape returns the letter of a valid escape sequence, and what follows it.
func unescape(text []byte) (letter rune, rest []byte) {
	if text[1] == 'u' {
		letter, rest = codeUnit(text), text[6:]
		if utf16.IsSurrogate(letter) && len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
			if pair := utf16.DecodeRune(letter, codeUnit(rest)); pair != utf8.RuneError {
				return pair, rest[6:]
			}
		}
		// Half of a pair becomes the replacement character when it is appended.
		return letter, rest
	}
	for _, escape := range shortEscapes {
		if text[1] == escape.name {
			return rune(escape.letter), text[2:]
		}
	}
	return '/', text[2:]
}

// codeUnit is the number of a valid \uXXXX.
func codeUnit(text []byte) rune {
	// Valid digits always make a number.
	number, _ := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(number)
}
