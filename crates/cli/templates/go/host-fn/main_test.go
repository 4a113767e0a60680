package main

import (
	"testing"

	"github.com/plugwright/plugwright/pdks/go/pdktest"
)

func TestGreetsAsTheHostSays(t *testing.T) {
	values := map[string]string{"greeting": "Good day"}
	host := pdktest.New(t).HostFunc("kv_read", func(key string) string { return values[key] })
	output, err := host.Call(greet, "Ada")
	if err != nil || output != "Good day, Ada!" {
		t.Fatalf("got %q, %v", output, err)
	}
}

func TestGreetsWithoutAGreeting(t *testing.T) {
	host := pdktest.New(t).HostFunc("kv_read", func(string) string { return "" })
	output, err := host.Call(greet, "Ada")
	if err != nil || output != "Hello, Ada!" {
		t.Fatalf("got %q, %v", output, err)
	}
}
