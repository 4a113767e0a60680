package kernel

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
)

// recordedTrace is what the allocator of the Rust crate did.
const recordedTrace = "../../../../crates/kernel/tests/trace.txt"

// size is a memory that is only a number.
type size struct{ bytes, limit uint64 }

func (s *size) Size() uint64 { return s.bytes }

func (s *size) GrowTo(bytes uint64) bool {
	if bytes > s.limit {
		return false
	}
	s.bytes = bytes
	return true
}

func TestTheTraceOfTheRustAllocatorIsFollowed(t *testing.T) {
	file, err := os.Open(recordedTrace)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Scan()
	var blocks int
	var pages uint64
	if _, err := fmt.Sscanf(lines.Text(), "limits %d %d", &blocks, &pages); err != nil {
		t.Fatal(err)
	}
	memory := &size{limit: pages * PageBytes}
	allocator := WithMaxBlocks(blocks)
	number := 1
	for ; lines.Scan(); number++ {
		if found := follow(t, allocator, memory, lines.Text()); found != lines.Text() {
			t.Fatalf("line %d: the trace says %q, but here it is %q", number, lines.Text(), found)
		}
	}
	if err := lines.Err(); err != nil || number < 6000 {
		t.Fatalf("the trace ended after %d lines: %v", number, err)
	}
}

// follow repeats an operation and writes its line.
func follow(t *testing.T, a *Allocator, memory *size, line string) string {
	name, rest, _ := strings.Cut(line, " ")
	var first, second uint64
	// What a line lacks stays 0.
	_, _ = fmt.Sscan(rest, &first, &second)
	switch name {
	case "alloc":
		return fmt.Sprintf("alloc %d %d", first, a.Alloc(first, memory))
	case "free":
		return fmt.Sprintf("free %d %d", first, bit(a.Free(first)))
	case "length":
		return fmt.Sprintf("length %d %d", first, a.Length(first))
	case "in_bounds":
		return fmt.Sprintf("in_bounds %d %d %d", first, second, bit(a.InBounds(first, second)))
	case "memory_bytes":
		return fmt.Sprintf("memory_bytes %d", a.MemoryBytes())
	case "reset":
		a.Reset()
		return "reset"
	case "reset_to":
		a.ResetTo(first)
		memory.bytes = first
		return fmt.Sprintf("reset_to %d", first)
	default:
		t.Fatalf("unknown operation in %q", line)
		return ""
	}
}

func bit(value bool) int {
	if value {
		return 1
	}
	return 0
}
