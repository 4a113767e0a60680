// What a thread of `threads.test.mjs` does.
import { parentPort, workerData } from 'node:worker_threads';

import createPlugin, { createPool } from 'plugwright';
import { Context, HostFunction, ValType } from 'plugwright/classic';

import { asking, calling, lending, spinning } from './guests.mjs';

const never = () => new Promise(() => {});
const say = (text) => parentPort.postMessage(text);

switch (workerData.what) {
  case 'calls': {
    for (const runInWorker of [false, true]) {
      const plugin = await createPlugin(calling, lending(async (current, offset) => current.read(offset).bytes(), { runInWorker }));
      for (let i = 0; i < 200; i += 1) {
        if ((await plugin.call('run', i)).text() !== String(i)) throw new Error('a wrong answer');
      }
    }
    say('done');
    break;
  }
  case 'calls of the classic surface': {
    const answer = async (current, [input], [output], prefix) => {
      const text = prefix + current.memory(input.v.i64).toString();
      await new Promise((resolve) => setImmediate(resolve));
      output.v.i64 = current.memoryAlloc(text.length);
      current.memory(output.v.i64).write(text);
    };
    const functions = [new HostFunction('f', [ValType.I64], [ValType.I64], answer, 'number ')];
    const context = new Context();
    const plugin = context.plugin(calling, false, functions);
    for (let i = 0; i < 200; i += 1) {
      if ((await plugin.call('run', String(i))).toString() !== `number ${i}`) throw new Error('a wrong answer');
    }
    context.free();
    say('done');
    break;
  }
  case 'a call of the classic surface that waits': {
    const functions = [new HostFunction('f', [ValType.I64], [ValType.I64], never)];
    void new Context().plugin(calling, false, functions).call('run', 'text');
    say('waits');
    break;
  }
  case 'a call that waits': {
    const plugin = await createPlugin(calling, lending(never));
    plugin.call('run');
    say('waits');
    break;
  }
  case 'a call that waits, off its thread': {
    const plugin = await createPlugin(calling, lending(() => {
      say('waits');
      return never();
    }, { runInWorker: true }));
    plugin.call('run');
    break;
  }
  case 'a call that loops': {
    const plugin = await createPlugin(spinning);
    say('loops');
    plugin.call('spin');
    break;
  }
  case 'a call that loops, off its thread': {
    const plugin = await createPlugin(spinning, { runInWorker: true });
    plugin.call('spin');
    say('loops');
    break;
  }
  case 'a call that loops, after it began on its thread': {
    let answer = 0n;
    const plugin = await createPlugin(asking, lending(() => answer, { runInWorker: true }));
    for (let calls = 0; calls < 100; calls += 1) await plugin.call('run');
    answer = 2n;
    plugin.call('run');
    say('loops');
    break;
  }
  case 'a pool': {
    const pool = await createPool(spinning, { max: 2 });
    for (let i = 0; i < 10; i += 1) pool.call('spin');
    say('loops');
    break;
  }
  default:
    await createPlugin(spinning, { runInWorker: true }).then((plugin) => plugin.call('rest'));
}
