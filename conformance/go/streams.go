package conformance

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero"
)

// ModuleConfig is the surroundings of WASI that a case wants, as wazero's own configuration, which every SDK over it takes. Standard
// output and error go to these writers if the case captures them.
func ModuleConfig(options *Options, stdout, stderr io.Writer) wazero.ModuleConfig {
	config := wazero.NewModuleConfig().WithSysWalltime().WithSysNanotime().WithSysNanosleep()
	for name, value := range options.Env {
		config = config.WithEnv(name, value)
	}
	if len(options.Args) > 0 {
		config = config.WithArgs(options.Args...)
	}
	if options.Stdin != nil {
		config = config.WithStdin(strings.NewReader(*options.Stdin))
	}
	if options.Stdio == "capture" {
		config = config.WithStdout(stdout).WithStderr(stderr)
	}
	return config
}

// Take returns what a stream has captured, and forgets it.
func Take(stream *bytes.Buffer) []byte {
	defer stream.Reset()
	return slices.Clone(stream.Bytes())
}
