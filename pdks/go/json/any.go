package json

import "strconv"

// anyValue decodes the value that comes next for an interface: nil, bool, float64, string, []any or map[string]any.
func (d *decoder) anyValue() any {
	switch d.data[d.at] {
	case '[':
		return d.anyArray()
	case '{':
		return d.anyObject()
	case '"':
		return unquote(d.skip())
	case 'n':
		d.skip()
		return nil
	}
	item := d.skip()
	value, fits := anyScalar(item)
	if !fits {
		d.mismatch(describe(item), float64Type)
		return nil
	}
	return value
}

func (d *decoder) anyArray() []any {
	array := []any{}
	for d.at++; d.next(); {
		array = append(array, d.anyValue())
	}
	return array
}

func (d *decoder) anyObject() map[string]any {
	object := map[string]any{}
	for d.at++; d.next(); {
		name := unquote(d.name())
		object[name] = d.anyValue()
	}
	return object
}

// anyScalar decodes true, false, or a number, which may be too large.
func anyScalar(item []byte) (value any, fits bool) {
	if item[0] == 't' || item[0] == 'f' {
		return item[0] == 't', true
	}
	number, err := strconv.ParseFloat(string(item), 64)
	if err != nil {
		return nil, false
	}
	return number, true
}
