// Calls that belong on another thread and begin on this one, because those before them were brief.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import createPlugin, { compile } from 'plugwright';

import headStart from '../node_modules/plugwright/lib/head_start.js';
import { asking, calling, deferred, guest, lending } from './guests.mjs';

const { ELSEWHERE, HeadStarts } = headStart;

/** A plug-in off this thread whose calls have been brief for long enough, so that the next one begins on this thread. */
async function trained(f, options = {}, source = asking) {
  const plugin = await createPlugin(source, lending(f, { ...options, runInWorker: true }));
  await train(plugin);
  return plugin;
}

async function train(plugin) {
  for (let calls = 0; calls < 100; calls += 1) await plugin.call('run', 'text');
}

/** Counts the turns of the event loop while something is waited for. */
async function turnsDuring(action) {
  let turns = 0;
  const count = () => { turns += 1; timer = setImmediate(count); };
  let timer = setImmediate(count);
  await action();
  clearImmediate(timer);
  return turns;
}

test('a function gets a head start when it was brief four times', () => {
  const starts = new HeadStarts();
  const elsewhere = (name) => starts.place(name, 7) === 7 + ELSEWHERE;
  for (const end of [false, true]) {
    for (let calls = 0; calls < 4; calls += 1) {
      assert.ok(elsewhere('run'));
      starts.learn('run', true);
    }
    assert.ok(!elsewhere('run'));
    assert.ok(elsewhere('other'));
    starts.learn('run', end);
    assert.equal(elsewhere('run'), !end);
  }
});

test('calls that begin on this thread answer rightly', async () => {
  const plugin = await trained((current, offset) => current.read(offset).text().toUpperCase(), {}, calling);
  for (let number = 0; number < 1000; number += 1) {
    assert.equal((await plugin.call('run', `text ${number}`)).text(), `TEXT ${number}`);
  }
  const large = 'x'.repeat(20_000);
  assert.equal((await plugin.call('run', large)).text(), large.toUpperCase());
  await plugin.close();
});

test('an instance is new although its functions have been brief', async () => {
  const compiled = await compile(calling, lending((current, offset) => offset, { runInWorker: true }));
  await train(compiled.instantiate());
  const instances = Array.from({ length: 20 }, () => compiled.instantiate());
  const outputs = await Promise.all(instances.map((plugin, index) => plugin.call('run', String(index))));
  outputs.forEach((output, index) => assert.equal(output.text(), String(index)));
});

test('calls that are brief leave the event loop its turns', async () => {
  const plugin = await createPlugin(guest('wat/echo.wat'), { runInWorker: true });
  const calls = 3300;
  const turns = await turnsDuring(async () => {
    for (let number = 0; number < calls; number += 1) {
      assert.equal((await plugin.call('echo', String(number))).text(), String(number));
    }
  });
  // At most 32 begin on this thread in one turn, and the next one waits for another thread.
  assert.ok(turns >= calls / 33 - 1, `${turns} turns`);
});

test('a call that asks without end leaves the event loop its turns', async () => {
  let left = 0;
  const plugin = await trained(() => (left-- > 0 ? 1n : 0n));
  left = 3300;
  const turns = await turnsDuring(() => plugin.call('run'));
  // After 32 questions it has left, and then each is a turn unless the guest is faster than this thread.
  assert.ok(turns > 0, `${turns} turns`);
});

test('a call that loops goes on on another thread, and can be ended there', async () => {
  let answer = 0n;
  const plugin = await trained(() => answer);
  for (const end of ['signal', 'deadline']) {
    answer = 0n;
    await train(plugin);
    answer = 2n;
    const controller = new AbortController();
    const options = end === 'signal' ? { signal: controller.signal } : { timeoutMs: 50 };
    const turns = await turnsDuring(async () => {
      const call = plugin.call('run', '', undefined, options);
      setImmediate(() => controller.abort());
      await assert.rejects(call, { kind: end === 'signal' ? 'Cancelled' : 'Timeout' });
    });
    assert.ok(turns > 0);
  }
  answer = 0n;
  assert.equal(await plugin.call('run'), null);
});

test('a host function that waits is waited for, cancelled, and overtaken by the deadline', async () => {
  let answer = () => 0n;
  const plugin = await trained(() => answer());
  const forever = new Promise(() => {});
  const gate = deferred();
  answer = () => gate.promise;
  const waiting = plugin.call('run');
  gate.resolve(0n);
  assert.equal(await waiting, null);

  answer = () => 0n;
  await train(plugin);
  answer = () => forever;
  const controller = new AbortController();
  const cancelled = plugin.call('run', '', undefined, { signal: controller.signal });
  controller.abort(new Error('enough'));
  await assert.rejects(cancelled, (error) => error.kind === 'Cancelled' && error.cause.message === 'enough');

  answer = () => 0n;
  await train(plugin);
  answer = () => forever;
  await assert.rejects(plugin.call('run', '', undefined, { timeoutMs: 20 }), { kind: 'Timeout' });
  answer = () => 0n;
  assert.equal(await plugin.call('run'), null);
});

test('closing waits for a call that has left', async () => {
  let answer = 0n;
  const plugin = await trained(() => answer);
  answer = 2n;
  const controller = new AbortController();
  const call = plugin.call('run', '', undefined, { signal: controller.signal });
  const closing = plugin.close();
  assert.ok(plugin.isActive());
  setImmediate(() => controller.abort());
  await assert.rejects(call, { kind: 'Cancelled' });
  await closing;
  await assert.rejects(plugin.call('run'), { kind: 'Closed' });
});

test('a host function that throws fails a call that began on this thread', async () => {
  let answer = () => 0n;
  const plugin = await trained(() => answer());
  for (const thrown of [new Error('told to'), 'no error', undefined]) {
    answer = () => { throw thrown; };
    await assert.rejects(plugin.call('run'), (error) => error.kind === 'HostFunction' && error.cause === thrown);
    answer = () => 0n;
    await train(plugin);
  }
});

/** How often the clock of such calls has looked, where the system tells: by how often its thread went to sleep. */
function looks() {
  const folder = '/proc/self/task';
  const isClock = (task) => readFileSync(`${folder}/${task}/comm`, 'utf8').startsWith('plugwright-watc');
  const [clock] = readdirSync(folder).filter(isClock);
  return Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(readFileSync(`${folder}/${clock}/status`, 'utf8'))[1]);
}

if (process.platform === 'linux') {
  test('nothing goes on when there are no calls', async () => {
    const plugin = await trained(() => 0n);
    // Awake it would look a hundred times between two of these.
    for (let before = -1, now = looks(); before !== now; before = now, now = looks()) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await train(plugin);
  });
}
