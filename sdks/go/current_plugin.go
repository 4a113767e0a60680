package plugwright

import (
	"context"

	"github.com/tetratelabs/wazero/api"
)

// CurrentPlugin is what a host function sees of the plug-in that calls it. It may be used until the host function returns, by
// the goroutine that it runs on.
type CurrentPlugin struct {
	plugin *Plugin
	// failure is the last error that one of the methods returned: if it becomes the host function's, it is the plug-in's.
	failure *Error
}

// Log passes a message to where the plug-in's own messages go.
func (p *CurrentPlugin) Log(level LogLevel, message string) { p.plugin.Log(level, message) }

// Logf is Log with a format.
func (p *CurrentPlugin) Logf(level LogLevel, format string, args ...any) {
	p.plugin.Logf(level, format, args...)
}

// Memory is the plug-in's kernel memory, where its blocks are; nil when there is none.
func (p *CurrentPlugin) Memory() api.Memory { return p.plugin.Memory() }

// Alloc makes a block of so many bytes and returns its offset; 0 for no bytes. The content is unspecified. The error is an
// [*Error] of KindOutOfMemory.
func (p *CurrentPlugin) Alloc(n uint64) (uint64, error) {
	kernel, err := p.kernel()
	if err != nil || n == 0 {
		return 0, err
	}
	offset := kernel.alloc(n)
	if offset == 0 {
		return 0, p.failed(noRoom(n))
	}
	return offset, nil
}

// AllocWithContext is Alloc; the context has no effect.
func (p *CurrentPlugin) AllocWithContext(_ context.Context, n uint64) (uint64, error) {
	return p.Alloc(n)
}

// Free frees the block at the offset. Where no block starts nothing happens.
func (p *CurrentPlugin) Free(offset uint64) error {
	kernel, err := p.kernel()
	if err == nil {
		kernel.free(offset)
	}
	return err
}

// FreeWithContext is Free; the context has no effect.
func (p *CurrentPlugin) FreeWithContext(_ context.Context, offset uint64) error {
	return p.Free(offset)
}

// Length is how many bytes the block at the offset has; 0 where no block starts.
func (p *CurrentPlugin) Length(offs uint64) (uint64, error) {
	kernel, err := p.kernel()
	if err != nil {
		return 0, err
	}
	return kernel.blocks.Length(offs), nil
}

// LengthWithContext is Length; the context has no effect.
func (p *CurrentPlugin) LengthWithContext(_ context.Context, offs uint64) (uint64, error) {
	return p.Length(offs)
}

// WriteString makes a block with these bytes and returns its offset; 0 for none. It is the caller's, and usually a result
// that the plug-in frees. The error is an [*Error] of KindOutOfMemory.
func (p *CurrentPlugin) WriteString(s string) (uint64, error) { return writeBlock(p, s) }

// WriteBytes is WriteString for bytes.
func (p *CurrentPlugin) WriteBytes(b []byte) (uint64, error) { return writeBlock(p, b) }

func writeBlock[T string | []byte](p *CurrentPlugin, content T) (uint64, error) {
	kernel, err := p.kernel()
	if err != nil {
		return 0, err
	}
	offset, err := newBlock(kernel, content)
	return offset, p.failed(err)
}

// ReadString is a copy of the block at the offset, which stays the plug-in's. Offset 0 is an empty block. The error is an
// [*Error] of KindContract when no block starts there.
func (p *CurrentPlugin) ReadString(offset uint64) (string, error) {
	view, err := p.view(offset)
	return string(view), err
}

// ReadBytes is ReadString for bytes.
func (p *CurrentPlugin) ReadBytes(offset uint64) ([]byte, error) {
	view, err := p.view(offset)
	return append(make([]byte, 0, len(view)), view...), err
}

// view has the bytes of a block until memory grows.
func (p *CurrentPlugin) view(offset uint64) ([]byte, error) {
	kernel, err := p.kernel()
	if err != nil || offset == 0 {
		return nil, err
	}
	block := kernel.block(offset)
	if block.length == 0 {
		return nil, p.failed(newError(KindContract, "the plug-in names a block at offset %d, where none starts", offset))
	}
	view, err := kernel.bytes(block)
	return view, p.failed(err)
}

// failed notes an error, if there is one.
func (p *CurrentPlugin) failed(err error) error {
	if own, ok := err.(*Error); ok {
		p.failure = own
	}
	return err
}

// kernel is the memory of the call under way.
func (p *CurrentPlugin) kernel() (*kernelMemory, error) {
	if p.plugin.instance == nil {
		return nil, newError(KindContract, "the plug-in has no memory: a host function kept it beyond its end")
	}
	return p.plugin.instance.kernel, nil
}
