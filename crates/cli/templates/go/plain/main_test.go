package main

import (
	"testing"

	"github.com/plugwright/plugwright/pdks/go/pdktest"
)

func TestGreets(t *testing.T) {
	output, err := pdktest.New(t).Call(greet, "Ada")
	if err != nil || output != "Hello, Ada!" {
		t.Fatalf("got %q, %v", output, err)
	}
}

func TestGreetsAsConfigured(t *testing.T) {
	output, err := pdktest.New(t).Config("greeting", "Hi").Call(greet, "Ada")
	if err != nil || output != "Hi, Ada!" {
		t.Fatalf("got %q, %v", output, err)
	}
}
