package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	pdk "github.com/extism/go-pdk"
)

//go:wasmexport env_get
func envGet() int32 {
	pdk.OutputString(os.Getenv(pdk.InputString()))
	return 0
}

// reason is what went wrong, without the operation and path that Go puts in front of it.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func outputFile(path string) int32 {
	content, err := os.ReadFile(path)
	if err != nil {
		return fail(fmt.Sprintf("cannot read %s: %v", path, reason(err)))
	}
	pdk.Output(content)
	return 0
}

//go:wasmexport read_file
func readFile() int32 {
	return outputFile(pdk.InputString())
}

//go:wasmexport write_file
func writeFile() int32 {
	path, content, found := strings.Cut(pdk.InputString(), "=")
	if !found {
		return fail("expected path=content")
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		return fail(fmt.Sprintf("cannot write %s: %v", path, reason(err)))
	}
	return outputFile(path)
}
