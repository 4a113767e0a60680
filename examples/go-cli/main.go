// Command go-cli calls a function of a plug-in from the command line:
//
//	go-cli <wasm file> <function> [<input> [<config as JSON>]]
//
// The output goes to standard output, what the plug-in logs to standard error. The exit code is 1 when the call fails, and 2 when the
// arguments are wrong.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	plugwright "github.com/plugwright/plugwright/sdks/go"
)

const usage = "usage: go-cli <wasm file> <function> [<input> [<config as JSON>]]"

// limit is how long the call may take.
const limit = 10 * time.Second

func main() {
	err := run(context.Background(), os.Args[1:], os.Stdout)
	var wrong *usageError
	switch {
	case errors.As(err, &wrong):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// usageError says what is wrong with the arguments.
type usageError struct{ problem string }

func (e *usageError) Error() string { return e.problem + "\n" + usage }

func run(ctx context.Context, arguments []string, stdout io.Writer) error {
	if len(arguments) < 2 || len(arguments) > 4 {
		return &usageError{fmt.Sprintf("got %d arguments", len(arguments))}
	}
	config, err := parseConfig(argument(arguments, 3))
	if err != nil {
		return err
	}
	manifest := plugwright.Manifest{
		Wasm:    []plugwright.Wasm{plugwright.WasmFile{Path: arguments[0]}},
		Config:  config,
		Timeout: uint64(limit.Milliseconds()),
	}
	plugin, err := plugwright.NewPlugin(ctx, manifest, plugwright.PluginConfig{
		EnableWasi: true,
		Logger:     slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}, nil)
	if err != nil {
		return err
	}
	defer plugin.Close(ctx)
	output, err := plugwright.Call[string, []byte](ctx, plugin, arguments[1], argument(arguments, 2))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s\n", output)
	return err
}

// argument is one of the arguments, or empty when there are fewer.
func argument(arguments []string, index int) string {
	if index < len(arguments) {
		return arguments[index]
	}
	return ""
}

// parseConfig reads an object whose values are texts.
func parseConfig(text string) (map[string]string, error) {
	if text == "" {
		return nil, nil
	}
	var config map[string]string
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		return nil, &usageError{fmt.Sprintf("the config must be an object of texts: %v", err)}
	}
	return config, nil
}
