// The guests that tests call.
import { join } from 'node:path';

const folder = process.env.PLUGWRIGHT_GUESTS;
if (folder === undefined) throw new Error('run `cargo xtask node`, or say where guests are by PLUGWRIGHT_GUESTS');

/** The path of a guest. */
export const guest = (name) => join(folder, name);

/** A guest in WebAssembly text, as bytes. */
export const wat = (text) => Buffer.from(`(module ${text})`);

/** A guest whose function `run` passes its input to the host function `f`, and returns what that returns. */
export const calling = wat(`
  (import "extism:host/user" "f" (func $f (param i64) (result i64)))
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "run") (local $block i64)
    (local.set $block (call $f (call $input)))
    (call $output (local.get $block) (call $length (local.get $block))))
  (func (export "other"))`);

/** The options that lend `calling` its host function. */
export const lending = (f, options = {}) => ({ ...options, functions: { 'extism:host/user': { f } } });

/** A guest whose `run` calls the host function `f` until that returns something else than 1, and loops for ever if it is 2. */
export const asking = wat(`
  (import "extism:host/user" "f" (func $f (result i64)))
  (func (export "run") (local $answer i64)
    (loop $next
      (local.set $answer (call $f))
      (br_if $next (i64.eq (local.get $answer) (i64.const 1))))
    (loop $ever (br_if $ever (i64.eq (local.get $answer) (i64.const 2)))))`);

/** A guest that loops for ever, and one function that does not. */
export const spinning = wat('(func (export "spin") (loop $next (br $next))) (func (export "rest"))');

/** A promise with what settles it. */
export function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
