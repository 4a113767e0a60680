'use strict';

// The package as CommonJS has it.
const assert = require('node:assert/strict');
const { test } = require('node:test');

const createPlugin = require('plugwright');

test('require gives the function, with all others', async () => {
  assert.equal(createPlugin.default, createPlugin);
  assert.equal(createPlugin.createPlugin, createPlugin);
  const esm = await import('plugwright');
  assert.equal(esm.default, createPlugin);
  const names = Object.keys(esm).filter((name) => name !== 'default');
  assert.deepEqual(names.sort(), Object.keys(createPlugin).filter((name) => name !== 'default').sort());
  for (const name of names) assert.equal(esm[name], createPlugin[name], name);
  const plugin = await createPlugin(Buffer.from('(module (func (export "run")))'));
  assert.equal(await plugin.call('run'), null);
});
