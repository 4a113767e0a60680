//go:build !wasip1 && !tinygo.wasm

package kv_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	pdk "github.com/plugwright/plugwright/pdks/go"
	"github.com/plugwright/plugwright/pdks/go/kv"
	"github.com/plugwright/plugwright/pdks/go/pdktest"
)

// in runs function in a plug-in whose host gives these replies.
func in(t *testing.T, replies map[string]string, function func() error) {
	t.Helper()
	host := pdktest.New(t)
	reply := func(name string) []byte { return []byte(replies[name]) }
	host.HostFunc("kv_get", func(string) []byte { return reply("get") }).
		HostFunc("kv_set", func(_ string, _ []byte, _ uint64) []byte { return reply("set") }).
		HostFunc("kv_increment", func(string, int64) []byte { return reply("increment") }).
		HostFunc("kv_compare_and_swap", func(_ string, _, _ []byte, _ uint64) []byte { return reply("swap") }).
		HostFunc("kv_list", func(_, _ string, _ uint64) []byte { return reply("list") })
	if _, err := host.Call(func() int32 { return pdk.Run(function) }, ""); err != nil {
		t.Error(err)
	}
}

func TestRepliesAreRead(t *testing.T) {
	replies := map[string]string{
		"get": "\x00value", "set": "\x00", "swap": "\x00\x01", "list": "\x00{\"keys\":[\"a\",\"b\"],\"cursor\":null}",
		"increment": "\x00" + string(binary.LittleEndian.AppendUint64(nil, 42)),
	}
	in(t, replies, func() error {
		if value, found, err := kv.Get("key"); string(value) != "value" || !found || err != nil {
			t.Errorf("got %q, %v, %v", value, found, err)
		}
		if err := kv.SetFor("key", nil, time.Second); err != nil {
			t.Error(err)
		}
		if swapped, err := kv.CompareAndSwap("key", nil, []byte("x")); !swapped || err != nil {
			t.Errorf("swapped %v, %v", swapped, err)
		}
		if sum, err := kv.Increment("key", 1); sum != 42 || err != nil {
			t.Errorf("sum %v, %v", sum, err)
		}
		page, err := kv.List("", "", 10)
		if !slices.Equal(page.Keys, []string{"a", "b"}) || page.Cursor != "" || err != nil {
			t.Errorf("page %v, %v", page, err)
		}
		return nil
	})
}

func TestFailuresHaveCodes(t *testing.T) {
	replies := map[string]string{"get": "\x01", "set": "\x02{\"code\":\"rate_limited\",\"message\":\"slowly\"}", "list": "\x07"}
	in(t, replies, func() error {
		if _, found, err := kv.Get("key"); found || err != nil {
			t.Errorf("found %v, %v", found, err)
		}
		if err := kv.Set("key", nil); kv.CodeOf(err) != kv.RateLimited || err.Error() != "slowly" {
			t.Errorf("error %v", err)
		}
		if _, err := kv.List("", "", 1); kv.CodeOf(err) != kv.Internal {
			t.Errorf("error %v", err)
		}
		if _, err := kv.CompareAndSwap("key", []byte{}, nil); kv.CodeOf(err) != kv.Invalid {
			t.Errorf("error %v", err)
		}
		if err := kv.SetFor("key", nil, 1); kv.CodeOf(err) != kv.Invalid {
			t.Errorf("error %v", err)
		}
		return nil
	})
}
