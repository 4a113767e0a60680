// What calls fail with, and what is logged.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import createPlugin, { PluginError } from 'plugwright';

import { guest, wat } from './guests.mjs';

test('a code other than 0 is an error with the guest’s words', async () => {
  const plugin = await createPlugin(guest('build/rust_fail.wasm'), { useWasi: true });
  const names = (await plugin.getExports()).map(({ name }) => name);
  const name = names.find((known) => known.includes('fail') || known.includes('error'));
  const error = await plugin.call(name, 'x').then(assert.fail, (caught) => caught);
  assert.ok(error instanceof PluginError && error instanceof Error);
  assert.equal(error.kind, 'Guest');
  assert.notEqual(error.exitCode, 0);
  assert.equal(error.functionName, name);
  assert.equal(error.pluginName, 'rust_fail');
  assert.equal(error.message, `Plugin-originated error: ${error.guestMessage}`);
});

test('codes', async () => {
  const plugin = await createPlugin(guest('wat/hazard_11_return_code.wat'));
  assert.equal(await plugin.call('zero'), null);
  assert.equal(await plugin.call('none'), null);
  for (const [name, exitCode] of [['one', 1], ['two_hundred', 200], ['smallest', -(2 ** 31)]]) {
    await assert.rejects(plugin.call(name), { kind: 'Guest', exitCode });
  }
});

test('a trap has a backtrace', async () => {
  const plugin = await createPlugin(wat('(func $inner unreachable) (func $outer (export "run") (call $inner))'));
  const error = await plugin.call('run').then(assert.fail, (caught) => caught);
  assert.equal(error.kind, 'Trap');
  assert.equal(error.exitCode, 134);
  assert.deepEqual(error.backtrace.map(({ functionName }) => functionName), ['inner', 'outer']);
});

test('functions that cannot be called', async () => {
  const plugin = await createPlugin(wat('(func (export "typed") (param i32)) (func (export "_initialize")) (func (export "run"))'));
  await assert.rejects(plugin.call('rum'), { kind: 'FunctionNotFound', message: /it exports: run/ });
  await assert.rejects(plugin.call('typed'), { kind: 'Signature' });
  await assert.rejects(plugin.call('_initialize'), { kind: 'Signature' });
  await assert.rejects(plugin.call(undefined), { kind: 'FunctionNotFound' });
});

test('exit codes', async () => {
  const source = wat(`(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "leave") (call $exit (i32.const 3))) (func (export "done") (call $exit (i32.const 0)))`);
  const plugin = await createPlugin(source, { useWasi: true });
  await assert.rejects(plugin.call('leave'), { kind: 'Exit', exitCode: 3 });
  assert.equal(await plugin.call('done'), null);
});

test('limits', async () => {
  const plugin = await createPlugin(guest('wat/spin.wat'), { fuelLimit: 1_000_000 });
  await assert.rejects(plugin.call('spin'), { kind: 'OutOfFuel' });
  await plugin.call('work');
  assert.ok(plugin.fuelConsumed() > 1000);
  const short = await createPlugin(guest('wat/echo.wat'), { maxOutputBytes: 3 });
  await assert.rejects(short.call('echo', 'four'), { kind: 'Limit' });
});

for (const runInWorker of [false, true]) {
  test(`messages go to the logger, ${runInWorker ? 'from another thread' : 'from this thread'}`, async () => {
    const lines = [];
    const logger = Object.fromEntries(
      ['trace', 'debug', 'info', 'warn', 'error'].map((level) => [level, (text) => lines.push(`${level} ${text}`)]),
    );
    const load = (options) => createPlugin(guest('wat/abi_log.wat'), { runInWorker, ...options });
    const loud = await load({ logger, logLevel: 'trace' });
    await loud.call('log_all');
    assert.deepEqual(lines.map((line) => line.split(' ')[0]), ['trace', 'debug', 'info', 'warn', 'error']);
    lines.length = 0;
    await (await load({ logger })).call('log_all');
    assert.deepEqual(lines.map((line) => line.split(' ')[0]), ['info', 'warn', 'error']);
    lines.length = 0;
    await (await load({ logger, logLevel: 'silent' })).call('log_all');
    assert.deepEqual(lines, []);
  });
}

test('a logger that throws fails the call, and no more', async () => {
  const logger = { info() { throw new Error('disk full'); }, warn() {}, error() {} };
  const plugin = await createPlugin(guest('wat/abi_log.wat'), { logger });
  await assert.rejects(plugin.call('log_all'), /disk full/);
  await createPlugin(guest('wat/echo.wat')).then((other) => other.call('echo', 'x'));
});

/** Runs a program to its end. */
function run(program, ...flags) {
  return spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', program], { encoding: 'utf8', timeout: 60_000 });
}

test('a process ends though plug-ins live, and waits for calls', () => {
  const idle = run(`import createPlugin from 'plugwright';
    globalThis.plugins = [await createPlugin(${JSON.stringify(guest('wat/echo.wat'))}, { runInWorker: true })];
    console.log((await plugins[0].call('echo', 'then it ends')).text());`);
  assert.equal(idle.stdout, 'then it ends\n', idle.stderr);
  assert.equal(idle.status, 0);
  const waiting = run(`import createPlugin from 'plugwright';
    const plugin = await createPlugin(${JSON.stringify(guest('wat/spin.wat'))}, { runInWorker: true, timeoutMs: 100 });
    plugin.call('spin').catch((error) => console.log(error.kind));`);
  assert.equal(waiting.stdout, 'Timeout\n', waiting.stderr);
});

test('a process may exit in the middle of calls', () => {
  for (const runInWorker of [false, true]) {
    const leaving = run(`import createPlugin from 'plugwright';
      const plugin = await createPlugin(${JSON.stringify(guest('wat/spin.wat'))}, { runInWorker: ${runInWorker} });
      plugin.call('spin');
      setImmediate(() => process.exit(7));`);
    assert.equal(leaving.status, 7, leaving.stderr);
  }
});
