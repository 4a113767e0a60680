package plugwright

import "time"

// A guest pauses after so many steps, a step being a turn of a loop or a call. The fewer, the sooner it notices that it must
// stop, and the sooner the garbage collector gets to run: Go cannot interrupt compiled code.
const (
	leastSteps = 1 << 6
	mostSteps  = 1 << 16
	// pauseAfter and pauseBefore are what steps between pauses should take.
	pauseAfter  = 100 * time.Microsecond
	pauseBefore = time.Millisecond
)

// pace finds out how many steps a guest takes in a reasonable time.
type pace struct {
	steps uint32
	last  time.Time
}

// next is how many steps to take until the next pause.
func (p *pace) next() uint32 {
	now := time.Now()
	took := now.Sub(p.last)
	p.last = now
	switch {
	case p.steps == 0:
		p.steps = mostSteps >> 4
	case took > pauseBefore:
		p.steps = max(p.steps/2, leastSteps)
	case took < pauseAfter:
		p.steps = min(p.steps*2, mostSteps)
	}
	return p.steps
}
