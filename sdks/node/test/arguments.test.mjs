// What is not what a function takes is a TypeError that says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import createPlugin, { compile, createPluginSync, createPool, fromManifestFile } from 'plugwright';

import { calling, guest, lending, spinning } from './guests.mjs';

/** Asserts that this is refused, however a plug-in is loaded. */
async function refused(options, message) {
  const expected = { name: 'TypeError', message };
  for (const load of [createPlugin, createPool, compile]) await assert.rejects(load(calling, options), expected, String(message));
  assert.throws(() => createPluginSync(calling, options), expected, String(message));
}

test('options', async () => {
  for (const options of [null, 5, 'fast', () => {}]) await refused(options, /the options are an object, not/);
  await refused({ functions: { m: { h: null } } }, /host function `m\.h` is not a function/);
  for (const params of [[300], [-1], ['i64'], 'i64', [undefined], {}]) {
    await refused(lending({ params, call: () => 0n }), /`params` of the host function `extism:host\/user\.f` are a list of types/);
    await refused(lending({ results: params, call: () => 0n }), /`results` of the host function/);
  }
});

test('numbers', async () => {
  for (const maxPages of [2 ** 32, 65537, -1, 1.5, NaN, '1']) {
    await refused(lending(() => 0n, { memory: { maxPages } }), /`memory\.maxPages` is a whole number of pages, 65536 at most/);
  }
  await createPlugin(calling, lending(() => 0n, { memory: { maxPages: 65536 } }));
  for (const timeoutMs of [1e300, -1, NaN, '1']) {
    await refused(lending(() => 0n, { timeoutMs }), /`timeoutMs` is a number of milliseconds/);
  }
});

test('times of calls', async () => {
  const plugin = await createPlugin(spinning);
  const pool = await createPool(spinning, { max: 1 });
  for (const timeoutMs of [1e300, -1, NaN, '1']) {
    const expected = { name: 'TypeError', message: /`timeoutMs` is a number of milliseconds/ };
    await assert.rejects(plugin.call('rest', '', undefined, { timeoutMs }), expected);
    assert.throws(() => plugin.callSync('rest', '', undefined, { timeoutMs }), expected);
    await assert.rejects(pool.call('rest', '', undefined, { timeoutMs }), expected);
    await assert.rejects(createPool(spinning, { acquireTimeoutMs: timeoutMs }), { name: 'TypeError', message: /`acquireTimeoutMs`/ });
  }
  for (const timeoutMs of [Number.MAX_SAFE_INTEGER, Infinity, null, undefined, 1e6]) {
    assert.equal(await plugin.call('rest', '', undefined, { timeoutMs }), null);
    assert.equal(await pool.call('rest', '', undefined, { timeoutMs }), null);
    const patient = await createPool(spinning, { timeoutMs, acquireTimeoutMs: timeoutMs });
    assert.equal(await patient.call('rest'), null);
    await patient.close();
  }
  await pool.close();
});

test('pools', async () => {
  const compiled = await compile(guest('wat/echo.wat'));
  for (const options of [null, 5]) assert.throws(() => compiled.createPool(options), { name: 'TypeError', message: /the options are/ });
});

test('changes of the config', async () => {
  const plugin = await createPlugin(guest('wat/echo.wat'));
  for (const changes of [{ a: 5 }, { a: 'b', c: {} }, null, undefined, 'a']) {
    assert.throws(() => plugin.updateConfig(changes), { name: 'TypeError', message: /config/ });
  }
  plugin.updateConfig({ a: 'b', c: null, d: undefined });
});

test('manifest files', async () => {
  await assert.rejects(fromManifestFile(5), { name: 'TypeError', message: /a manifest file/ });
});
