/** Gives up on a case that takes too long, though it may keep the main thread: a second thread looks at the clock. */

import { Worker } from 'node:worker_threads';

const WATCH = `
  const { workerData: { limit }, parentPort } = require('node:worker_threads');
  let since = Date.now(), name = '';
  parentPort.on('message', (next) => { name = next; since = Date.now(); });
  setInterval(() => {
    if (name === '' || Date.now() - since < limit) return;
    require('node:fs').writeSync(2, 'not ok: ' + name + ': still running after ' + limit / 1000 + ' s\\n');
    process.kill(process.pid, 'SIGKILL');
  }, 1000);
`;

/** Watches the cases of this process. */
export class Watchdog {
  /** @param {number} seconds after which a case counts as hung: the whole process ends then */
  constructor(seconds) {
    this.worker = new Worker(WATCH, { eval: true, workerData: { limit: seconds * 1000 } });
    this.worker.unref();
  }

  /** Says what begins now; nothing is watched after `''`. @param {string} name */
  begin(name) {
    this.worker.postMessage(name);
  }

  /** Ends the watch. */
  async stop() {
    await this.worker.terminate();
  }
}
