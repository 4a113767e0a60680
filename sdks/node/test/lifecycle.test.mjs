// Calls that meet: queues, closing, re-entrance, cancelling.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import createPlugin, { createPool, createPluginSync } from 'plugwright';

import { calling, deferred, guest, lending, spinning } from './guests.mjs';

test('calls wait for those before them, in order', async () => {
  const gates = [deferred(), deferred(), deferred()];
  const order = [];
  const plugin = await createPlugin(calling, lending(async (current, offset) => {
    const number = Number(current.read(offset).text());
    order.push(`begins ${number}`);
    await gates[number].promise;
    order.push(`ends ${number}`);
    return 0n;
  }));
  const input = Buffer.from('1');
  const calls = [plugin.call('run', '0'), plugin.call('run', input), plugin.call('run', '2')];
  input.write('2');
  gates[2].resolve();
  gates[1].resolve();
  gates[0].resolve();
  await Promise.all(calls);
  assert.deepEqual(order, ['begins 0', 'ends 0', 'begins 1', 'ends 1', 'begins 2', 'ends 2']);
});

test('a failed call does not keep the next one from running', async () => {
  const plugin = await createPlugin(calling, lending(async (current, offset) => {
    if (current.read(offset).text() === 'fail') throw new Error('told to');
    return 0n;
  }));
  const results = await Promise.allSettled([plugin.call('run', 'fail'), plugin.call('run', 'work'), plugin.call('no')]);
  assert.deepEqual(results.map(({ status }) => status), ['rejected', 'fulfilled', 'rejected']);
});

for (const runInWorker of [false, true]) {
  const where = runInWorker ? 'on another thread' : 'on this thread';

  test(`closing waits for the calls that were made, ${where}`, async () => {
    const gate = deferred();
    const plugin = await createPlugin(calling, lending(async () => {
      await gate.promise;
      return 'done';
    }, { runInWorker }));
    const calls = [plugin.call('run'), plugin.call('run')];
    let isClosed = false;
    const closing = plugin.close().then(() => { isClosed = true; });
    const again = plugin.close().then(() => assert.ok(isClosed));
    await assert.rejects(plugin.call('run'), { kind: 'Closed' });
    assert.ok(!isClosed);
    gate.resolve();
    for (const call of calls) assert.equal((await call).text(), 'done');
    await closing;
    await again;
    await plugin.close();
  });

  test(`a host function that calls its own plug-in gets an error, ${where}`, async () => {
    let plugin;
    for (const f of [
      () => plugin.call('other').then(() => 0n),
      async () => { await plugin.call('other'); return 0n; },
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        await plugin.call('other');
        return 0n;
      },
      () => { plugin.callSync('other'); return 0n; },
      async () => { await plugin.close(); return 0n; },
    ]) {
      plugin = await createPlugin(calling, lending(f, { runInWorker }));
      await assert.rejects(plugin.call('run'), (error) => {
        assert.equal(error.kind, 'HostFunction');
        assert.equal(error.cause.kind, 'Busy');
        return true;
      });
      assert.equal(await plugin.call('other'), null);
    }
  });

  test(`a host function may call another plug-in, ${where}`, async () => {
    const inner = await createPlugin(guest('wat/echo.wat'), { runInWorker });
    const outer = await createPlugin(calling, lending(async (current, offset) => {
      const first = await inner.call('echo', current.read(offset).bytes());
      const second = inner.callSync('echo', ' and back');
      return first.text() + second.text();
    }, { runInWorker }));
    assert.equal((await outer.call('run', 'there')).text(), 'there and back');
  });

  test(`a signal ends a guest that loops, ${where}`, async () => {
    const plugin = await createPlugin(spinning, { runInWorker });
    const controller = new AbortController();
    const reason = new Error('enough');
    setImmediate(() => controller.abort(reason));
    await assert.rejects(plugin.call('spin', '', undefined, { signal: controller.signal }), (error) => {
      assert.equal(error.kind, 'Cancelled');
      assert.equal(error.cause, reason);
      return true;
    });
    assert.equal(await plugin.call('rest'), null);
  });

  test(`a signal ends a call whose host function waits, ${where}`, async () => {
    const plugin = await createPlugin(calling, lending(() => new Promise(() => {}), { runInWorker }));
    const controller = new AbortController();
    const call = plugin.call('run', '', undefined, { signal: controller.signal });
    const behind = plugin.call('run', '', undefined, { signal: controller.signal });
    const after = plugin.call('other');
    setImmediate(() => controller.abort());
    const results = await Promise.allSettled([call, behind, after]);
    assert.deepEqual(results.map(({ reason }) => reason?.kind), ['Cancelled', 'Cancelled', undefined]);
    await assert.rejects(plugin.call('other', '', undefined, { signal: controller.signal }), { kind: 'Cancelled' });
  });

  test(`a call ends at its deadline, ${where}`, async () => {
    const plugin = await createPlugin(spinning, { runInWorker, timeoutMs: 30 });
    await assert.rejects(plugin.call('spin'), { kind: 'Timeout' });
    assert.equal(await plugin.call('rest'), null);
    const patient = await createPlugin(spinning, { runInWorker });
    await assert.rejects(patient.call('spin', '', undefined, { timeoutMs: 30 }), { kind: 'Timeout' });
    assert.equal(await patient.call('rest'), null);
  });

  test(`a host function cancels its call, ${where}`, async () => {
    const functions = { 'extism:host/user': { host_cancel: (current) => current.cancel() } };
    const plugin = await createPlugin(guest('wat/host_cancel.wat'), { functions, runInWorker });
    await assert.rejects(plugin.call('cancel_me'), { kind: 'Cancelled' });
    assert.equal(await plugin.call('run'), null);
  });
}

test('callSync ends at its deadline', () => {
  const plugin = createPluginSync(spinning, { timeoutMs: 30 });
  assert.throws(() => plugin.callSync('spin'), { kind: 'Timeout' });
  assert.equal(plugin.callSync('rest'), null);
});

test('a looping guest does not stop the event loop', async () => {
  const plugin = await createPlugin(spinning, { timeoutMs: 200 });
  let turns = 0;
  const count = () => { turns += 1; timer = setImmediate(count); };
  let timer = setImmediate(count);
  await assert.rejects(plugin.call('spin'), { kind: 'Timeout' });
  clearImmediate(timer);
  assert.ok(turns > 0);
});

test('a pool calls its instances at the same time', async () => {
  const gate = deferred();
  let inside = 0;
  const pool = await createPool(calling, lending(async (current, offset) => {
    inside += 1;
    if (inside === 3) gate.resolve();
    await gate.promise;
    return current.read(offset).bytes();
  }, { max: 3 }));
  assert.equal(pool.max, 3);
  const outputs = await Promise.all(['a', 'b', 'c'].map((input) => pool.call('run', input)));
  assert.deepEqual(outputs.map((output) => output.text()), ['a', 'b', 'c']);
  await pool.close();
  await assert.rejects(pool.call('run'), { kind: 'Closed' });
});

test('calls of a pool wait for an instance, and may give up', async () => {
  const gate = deferred();
  const pool = await createPool(calling, lending(async () => {
    await gate.promise;
    return 'done';
  }, { max: 1, acquireTimeoutMs: 20 }));
  const first = pool.call('run');
  await assert.rejects(pool.call('run'), { kind: 'PoolTimeout' });
  const controller = new AbortController();
  const second = pool.call('run', '', undefined, { signal: controller.signal });
  controller.abort();
  await assert.rejects(second, { kind: 'Cancelled' });
  const closing = pool.close();
  gate.resolve();
  assert.equal((await first).text(), 'done');
  await closing;
});

test('calls of a pool are made in the order in which they were asked for', async () => {
  const order = [];
  const pool = await createPool(calling, lending((current, offset) => {
    order.push(current.read(offset).text());
    return offset;
  }, { max: 1 }));
  const inputs = Array.from({ length: 50 }, (_, index) => `${index}`);
  await Promise.all(inputs.map((input) => pool.call('run', input)));
  assert.deepEqual(order, inputs);
  await pool.close();
});

test('a pool replaces what trapped, and interrupts what loops', async () => {
  const pool = await createPool(spinning, { max: 1 });
  await assert.rejects(pool.call('spin', '', undefined, { timeoutMs: 20 }), { kind: 'Timeout' });
  const controller = new AbortController();
  setImmediate(() => controller.abort());
  await assert.rejects(pool.call('spin', '', undefined, { signal: controller.signal }), { kind: 'Cancelled' });
  assert.equal(await pool.call('rest'), null);
  await pool.close();
});

test('a pool gives many answers, each the right one', async () => {
  const pool = await createPool(guest('wat/echo.wat'), { max: 4 });
  const inputs = Array.from({ length: 500 }, (_, index) => `${index}-`.repeat(index));
  const outputs = await Promise.all(inputs.map((input) => pool.call('echo', input)));
  outputs.forEach((output, index) => assert.equal(output?.text() ?? '', inputs[index]));
  await pool.close();
});
