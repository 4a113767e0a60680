package plugwright

import "container/list"

// grant is what a waiting caller gets: an instance, or else an error, or else the right to make an instance.
type grant struct {
	plugin *Plugin
	err    *Error
}

// waiter is a caller in a queue.
type waiter struct {
	// granted has room for the one grant, so that whoever gives it does not wait.
	granted chan grant
	place   *list.Element
}

// waiters is a queue, first come, first served.
type waiters struct {
	queue list.List
}

func (w *waiters) len() int { return w.queue.Len() }

// push joins the queue.
func (w *waiters) push() *waiter {
	last := &waiter{granted: make(chan grant, 1)}
	last.place = w.queue.PushBack(last)
	return last
}

// pop takes the first one out of the queue; nil when nobody is there.
func (w *waiters) pop() *waiter {
	first := w.queue.Front()
	if first == nil {
		return nil
	}
	waiter := first.Value.(*waiter)
	w.leave(waiter)
	return waiter
}

// remove leaves the queue, and reports false when the caller had been taken out of it before.
func (w *waiters) remove(one *waiter) bool {
	if one.place == nil {
		return false
	}
	w.leave(one)
	return true
}

func (w *waiters) leave(one *waiter) {
	w.queue.Remove(one.place)
	one.place = nil
}
