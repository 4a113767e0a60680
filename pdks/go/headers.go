package pdk

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The JSON of HTTP requests and headers, by hand: encoding/json would cost every plug-in that uses HTTP more than a
// megabyte.

// appendRequest appends the JSON that describes a request.
func appendRequest(to []byte, meta HTTPRequestMeta) []byte {
	to = appendString(append(to, `{"url":`...), meta.URL)
	to = appendString(append(to, `,"method":`...), meta.Method)
	to = append(to, `,"headers":{`...)
	separator := ""
	for name, value := range meta.Headers {
		to = appendString(append(to, separator...), name)
		to = appendString(append(to, ':'), value)
		separator = ","
	}
	return append(to, "}}"...)
}

// appendString appends a JSON string. What is not UTF-8 becomes the replacement character.
func appendString(to []byte, s string) []byte {
	to = append(to, '"')
	for _, letter := range s {
		switch {
		case letter == '"' || letter == '\\':
			to = append(to, '\\', byte(letter))
		case letter < ' ':
			to = append(to, `\u00`...)
			to = append(to, "0123456789abcdef"[letter>>4], "0123456789abcdef"[letter&15])
		default:
			to = utf8.AppendRune(to, letter)
		}
	}
	return append(to, '"')
}

// parseHeaders reads a JSON object of strings. It stops at what is anything else, which no host sends.
func parseHeaders(object []byte) map[string]string {
	headers := map[string]string{}
	rest, found := token(string(object), '{')
	for found {
		var name, value string
		if name, rest, found = parseString(rest); !found {
			break
		}
		if rest, found = token(rest, ':'); !found {
			break
		}
		if value, rest, found = parseString(rest); !found {
			break
		}
		headers[name] = value
		rest, found = token(rest, ',')
	}
	return headers
}

// token returns what follows a punctuation mark, if that comes first.
func token(text string, mark byte) (rest string, found bool) {
	text = strings.TrimLeft(text, " \t\r\n")
	if text == "" || text[0] != mark {
		return text, false
	}
	return text[1:], true
}

// parseString returns the string that comes first, and what follows it.
func parseString(text string) (value, rest string, found bool) {
	text, found = token(text, '"')
	if !found {
		return "", text, false
	}
	var letters []byte
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			return string(letters), text[i+1:], true
		case '\\':
			letter, length := unescape(text[i:])
			if length == 0 {
				return "", "", false
			}
			letters = utf8.AppendRune(letters, letter)
			i += length - 1
		default:
			letters = append(letters, text[i])
		}
	}
	return "", "", false
}

// unescape returns the letter that an escape sequence stands for, and the length of the sequence, 0 if it is none.
func unescape(text string) (letter rune, length int) {
	if len(text) < 2 {
		return 0, 0
	}
	switch text[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		return unescapeUnicode(text)
	default:
		return rune(text[1]), 2
	}
}

// unescapeUnicode is unescape for \uXXXX, and for a pair of them that stands for one letter.
func unescapeUnicode(text string) (letter rune, length int) {
	high, ok := codeUnit(text)
	if !ok {
		return 0, 0
	}
	if low, ok := codeUnit(text[6:]); ok {
		if letter := utf16.DecodeRune(high, low); letter != utf8.RuneError {
			return letter, 12
		}
	}
	// Half of a pair becomes the replacement character when it is encoded.
	return high, 6
}

// codeUnit is the number of the \uXXXX that comes first.
func codeUnit(text string) (rune, bool) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, false
	}
	number, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(number), err == nil
}
