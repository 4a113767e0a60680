package linear

import (
	"runtime"
	"testing"
)

func TestMemoriesCountTogether(t *testing.T) {
	budget := NewBudget(10 << 16)
	var made []*Memory
	allocator := budget.Allocator(&made)
	first, second := allocator.Allocate(0, 1<<32), allocator.Allocate(1<<16, 1<<32)
	if len(first.Reallocate(4<<16)) != 4<<16 || len(second.Reallocate(6<<16)) != 6<<16 {
		t.Fatal("there was room for both")
	}
	if budget.Refused() || first.Reallocate(5<<16) != nil || !budget.Refused() {
		t.Error("there was no room for more, and that is to be told")
	}
	if len(made) != 2 {
		t.Errorf("%d memories were made", len(made))
	}
	for _, memory := range made {
		memory.Free()
		memory.Free()
	}
}

func TestAMemoryKeepsItsContentWhenItMoves(t *testing.T) {
	var made []*Memory
	memory := NewBudget(1<<32).Allocator(&made).Allocate(0, 1<<32)
	bytes := memory.Reallocate(1 << 16)
	old := bytes
	bytes[0], bytes[1<<16-1] = 1, 2
	for size := uint64(1 << 17); size <= 128<<20; size *= 4 {
		bytes = memory.Reallocate(size)
		if uint64(len(bytes)) != size || bytes[0] != 1 || bytes[1<<16-1] != 2 || bytes[1<<16] != 0 || bytes[size-1] != 0 {
			t.Fatalf("with %d bytes the content is another", size)
		}
	}
	// A view of the host's may be kept beyond that: what it shows is nothing in particular, but it is there.
	_ = old[1<<16-1]
	memory.Free()
}

func TestMaximaAreKept(t *testing.T) {
	var made []*Memory
	memory := NewBudget(1<<32).Allocator(&made).Allocate(0, 3<<16)
	defer memory.Free()
	if memory.Reallocate(3<<16) == nil || memory.Reallocate(4<<16) != nil {
		t.Error("the maximum is another")
	}
}

func TestDiscardedBytesCanBeUsed(t *testing.T) {
	var made []*Memory
	NewBudget(1<<32).Allocator(&made).Allocate(0, 1<<32)
	memory := made[0]
	defer memory.Free()
	bytes := memory.Reallocate(8 << 20)
	for i := range bytes {
		bytes[i] = 7
	}
	memory.Discard(4<<20, 8<<20)
	if bytes[0] != 7 || bytes[4<<20-1] != 7 {
		t.Error("bytes below are gone too")
	}
	bytes[5<<20] = 8
	if bytes[5<<20] != 8 {
		t.Error("bytes cannot be used again")
	}
	// Nothing happens to what is not there.
	memory.Discard(4<<20, 9<<20)
	memory.Discard(3, 2)
}

func TestForgottenMemoriesAreGivenBack(t *testing.T) {
	for range 64 {
		var made []*Memory
		memory := NewBudget(1<<32).Allocator(&made).Allocate(0, 1<<32)
		memory.Reallocate(1 << 30)
		runtime.KeepAlive(memory)
	}
	// Cleanups run some time after this; that they do not disturb what is in use is what can be seen.
	runtime.GC()
}
