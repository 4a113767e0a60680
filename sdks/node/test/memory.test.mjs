// Memory: what nobody uses any more is freed, and calls leave nothing.
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';

import createPlugin, { compile } from 'plugwright';

import { calling, guest, lending } from './guests.mjs';

// The long soak is `PLUGWRIGHT_SOAK=1 cargo xtask node`.
const long = process.env.PLUGWRIGHT_SOAK !== undefined;
const CYCLES = long ? 100_000 : 5_000;
const CALLS = long ? 1_000_000 : 50_000;
const MIB = 1 << 20;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

/** The resident memory after everything that can be collected was, in MiB. */
async function resident() {
  for (let i = 0; i < 3; i += 1) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage.rss() / MIB;
}

/** Runs `round` a few times to settle, then checks that `rounds` more leave the memory as it is. */
async function staysFlat(rounds, round) {
  for (let i = 0; i < rounds / 10; i += 1) await round(i);
  const before = await resident();
  for (let i = 0; i < rounds; i += 1) await round(i);
  const grown = (await resident()) - before;
  assert.ok(grown < 24, `the process has grown by ${grown.toFixed(1)} MiB in ${rounds} rounds`);
}

test('plug-ins that are made, called and closed', async () => {
  const compiled = await compile(guest('wat/echo.wat'));
  await staysFlat(CYCLES, async () => {
    const plugin = compiled.instantiate();
    await plugin.call('echo', 'once');
    await plugin.close();
  });
});

test('plug-ins that are made, called and forgotten', async () => {
  const compiled = await compile(guest('wat/echo.wat'));
  await staysFlat(CYCLES, async () => {
    await compiled.instantiate().call('echo', 'once');
  });
});

test('plug-ins that are compiled and forgotten', async () => {
  const { length } = { length: CYCLES / 50 };
  await staysFlat(length, async () => {
    await (await createPlugin(calling, lending(() => 'done'))).call('run', 'once');
  });
});

test('calls with host functions', async () => {
  const plugin = await createPlugin(calling, lending((current, offset) => {
    current.memory(offset);
    return current.read(offset).text();
  }));
  await staysFlat(CALLS, () => plugin.call('run', 'some text'));
  await plugin.close();
});

test('calls off the thread', async () => {
  const plugin = await createPlugin(calling, lending(async (current, offset) => current.read(offset).text(), { runInWorker: true }));
  await staysFlat(CALLS / 10, () => plugin.call('run', 'some text'));
  await plugin.close();
});

test('large outputs', async () => {
  const plugin = await createPlugin(guest('wat/echo.wat'));
  const input = new Uint8Array(MIB);
  await staysFlat(100, () => plugin.call('echo', input));
});
