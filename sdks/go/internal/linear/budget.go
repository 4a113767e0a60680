// Package linear gives WebAssembly memories their bytes, and counts them.
package linear

// Budget counts the bytes of all memories of one instance of a plug-in, kernel memory included, and refuses more than a limit.
// It is used by one goroutine at a time.
type Budget struct {
	limit, used uint64
	refused     bool
}

// NewBudget makes a budget of so many bytes.
func NewBudget(limit uint64) *Budget { return &Budget{limit: limit} }

// Refused reports whether memory was refused since the start of the call, so that a trap is most likely due to it.
func (b *Budget) Refused() bool { return b.refused }

// SetRefused says what [Budget.Refused] reports: false at the start of a call.
func (b *Budget) SetRefused(refused bool) { b.refused = refused }

// claim counts more bytes, or refuses.
func (b *Budget) claim(bytes uint64) bool {
	if bytes > b.limit-b.used {
		b.refused = true
		return false
	}
	b.used += bytes
	return true
}
