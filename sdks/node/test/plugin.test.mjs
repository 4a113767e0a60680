// The surface that programs for the public SDK use.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import createPlugin, * as plugwright from 'plugwright';

import { calling, guest, lending, wat } from './guests.mjs';

const { PluginOutput, createPluginSync } = plugwright;

for (const runInWorker of [false, true]) {
  const where = runInWorker ? 'on another thread' : 'on this thread';

  test(`a call returns the output, ${where}`, async () => {
    const plugin = await createPlugin(guest('wat/echo.wat'), { runInWorker });
    for (const input of ['hello', '', 'ä'.repeat(20_000), 'x'.repeat(16_384)]) {
      const output = await plugin.call('echo', input);
      if (input === '') assert.equal(output, null);
      else assert.equal(output.text(), input);
    }
    await plugin.close();
  });

  test(`bytes of any length pass, ${where}`, async () => {
    const plugin = await createPlugin(guest('wat/echo.wat'), { runInWorker });
    for (const length of [1, 7, 8, 16_383, 16_384, 16_385, 100_000, 3_000_001]) {
      const input = Uint8Array.from({ length }, (_, index) => index * 7);
      assert.deepEqual((await plugin.call('echo', input)).bytes(), input);
    }
    await plugin.close();
  });

  test(`a host function gets text and returns text, ${where}`, async () => {
    const greet = (current, offset) => current.store(`Hello ${current.read(offset).text()}`);
    const plugin = await createPlugin(calling, lending(greet, { runInWorker }));
    assert.equal((await plugin.call('run', 'Jane')).text(), 'Hello Jane');
    await plugin.close();
  });

  test(`a host function may wait, ${where}`, async () => {
    const order = [];
    const plugin = await createPlugin(
      calling,
      lending(
        async (current, offset) => {
          order.push('asked');
          await new Promise((resolve) => setImmediate(resolve));
          order.push('answers');
          return current.store(current.read(offset).text().toUpperCase());
        },
        { runInWorker },
      ),
    );
    setImmediate(() => order.push('the event loop went on'));
    const call = plugin.call('run', 'Jane');
    assert.ok(plugin.isActive());
    assert.equal((await call).text(), 'JANE');
    assert.ok(order.indexOf('the event loop went on') < order.indexOf('answers'));
    assert.ok(!plugin.isActive());
    await plugin.close();
  });

  test(`the context of a call reaches its host functions, ${where}`, async () => {
    const plugin = await createPlugin(
      calling,
      lending((current) => current.store(JSON.stringify(current.hostContext() ?? null)), { runInWorker }),
    );
    assert.deepEqual((await plugin.call('run', '', { user: 1 })).json(), { user: 1 });
    assert.equal((await plugin.call('run', '')).json(), null);
    await plugin.close();
  });
}

test('numbers are passed as text', async () => {
  const plugin = await createPlugin(guest('wat/echo.wat'));
  assert.equal((await plugin.call('echo', 42)).text(), '42');
  assert.equal((await plugin.call('echo', 0)).text(), '0');
  await assert.rejects(plugin.call('echo', { not: 'bytes' }), /the input is a string, bytes or a number, not object/);
});

test('only the bytes of a view are passed', async () => {
  const plugin = await createPlugin(guest('wat/echo.wat'));
  const pooled = Buffer.from('secret, shown');
  assert.ok(pooled.buffer.byteLength > pooled.length, 'the buffer is one of the pool');
  assert.equal((await plugin.call('echo', pooled.subarray(8))).text(), 'shown');
  const large = new Uint8Array(100_000).fill(1).subarray(50_000, 80_000);
  assert.equal((await plugin.call('echo', large)).byteLength, 30_000);
  const words = new Uint16Array([1, 2, 3]).subarray(1, 2);
  assert.equal((await plugin.call('echo', words)).byteLength, 2);
});

test('an output is a view of bytes to read', async () => {
  const plugin = await createPlugin(guest('wat/echo.wat'));
  const output = await plugin.call('echo', '{"count": 3}');
  assert.ok(output instanceof PluginOutput && output instanceof DataView);
  assert.deepEqual(output.json(), { count: 3 });
  assert.equal(output.string(), '{"count": 3}');
  assert.equal(output.getUint8(0), '{'.charCodeAt(0));
  assert.equal(output.arrayBuffer().byteLength, 12);
  assert.deepEqual([...output.bytes()], [...Buffer.from('{"count": 3}')]);
  assert.throws(() => output.setUint8(0, 1), /is not written to/);
  await plugin.call('echo', 'something else, which is longer');
  assert.equal(output.text(), '{"count": 3}', 'an output is the program’s own');
});

test('what a plug-in exports and imports', async () => {
  const plugin = await createPlugin(calling, lending(() => 0n));
  assert.deepEqual(await plugin.getExports(), [
    { name: 'run', kind: 'function' },
    { name: 'other', kind: 'function' },
  ]);
  const imports = await plugin.getImports();
  assert.ok(imports.some(({ module, name, kind }) => module === 'extism:host/user' && name === 'f' && kind === 'function'));
  assert.equal(imports.length, 4);
  assert.equal(await plugin.functionExists('run'), true);
  assert.equal(await plugin.functionExists('walk'), false);
  await assert.rejects(plugin.getInstance(), /no instance to get/);
});

test('variables and config', async () => {
  const plugin = await createPlugin(
    calling,
    lending(
      (current) => {
        const before = current.getVariable('count')?.text() ?? '0';
        current.setVariable('count', String(Number(before) + 1));
        return current.store(`${current.config('key')} ${current.config('other')} ${before}`);
      },
      { config: { key: 'value' } },
    ),
  );
  assert.equal((await plugin.call('run')).text(), 'value null 0');
  plugin.updateConfig({ key: null, other: 'set' });
  assert.equal((await plugin.call('run')).text(), 'null set 1');
  plugin.restart();
  assert.equal((await plugin.call('run')).text(), 'null set 2', 'variables outlive the instance');
});

test('reset and ids', async () => {
  const plugin = await createPlugin(guest('wat/echo.wat'), { name: 'mine' });
  assert.equal(plugin.name, 'mine');
  assert.match(plugin.id, /^[0-9a-f-]{36}$/);
  assert.equal(await plugin.reset(), true);
  await plugin.call('echo', 'x');
  assert.equal(await plugin.reset(), true);
});

test('callSync returns at once', () => {
  const plugin = createPluginSync(calling, lending((current, offset) => `got ${current.read(offset).text()}`));
  assert.equal(plugin.callSync('run', 'it').text(), 'got it');
  assert.equal(plugin.callSync('other'), null);
});

test('callSync cannot wait for a promise', () => {
  const plugin = createPluginSync(calling, lending(async () => 0n));
  assert.throws(() => plugin.callSync('run'), { kind: 'HostFunction', message: /returned a promise.*use call/ });
});

test('the other names of createPlugin', () => {
  assert.equal(plugwright.default, createPlugin);
  assert.equal(plugwright.newPlugin, createPlugin);
  assert.equal(plugwright.EXTISM_ENV, 'extism:host/env');
  assert.equal(plugwright.CAPABILITIES.hasWorkerCapability, true);
});

test('a plug-in may be disposed of', async () => {
  const plugin = await createPlugin(wat('(func (export "run"))'));
  await plugin[Symbol.asyncDispose]();
  await assert.rejects(plugin.call('run'), { name: 'PluginError', kind: 'Closed' });
});
