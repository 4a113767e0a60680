"""Guests in WebAssembly text, for the tests."""

from __future__ import annotations

IMPORTS = """
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "load_u64" (func $load_u64 (param i64) (result i64)))
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (import "extism:host/env" "log_info" (func $log_info (param i64)))
  (import "extism:host/env" "log_debug" (func $log_debug (param i64)))
  (import "extism:host/env" "get_log_level" (func $get_log_level (result i32)))
"""

FUNCTIONS = """
  (func $out (param $block i64) (call $output_set (local.get $block) (call $length (local.get $block))))
  (func $out_number (param $value i64) (local $block i64)
    (local.set $block (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $block) (local.get $value))
    (call $out (local.get $block)))
  (func $v (result i64) (local $key i64)
    (local.set $key (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $key) (i32.const 0x76))
    (local.get $key))
  (func (export "nothing"))
  (func (export "echo") (call $output_set (call $input) (call $input_length)))
  (func (export "remember") (call $var_set (call $v) (call $input)))
  (func (export "recall") (call $out (call $var_get (call $v))))
  (func (export "config") (call $out (call $config_get (call $input))))
  (func (export "trap") unreachable)
  (func (export "code") (result i32) i32.const 7)
  (func (export "fail") (result i32) (call $error_set (call $input)) i32.const 3)
  (func (export "spin") (loop $for_ever (br $for_ever)))
  (func (export "log") (call $log_info (call $input)))
  (func (export "log_debug") (call $log_debug (call $input)))
  (func (export "log_level") (call $out_number (i64.extend_i32_s (call $get_log_level))))
"""


def guest(imports: str = "", body: str = "") -> str:
    """A guest with the contract's imports, what most tests need, further imports, and a body."""
    return f'(module {IMPORTS} {imports} (memory (export "memory") 1) {FUNCTIONS} {body})'


#: A guest whose function `run` passes its input to the host function `f` and puts out the block that this returns.
PIPE = guest(
    '(import "extism:host/user" "f" (func $f (param i64) (result i64)))',
    '(func (export "run") (call $out (call $f (call $input))))',
)

#: A guest whose function `run` calls the host function `f`.
NUDGE = guest('(import "extism:host/user" "f" (func $f))', '(func (export "run") (call $f))')
