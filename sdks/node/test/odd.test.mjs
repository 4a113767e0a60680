// What programs do that nobody expects: it ends the call, and no more than that.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import createPlugin, { createPool } from 'plugwright';

import { calling, deferred, guest, lending, wat } from './guests.mjs';

const odd = [
  ['a result whose `then` throws when it is looked at', () => ({ get then() { throw new Error('odd'); } }), 'odd'],
  ['a result whose `then` throws when it is called', () => ({ then() { throw new Error('odd'); } }), 'odd'],
  ['an error whose message is no text', () => { throw Object.assign(new Error('text'), { message: { no: 'text' } }); }, '[object Object]'],
  ['an error whose message is a symbol', () => { throw Object.assign(new Error('text'), { message: Symbol('odd') }); }, 'Symbol(odd)'],
  ['an error whose message throws', () => {
    throw Object.defineProperty(new Error('text'), 'message', { get() { throw new Error('odd'); } });
  }, 'something that is no text was thrown'],
  ['an object without a prototype', () => { throw Object.create(null); }, 'something that is no text was thrown'],
];

for (const runInWorker of [false, true]) {
  const where = runInWorker ? 'on another thread' : 'on this thread';

  for (const [what, f, message] of odd) {
    test(`${what} fails the call, and no other, ${where}`, async () => {
      let answer = f;
      const plugin = await createPlugin(calling, lending((...given) => answer(...given), { runInWorker }));
      // As often as it takes to get a head start.
      for (let calls = 0; calls < 10; calls += 1) {
        answer = f;
        await assert.rejects(plugin.call('run', 'text'), (error) => {
          assert.equal(error.kind, 'HostFunction');
          assert.ok(error.message.includes(message), error.message);
          return true;
        });
        answer = (current, offset) => offset;
        for (let good = 0; good < 5; good += 1) assert.equal((await plugin.call('run', 'text')).text(), 'text');
      }
      await plugin.close();
    });
  }

  test(`a promise of another kind, which is settled at once, is waited for, ${where}`, async () => {
    const atOnce = (current) => ({ then: (resolve) => { resolve(current.store('at once')); resolve(0n); } });
    const plugin = await createPlugin(calling, lending(atOnce, { runInWorker }));
    for (let calls = 0; calls < 10; calls += 1) assert.equal((await plugin.call('run')).text(), 'at once');
  });

  test(`a view that was sent away is no loss, ${where}`, async () => {
    const views = [];
    const plugin = await createPlugin(calling, lending((current, offset) => {
      const view = current.memory(offset);
      view.write('sent away');
      views.push(structuredClone(view.buffer, { transfer: [view.buffer] }));
      assert.equal(current.read(offset).text(), 'text');
      assert.equal(view.length, 0);
      return offset;
    }, { runInWorker }));
    for (let calls = 0; calls < 10; calls += 1) assert.equal((await plugin.call('run', 'text')).text(), 'text');
    for (const view of views) assert.equal(Buffer.from(view).toString(), 'sent');
  });

  test(`a signal that is none is refused, ${where}`, async () => {
    const gate = deferred();
    const plugin = await createPlugin(calling, lending(() => gate.promise, { runInWorker }));
    const first = plugin.call('run');
    for (const signal of [new AbortController(), {}, 1, 'signal']) {
      await assert.rejects(plugin.call('run', '', undefined, { signal }), TypeError);
    }
    gate.resolve('done');
    assert.equal((await first).text(), 'done');
    for (const signal of [new AbortController(), 1]) {
      await assert.rejects(plugin.call('run', '', undefined, { signal }), TypeError);
    }
    assert.equal((await plugin.call('run', '', undefined, { signal: null })).text(), 'done');
    await plugin.close();
  });
}

test('a signal that is none is refused by pools', async () => {
  const pool = await createPool(guest('wat/echo.wat'), { max: 1 });
  await assert.rejects(pool.call('echo', 'text', undefined, { signal: new AbortController() }), TypeError);
  assert.equal((await pool.call('echo', 'text', undefined, { signal: null })).text(), 'text');
  await pool.close();
});

test('an input that waits is copied, and its bytes alone', async () => {
  const gate = deferred();
  const plugin = await createPlugin(calling, lending(async (current, offset) => {
    await gate.promise;
    return current.read(offset).bytes();
  }));
  const first = plugin.call('run', 'first');
  const shared = new Uint8Array(new SharedArrayBuffer(8)).fill(0x61);
  // A copy of all of this gigabyte would be noticed.
  const few = new Uint8Array(new ArrayBuffer(2 ** 30), 5, 3).fill(0x62);
  const before = process.memoryUsage().arrayBuffers;
  const calls = [shared, few, Buffer.from('text'), new DataView(few.buffer, 5, 2)].map((input) => plugin.call('run', input));
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 20);
  shared.fill(0);
  few.fill(0);
  gate.resolve();
  await first;
  assert.deepEqual((await Promise.all(calls)).map((output) => output.text()), ['aaaaaaaa', 'bbb', 'text', 'bb']);
});

test('a view of a block that was freed has no memory', async () => {
  let kept;
  const plugin = await createPlugin(calling, lending((current, offset) => {
    const block = current.store('block');
    kept = current.memory(block);
    current.free(block);
    assert.equal(kept.length, 0);
    return offset;
  }));
  assert.equal((await plugin.call('run', 'text')).text(), 'text');
});

test('a logger may give up the call whose last message it gets', async () => {
  const talking = wat(`
    (import "extism:host/user" "f" (func $f))
    (import "extism:host/env" "input_offset" (func $input (result i64)))
    (import "extism:host/env" "log_info" (func $log (param i64)))
    (func (export "run") (call $f) (call $log (call $input)))`);
  const controller = new AbortController();
  const messages = [];
  const logger = { ...console, info(message) { messages.push(message); controller.abort(); } };
  const plugin = await createPlugin(talking, lending(async () => {}, { logger }));
  assert.equal(await plugin.call('run', 'the last', undefined, { signal: controller.signal }), null);
  assert.deepEqual(messages, ['the last']);
});
