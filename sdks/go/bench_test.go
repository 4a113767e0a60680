package plugwright

import (
	"bytes"
	"fmt"
	"testing"
)

// Beside the public SDK: `cargo xtask bench --go`.

func BenchmarkEcho(b *testing.B) {
	p := newGuest(b, guestManifest("rust_echo"))
	for _, length := range []int{0, 64, 64 << 10, 1 << 20} {
		input := bytes.Repeat([]byte("x"), length)
		b.Run(fmt.Sprint(length), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(length))
			for b.Loop() {
				if _, _, err := p.Call("echo", input); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What a guest does by itself: its loops count their turns.
func BenchmarkCountVowels(b *testing.B) {
	p := newGuest(b, guestManifest("rust_count_vowels"))
	input := bytes.Repeat([]byte("x"), 64<<10)
	b.SetBytes(int64(len(input)))
	for b.Loop() {
		if _, _, err := p.Call("count_vowels", input); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFirstCallOfAnInstance(b *testing.B) {
	c, err := NewCompiledPlugin(b.Context(), guestManifest("rust_echo"), PluginConfig{EnableWasi: true}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p, err := c.Instance(b.Context(), PluginInstanceConfig{})
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := p.Call("echo", nil); err != nil {
			b.Fatal(err)
		}
		if err := p.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	if err := c.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}
