package plugwright

// maxVars is how many variables a plug-in may have, whatever their size.
const maxVars = 1 << 16

// varMeter counts the bytes of a plug-in's variables, keys and values. The variables themselves are in a map that the
// host may change between calls; so they are counted again in each call that sets one.
type varMeter struct {
	bytes   uint64
	entries int
	counted bool
}

// newCall forgets the count.
func (m *varMeter) newCall() { m.counted = false }

// count makes sure that the count is right.
func (m *varMeter) count(vars map[string][]byte) {
	if m.counted && m.entries == len(vars) {
		return
	}
	*m = varMeter{entries: len(vars), counted: true}
	for key, value := range vars {
		m.bytes += uint64(len(key)) + uint64(len(value))
	}
}

// check asks whether a value of this many bytes may be set under key, which is before it is copied: a guest names
// lengths as it likes. It returns how many bytes all variables would have. The error is an [*Error] of KindLimit.
func (m *varMeter) check(vars map[string][]byte, maxBytes int64, key string, length uint64) (uint64, error) {
	if maxBytes <= 0 {
		return 0, newError(KindLimit,
			"the plug-in sets a variable, but variables are turned off (`memory.max_var_bytes` is 0)")
	}
	m.count(vars)
	old, exists := vars[key]
	rest := m.bytes + uint64(len(key))
	if exists {
		rest = m.bytes - uint64(len(old))
	}
	bytes := rest + length
	if bytes < rest || bytes > uint64(maxBytes) {
		return 0, newError(KindLimit,
			"the plug-in's variables would take %d bytes, more than `memory.max_var_bytes` (%d) allows", bytes, maxBytes)
	}
	if !exists && len(vars) >= maxVars {
		return 0, newError(KindLimit, "the plug-in has more than %d variables", maxVars)
	}
	return bytes, nil
}

// set sets a variable, or changes nothing; the error is as that of check. The variables keep the value.
func (m *varMeter) set(vars map[string][]byte, maxBytes int64, key string, value []byte) error {
	bytes, err := m.check(vars, maxBytes, key, uint64(len(value)))
	if err != nil {
		return err
	}
	vars[key] = value
	m.bytes, m.entries = bytes, len(vars)
	return nil
}

// remove removes a variable, if there is one of this key.
func (m *varMeter) remove(vars map[string][]byte, key string) {
	if old, ok := vars[key]; ok {
		m.count(vars)
		m.bytes -= uint64(len(key)) + uint64(len(old))
		delete(vars, key)
		m.entries = len(vars)
	}
}
