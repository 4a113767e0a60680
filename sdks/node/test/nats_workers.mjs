// A real NATS server, the worker of this checkout, and a guest for it.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { connect } from 'plugwright/remote';

// It is where NODE_PATH says, which `import` does not know.
const { headers } = createRequire(import.meta.url)('@nats-io/transport-node');

export const GUEST = `(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  (func (export "echo") (result i32) (call $output (call $input) (call $length)) (i32.const 0))
  (func (export "refuse") (result i32) (call $error (call $input)) (i32.const 7))
  (func (export "large") (result i32) (call $output (call $alloc (i64.const 2000000)) (i64.const 2000000)) (i32.const 0))
  (func (export "crash") unreachable)
  (func (export "spin") (loop $again (br $again))))`;

/** Longer than anything takes that works, in milliseconds. */
export const LONG = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'plugwright-'));
const running = [];
const connections = [];

/** Starts one of this checkout's programs, and gives its first line. */
async function program(name, ...args) {
  const child = spawn(join(process.env.PLUGWRIGHT_PROGRAMS, name), args, { stdio: ['pipe', 'pipe', 'inherit'] });
  running.push(child);
  for await (const line of createInterface(child.stdout)) return { child, line };
  throw new Error(`${name} ended`);
}

/** Starts a server, with these settings, and gives its URL. */
export async function server(...settings) {
  return (await program('test-server', 'nats', ...settings)).line;
}

/** A connection for callers. */
export async function caller(url) {
  const nats = await connect(url);
  connections.push(nats);
  return nats;
}

/** Starts a worker of the plug-in `p`, with one place. */
export async function worker(url, text, ...args) {
  const file = join(folder, 'p.wat');
  writeFileSync(file, text);
  const settings = ['--json', '--no-store', '--concurrency', '1', '--timeout', '1m', '--nats', url];
  return (await program('plugwright', 'worker', ...settings, file, ...args)).child;
}

/** Kills a program. */
export async function end(child) {
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGKILL');
  await ended;
}

/** Ends all that was started. */
export async function endAll() {
  await Promise.all(connections.map((nats) => nats.close()));
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}

/** The next message to a subject, by a connection of its own: `{ heard }`, a promise. */
export async function next(url, subject, matches = () => true) {
  const { connection } = await caller(url);
  const heard = new Promise((resolve) => {
    const callback = (error, message) => {
      if (!error && matches(message)) resolve(message);
    };
    connection.subscribe(subject, { callback });
  });
  await connection.flush();
  return { heard };
}

/** Headers of a message. */
export function answer(values) {
  const made = headers();
  for (const [name, value] of Object.entries(values)) made.set(name, value);
  return made;
}
