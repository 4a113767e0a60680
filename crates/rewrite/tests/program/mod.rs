//! Writes programs that do little but what is rewritten.

use std::fmt::Write as _;

const START: &str = r#"(module
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "load_u64" (func $load_u64 (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "plugwright:host/mem" "read" (func $read (param i32 i64 i64)))
  (import "plugwright:host/mem" "write" (func $write (param i64 i32 i64)))
  (memory (export "memory") 1)
  (memory (export "wide") i64 1)
  (table funcref (elem $load_u8 $store_u64))
  (global $sum (export "sum") (mut i64) (i64.const 0))
"#;

/// Numbers at which something may go wrong with kernel memory of 300 bytes, of which 77 from 93 on are the input.
const OFFSETS: [i64; 16] = [0, 1, 69, 70, 71, 76, 77, 93, 162, 170, 292, 293, 294, 299, 300, 1 << 32];

/// A program that the bytes decide.
pub(crate) fn program(bytes: &[u8]) -> String {
    let mut program = Program { bytes: bytes.iter(), text: START.to_owned() };
    for name in ["a", "b"] {
        writeln!(program.text, "(func (export \"{name}\") (param i64 i32) (local i32 i64)").unwrap();
        for _ in 0..6 {
            program.statement(3);
        }
        program.text.push_str(")\n");
    }
    program.text.push(')');
    program.text
}

struct Program<'a> {
    bytes: std::slice::Iter<'a, u8>,
    text: String,
}

impl Program<'_> {
    fn choice(&mut self, of: usize) -> usize {
        usize::from(self.bytes.next().copied().unwrap_or(0)) % of
    }

    /// `{8}` stands for a number of 64 bits, `{4}` for one of 32, `{s}` for statements.
    fn fill(&mut self, template: &str, depth: usize) {
        for (at, part) in template.split(['{', '}']).enumerate() {
            match part {
                "8" if at % 2 == 1 => self.wide(depth),
                "4" if at % 2 == 1 => self.narrow(depth),
                "s" if at % 2 == 1 => (0..2).for_each(|_| self.statement(depth)),
                text => self.text.push_str(text),
            }
        }
        self.text.push('\n');
    }

    fn statement(&mut self, depth: usize) {
        const SIMPLE: [&str; 11] = [
            "(call $store_u8 {8} {4})",
            "(call $store_u64 {8} {8})",
            "(call $read {4} {8} {8})",
            "(call $write {8} {4} {8})",
            "(memory.fill {4} {4} {4})",
            "(memory.copy {4} {4} {4})",
            "(memory.copy 0 1 {4} {8} {4})",
            "(memory.copy 1 1 {8} {8} {8})",
            "(memory.fill 1 {8} {4} {8})",
            "(global.set $sum (i64.add (global.get $sum) {8}))",
            "(local.set 3 {8})",
        ];
        const NESTED: [&str; 3] = [
            "(if {4} (then {s}) (else {s}))",
            "(block (br_if 0 {4}) {s} (br 0) {s})",
            "(loop (local.set 2 (i32.add (local.get 2) (i32.const 1))) {s} (br_if 0 (i32.lt_u (local.get 2) (i32.const 3))))",
        ];
        match depth.checked_sub(1) {
            Some(depth) if self.choice(3) == 0 => {
                let template = NESTED[self.choice(NESTED.len())];
                self.fill(template, depth);
            }
            _ => {
                let template = SIMPLE[self.choice(SIMPLE.len())];
                self.fill(template, depth);
            }
        }
    }

    fn wide(&mut self, depth: usize) {
        const NESTED: [&str; 8] = [
            "(call $load_u64 {8})",
            "(call $input_load_u64 {8})",
            "(call $input_length)",
            "(call $input_offset)",
            "(call $length {8})",
            "(i64.and {8} (i64.const 0x7f))",
            "(i64.extend_i32_u {4})",
            "(local.get 3)",
        ];
        match depth.checked_sub(1) {
            Some(depth) if self.choice(2) == 0 => {
                let template = NESTED[self.choice(NESTED.len())];
                self.fill(template, depth);
            }
            _ => {
                let offset = OFFSETS[self.choice(OFFSETS.len())];
                let offset = if self.choice(16) == 0 { -offset } else { offset };
                write!(self.text, "(i64.const {offset})").unwrap();
            }
        }
    }

    fn narrow(&mut self, depth: usize) {
        const NESTED: [&str; 5] = [
            "(call $load_u8 {8})",
            "(call $input_load_u8 {8})",
            "(call_indirect (param i64) (result i32) {8} (i32.const 0))",
            "(i32.wrap_i64 {8})",
            "(local.get 2)",
        ];
        match depth.checked_sub(1) {
            Some(depth) if self.choice(2) == 0 => {
                let template = NESTED[self.choice(NESTED.len())];
                self.fill(template, depth);
            }
            _ => {
                let number = self.choice(200);
                write!(self.text, "(i32.const {number})").unwrap();
            }
        }
    }
}
