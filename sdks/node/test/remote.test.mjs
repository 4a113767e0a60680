// Plug-ins on workers elsewhere, with a real NATS server and the worker of this checkout.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

import { createPool } from 'plugwright';
import { connect } from 'plugwright/remote';

const GUEST = `(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  (func (export "echo") (result i32) (call $output (call $input) (call $length)) (i32.const 0))
  (func (export "refuse") (result i32) (call $error (call $input)) (i32.const 7))
  (func (export "crash") unreachable)
  (func (export "spin") (loop $again (br $again))))`;

const LONG = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'plugwright-'));
const running = [];
let url;
let nats;

/** Starts one of this checkout's programs, and gives its first line. */
async function program(name, ...args) {
  const child = spawn(join(process.env.PLUGWRIGHT_PROGRAMS, name), args, { stdio: ['pipe', 'pipe', 'inherit'] });
  running.push(child);
  for await (const line of createInterface(child.stdout)) return { child, line };
  throw new Error(`${name} ended`);
}

/** Starts a worker of the plug-in `p`. */
async function worker(text) {
  const file = join(folder, 'p.wat');
  writeFileSync(file, text);
  const { child } = await program(
    ...['plugwright', 'worker', '--json', '--no-store', '--concurrency', '1', '--timeout', '1m', '--nats', url, file],
  );
  return child;
}

async function end(child) {
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGKILL');
  await ended;
}

before(async () => {
  url = (await program('test-server', 'nats')).line;
  nats = await connect(url);
});

after(async () => {
  await nats?.close();
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Resolves when a worker says that it is at a call. */
async function heartbeat() {
  const { connection } = await connect(url);
  const seen = new Promise((resolve) => {
    const callback = (error, message) => {
      if (!error && message.headers?.get('Plugwright-Heartbeat-Ms')) resolve();
    };
    connection.subscribe('_INBOX.>', { callback });
  });
  await connection.flush();
  return { seen: seen.finally(() => connection.close()) };
}

test('outputs and errors are those of a pool', async () => {
  const serving = await worker(GUEST);
  const remote = nats.plugin('p', { waitMs: LONG });
  const local = await createPool({ wasm: [{ data: new TextEncoder().encode(GUEST) }] }, { max: 1, name: 'p' });
  for (const input of ['Jane Doe 👋', new Uint8Array([0, 255])]) {
    assert.deepEqual((await remote.call('echo', input)).bytes(), (await local.call('echo', input)).bytes());
  }
  assert.equal(await remote.call('echo'), null);
  for (const name of ['refuse', 'crash', 'ecko']) {
    const [there, here] = await Promise.all([remote, local].map((plugin) => plugin.call(name, 'sold out').catch((error) => error)));
    for (const field of ['kind', 'exitCode', 'functionName', 'guestMessage']) {
      assert.deepEqual(there[field], here[field], `${name}: ${field}`);
    }
    assert.equal(there.backtrace?.length, here.backtrace?.length);
  }
  await assert.rejects(remote.call('no such function'), { kind: 'FunctionNotFound' });
  await assert.rejects(remote.call('echo', new Uint8Array(2 << 20)), { kind: 'Limit', message: /max_payload/ });
  assert.throws(() => nats.plugin('a.b'), TypeError);
  await local.close();
  await end(serving);
});

test('calls end at their deadline, or when they are aborted', async () => {
  const serving = await worker(GUEST);
  const remote = nats.plugin('p', { waitMs: LONG, heartbeatMs: 100 });
  await assert.rejects(remote.call('spin', '', null, { timeoutMs: 200 }), { kind: 'Timeout', pluginName: 'p' });
  const { seen } = await heartbeat();
  const stop = new AbortController();
  const spinning = remote.call('spin', '', null, { signal: stop.signal });
  seen.then(() => stop.abort());
  await assert.rejects(spinning, (error) => error.kind === 'Cancelled' && error.cause === stop.signal.reason);
  // The worker has one place, which is free again.
  assert.equal((await remote.call('echo', 'free')).text(), 'free');
  await end(serving);
});

test('a call whose worker is killed is an error, or made again elsewhere', async () => {
  for (const idempotent of [false, true]) {
    const doomed = await worker(GUEST);
    const remote = nats.plugin('p', { waitMs: LONG, heartbeatMs: 100, idempotent });
    const { seen } = await heartbeat();
    const call = remote.call('spin').then(() => 'done', (error) => error.kind);
    await seen;
    await end(doomed);
    const other = await worker('(module (func (export "spin")))');
    assert.equal(await call, idempotent ? 'done' : 'Lost');
    await end(other);
  }
});

test('without a worker the error says so', async () => {
  await assert.rejects(nats.plugin('nobody', { waitMs: 100 }).call('echo'), { kind: 'Unavailable', message: /no worker serves/ });
});
