// A program like any other: it writes a file and reads it back. It runs as a plug-in because it is a WASI command.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)

	name := os.Getenv("FILE_NAME")
	if name == "" {
		log.Fatal("FILE_NAME is not set: it names the file to write")
	}
	path := filepath.Join("/data", name)
	if err := os.WriteFile(path, []byte("👋 Hello from a file\n"), 0o644); err != nil {
		log.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s", name, content)
}
