/**
 * Calls a plug-in by one of the modules, for `cargo xtask bench --node`. Arguments: module, mode, work, calls in a round,
 * the checkout. For each line on standard input it makes these calls, and prints the nanoseconds that one took.
 */

import { createInterface } from 'node:readline';

import { code, create } from './modules.js';
import { WORKS } from './works.js';

const [name = '', mode = '', title = '', count = '', checkout = ''] = process.argv.slice(2);
// It makes libraries in Rust capture a backtrace with each error.
delete process.env['RUST_BACKTRACE'];

const module = await import(name);
const work = WORKS[title];
if (!work) throw new Error(`no work is called "${title}"`);
const wasm = await code(checkout, work.guest);
const calls = Number(count);
const { function: name_, input } = work;

/** @param {{ bytes(): Uint8Array } | null} output */
function check(output) {
  if (!work?.isRight(output?.bytes() ?? new Uint8Array())) throw new Error(`${name}, ${mode}, ${title}: a wrong output`);
}

/** Makes, calls and closes plug-ins. */
async function createRound() {
  for (let left = calls; left > 0; left -= 1) {
    const plugin = await create(module, wasm, mode, /** @type {import('./works.js').Work} */ (work));
    check(await plugin.call(name_, input));
    await plugin.close();
  }
}

const plugin = await create(module, wasm, mode, work);
check(await plugin.call(name_, input));
const length = (await plugin.call(name_, input))?.byteLength ?? 0;

async function asyncRound() {
  for (let left = calls; left > 0; left -= 1) {
    const output = await plugin.call(name_, input);
    if ((output?.byteLength ?? 0) < length) throw new Error('the output has changed');
  }
}

async function syncRound() {
  for (let left = calls; left > 0; left -= 1) {
    const output = plugin.callSync(name_, input);
    if ((output?.byteLength ?? 0) < length) throw new Error('the output has changed');
  }
}

const round = work.creates ? createRound : mode === 'sync' ? syncRound : asyncRound;
for await (const _ of createInterface({ input: process.stdin })) {
  const start = process.hrtime.bigint();
  await round();
  console.log(String(Number(process.hrtime.bigint() - start) / calls));
  // Version 1 of the public package runs out of memory blocks after 16 000 calls otherwise.
  await plugin.reset();
}
await plugin.close();
