// What a thread of `threads.test.mjs` does.
import { parentPort, workerData } from 'node:worker_threads';

import createPlugin, { createPool } from 'plugwright';

import { calling, lending, spinning } from './guests.mjs';

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
  case 'a pool': {
    const pool = await createPool(spinning, { max: 2 });
    for (let i = 0; i < 10; i += 1) pool.call('spin');
    say('loops');
    break;
  }
  default:
    await createPlugin(spinning, { runInWorker: true }).then((plugin) => plugin.call('rest'));
}
