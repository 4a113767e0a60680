// Plug-ins in `worker_threads`: each thread has its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

/** A worker of this file: data URLs cannot import packages. */
const worker = (what) => new Worker(new URL('./worker.mjs', import.meta.url), { workerData: { what } });

for (const what of ['calls', 'calls of the classic surface']) {
  test(`${what} in several threads at the same time`, async () => {
    const workers = Array.from({ length: 4 }, () => worker(what));
    const answers = await Promise.all(workers.map((thread) => once(thread, 'message')));
    assert.deepEqual(answers, [['done'], ['done'], ['done'], ['done']]);
    await Promise.all(workers.map((thread) => thread.terminate()));
  });
}

const ENDINGS = [
  'a call of the classic surface that waits',
  'a call that waits',
  'a call that waits, off its thread',
  'a call that loops',
  'a call that loops, off its thread',
  'a call that loops, after it began on its thread',
  'a pool',
];
for (const what of ENDINGS) {
  test(`a thread may end in the middle of ${what}`, async () => {
    const thread = worker(what);
    await once(thread, 'message');
    await thread.terminate();
  });
}

test('a thread ends by itself when nothing is left to do', async () => {
  const thread = worker('idle');
  const [code] = await once(thread, 'exit');
  assert.equal(code, 0);
});
