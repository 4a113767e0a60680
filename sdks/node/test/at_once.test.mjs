// Calls that can wait for nothing, which run on the stack of this thread once they have been quick.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import createPlugin, { createPluginSync } from 'plugwright';

import { guest, wat } from './guests.mjs';

/** A guest that loops for ever when it has an input. */
const moody = wat(`
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (func (export "run") (loop $next (br_if $next (i64.ne (call $length) (i64.const 0)))))
  (func (export "fail") (result i32) (i32.const 7))`);

/** A guest that logs an `m`, and returns its input. */
const logging = wat(`
  (import "extism:host/env" "input_offset" (func $offset (result i64)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "log_info" (func $log (param i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "run") (local $message i64)
    (local.set $message (call $alloc (i64.const 1)))
    (call $store (local.get $message) (i32.const 0x6d))
    (call $log (local.get $message))
    (call $output (call $offset) (call $length)))`);

test('a function that was quick and loops makes way for the event loop the next time', async () => {
  const plugin = await createPlugin(moody, { timeoutMs: 100 });
  for (let calls = 0; calls < 3; calls += 1) assert.equal(await plugin.call('run'), null);
  await assert.rejects(plugin.call('run', 'loop'), { kind: 'Timeout' });
  let turns = 0;
  const count = () => { turns += 1; timer = setImmediate(count); };
  let timer = setImmediate(count);
  await assert.rejects(plugin.call('run', 'loop'), { kind: 'Timeout' });
  clearImmediate(timer);
  assert.ok(turns > 0);
  assert.equal(await plugin.call('run'), null);
});

test('a call with a signal can always be ended', async () => {
  const plugin = await createPlugin(moody);
  for (let calls = 0; calls < 3; calls += 1) assert.equal(await plugin.call('run'), null);
  const controller = new AbortController();
  setImmediate(() => controller.abort());
  const call = plugin.call('run', 'loop', undefined, { signal: controller.signal });
  const behind = plugin.call('run');
  await assert.rejects(call, { kind: 'Cancelled' });
  assert.equal(await behind, null);
});

test('a call fails as the first one does', async () => {
  const plugin = await createPlugin(moody);
  for (let calls = 0; calls < 3; calls += 1) {
    await assert.rejects(plugin.call('fail'), { kind: 'Guest', exitCode: 7, functionName: 'fail' });
    assert.throws(() => plugin.callSync('fail'), { kind: 'Guest', exitCode: 7, functionName: 'fail' });
    assert.equal(await plugin.call('run'), null);
    assert.equal(plugin.callSync('run'), null);
    assert.throws(() => plugin.callSync('run', Symbol('no input')), TypeError);
  }
});

test('a logger may call other plug-ins', async () => {
  const other = createPluginSync(guest('wat/echo.wat'));
  const messages = [];
  const logger = {
    info(message) {
      messages.push(message);
      assert.equal(other.callSync('echo', 'what the other plug-in says').text(), 'what the other plug-in says');
    },
  };
  const plugin = await createPlugin(logging, { logger, logLevel: 'info' });
  for (const input of ['one', 'two', 'x'.repeat(20_000), 'three']) {
    assert.equal((await plugin.call('run', input)).text(), input);
    assert.equal(plugin.callSync('run', input).text(), input);
  }
  assert.deepEqual(messages, Array.from({ length: 8 }, () => 'm'));
});

test('what a logger throws fails the call, and no other', async () => {
  let fails = false;
  const logger = { info() { if (fails) throw new Error('the logger fails'); } };
  const plugin = await createPlugin(logging, { logger, logLevel: 'info' });
  for (let calls = 0; calls < 3; calls += 1) {
    fails = true;
    await assert.rejects(plugin.call('run', 'text'), { message: 'the logger fails' });
    fails = false;
    assert.equal((await plugin.call('run', 'text')).text(), 'text');
  }
});

test('short text keeps its byte order mark out, and its other characters', async () => {
  const plugin = await createPlugin(guest('wat/echo.wat'));
  for (let calls = 0; calls < 3; calls += 1) {
    for (const input of ['ä', 'I 💜 Plugwright', '\u{7f}\u{80}', 'x'.repeat(96), 'x'.repeat(97), '\ud800']) {
      assert.equal((await plugin.call('echo', input)).text(), new TextDecoder().decode(new TextEncoder().encode(input)));
    }
    for (const bytes of [[0xef, 0xbb, 0xbf, 0x61], [0xe4], [0xf0, 0x9f, 0x92], [0xff, 0xfe, 0x61]]) {
      const input = Uint8Array.from(bytes);
      assert.equal((await plugin.call('echo', input)).text(), new TextDecoder().decode(input));
    }
  }
});
