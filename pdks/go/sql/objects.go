package sql

import "errors"

var errNoRows = errors.New("the reply has no rows")

// asObjects makes an array of objects of a reply, {"columns":[…],"rows":[[…]]}: as text, so that numbers keep all their digits.
func asObjects(reply []byte) ([]byte, error) {
	members, err := items(reply, '{')
	if err != nil || len(members) != 2 {
		return nil, errNoRows
	}
	// The host writes the members in this order, and no space.
	columns, err := items(member(members[0], `"columns":`), '[')
	if err != nil {
		return nil, err
	}
	rows, err := items(member(members[1], `"rows":`), '[')
	if err != nil {
		return nil, err
	}
	objects := []byte{'['}
	for i, row := range rows {
		values, err := items(row, '[')
		if err != nil || len(values) != len(columns) {
			return nil, errNoRows
		}
		if i > 0 {
			objects = append(objects, ',')
		}
		objects = append(objects, '{')
		for j, value := range values {
			if j > 0 {
				objects = append(objects, ',')
			}
			objects = append(append(append(objects, columns[j]...), ':'), value...)
		}
		objects = append(objects, '}')
	}
	return append(objects, ']'), nil
}

// items splits an array or an object at the commas between its own items.
func items(text []byte, opening byte) ([][]byte, error) {
	if len(text) < 2 || text[0] != opening {
		return nil, errNoRows
	}
	if len(text) == 2 {
		return nil, nil
	}
	var parts [][]byte
	depth, start, quoted := 0, 1, false
	for at := 1; at < len(text)-1; at++ {
		switch letter := text[at]; {
		case quoted && letter == '\\':
			at++
		case letter == '"':
			quoted = !quoted
		case quoted:
		case letter == '[' || letter == '{':
			depth++
		case letter == ']' || letter == '}':
			depth--
		case letter == ',' && depth == 0:
			parts = append(parts, text[start:at])
			start = at + 1
		}
	}
	return append(parts, text[start:len(text)-1]), nil
}

// member returns what follows a member's name, nothing if it has another name.
func member(text []byte, name string) []byte {
	if len(text) < len(name) || string(text[:len(name)]) != name {
		return nil
	}
	return text[len(name):]
}
