package json

import (
	"errors"
	"strconv"
)

// maxDepth is how deep arrays and objects may be nested, in both directions.
const maxDepth = 10000

var errTooDeep = errors.New("json: nested more than " + strconv.Itoa(maxDepth) + " deep")

// syntaxError says what is wrong at one place of a text.
func syntaxError(data []byte, at int, expected string) error {
	if at >= len(data) {
		return errors.New("json: the text ends where " + expected + " is expected")
	}
	return errors.New("json: " + strconv.QuoteRune(rune(data[at])) + " at byte " + strconv.Itoa(at) + ", where " + expected +
		" is expected")
}

// check says whether data is one JSON value and nothing else.
func check(data []byte) error {
	end, err := skipValue(data, skipSpace(data, 0), 0)
	if err != nil {
		return err
	}
	if end = skipSpace(data, end); end < len(data) {
		return syntaxError(data, end, "the end")
	}
	return nil
}

func skipSpace(data []byte, at int) int {
	for at < len(data) && (data[at] == ' ' || data[at] == '\n' || data[at] == '\t' || data[at] == '\r') {
		at++
	}
	return at
}

// skipValue returns the place behind the value that begins at a place.
func skipValue(data []byte, at, depth int) (int, error) {
	if at >= len(data) {
		return at, syntaxError(data, at, "a value")
	}
	switch letter := data[at]; {
	case letter == '{' || letter == '[':
		if depth == maxDepth {
			return at, errTooDeep
		}
		return skipItems(data, at, depth+1)
	case letter == '"':
		return skipString(data, at)
	case letter == '-' || isDigit(letter):
		return skipNumber(data, at)
	case letter == 't':
		return skipWord(data, at, "true")
	case letter == 'f':
		return skipWord(data, at, "false")
	case letter == 'n':
		return skipWord(data, at, "null")
	}
	return at, syntaxError(data, at, "a value")
}

// skipItems skips an array or an object.
func skipItems(data []byte, at, depth int) (int, error) {
	object := data[at] == '{'
	end := byte(']')
	if object {
		end = '}'
	}
	at = skipSpace(data, at+1)
	if at < len(data) && data[at] == end {
		return at + 1, nil
	}
	for {
		var err error
		if object {
			if at, err = skipName(data, at); err != nil {
				return at, err
			}
		}
		if at, err = skipValue(data, at, depth); err != nil {
			return at, err
		}
		at = skipSpace(data, at)
		if at < len(data) && data[at] == end {
			return at + 1, nil
		}
		if at >= len(data) || data[at] != ',' {
			return at, syntaxError(data, at, "a comma or '"+string(end)+"'")
		}
		at = skipSpace(data, at+1)
	}
}

// skipName skips a member's name and the colon, to the beginning of its value.
func skipName(data []byte, at int) (int, error) {
	if at >= len(data) || data[at] != '"' {
		return at, syntaxError(data, at, "a name in quotes")
	}
	at, err := skipString(data, at)
	if err != nil {
		return at, err
	}
	at = skipSpace(data, at)
	if at >= len(data) || data[at] != ':' {
		return at, syntaxError(data, at, "a colon")
	}
	return skipSpace(data, at+1), nil
}

func skipString(data []byte, at int) (int, error) {
	for at++; at < len(data); at++ {
		switch letter := data[at]; {
		case letter == '"':
			return at + 1, nil
		case letter < ' ':
			return at, syntaxError(data, at, "a letter or an escape sequence")
		case letter == '\\':
			if at++; at >= len(data) {
				return at, syntaxError(data, at, "an escape sequence")
			}
			switch data[at] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				for range 4 {
					if at++; at >= len(data) || !isHex(data[at]) {
						return at, syntaxError(data, at, "a hexadecimal digit")
					}
				}
			default:
				return at, syntaxError(data, at, "an escape sequence")
			}
		}
	}
	return at, syntaxError(data, at, "the end of a string")
}

func skipNumber(data []byte, at int) (int, error) {
	if data[at] == '-' {
		at++
	}
	var err error
	if at < len(data) && data[at] == '0' {
		at++
	} else if at, err = skipDigits(data, at); err != nil {
		return at, err
	}
	if at < len(data) && data[at] == '.' {
		if at, err = skipDigits(data, at+1); err != nil {
			return at, err
		}
	}
	if at < len(data) && (data[at] == 'e' || data[at] == 'E') {
		at++
		if at < len(data) && (data[at] == '+' || data[at] == '-') {
			at++
		}
		return skipDigits(data, at)
	}
	return at, nil
}

func skipDigits(data []byte, at int) (int, error) {
	if at >= len(data) || !isDigit(data[at]) {
		return at, syntaxError(data, at, "a digit")
	}
	for at < len(data) && isDigit(data[at]) {
		at++
	}
	return at, nil
}

func skipWord(data []byte, at int, word string) (int, error) {
	for i := range len(word) {
		if at+i >= len(data) || data[at+i] != word[i] {
			return at + i, syntaxError(data, at+i, "the word "+word)
		}
	}
	return at + len(word), nil
}

// isNumber says whether all of a text is a JSON number.
func isNumber(text string) bool {
	if text == "" || text[0] != '-' && !isDigit(text[0]) {
		return false
	}
	end, err := skipNumber([]byte(text), 0)
	return err == nil && end == len(text)
}

func isDigit(letter byte) bool {
	return '0' <= letter && letter <= '9'
}

func isHex(letter byte) bool {
	return isDigit(letter) || 'a' <= letter|0x20 && letter|0x20 <= 'f'
}
