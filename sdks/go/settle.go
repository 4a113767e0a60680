package plugwright

import "context"

// settle makes an instance ready for another borrower: what the last call put out is gone, and so is what ended in the
// middle of a call. usable is false when the plug-in cannot be lent again, because it is closed or still runs; replaced
// tells that a call must make its memory anew, by this plug-in or by another.
func (p *Plugin) settle() (usable, replaced bool) {
	if err := p.enter(); err != nil {
		return false, true
	}
	defer p.leave()
	p.hostError = ""
	i := p.instance
	if i == nil {
		return true, false
	}
	if !i.spent {
		i.kernel.newCall()
		return true, false
	}
	// What cannot be freed is not used again either.
	return p.drop(context.Background()) == nil, true
}
