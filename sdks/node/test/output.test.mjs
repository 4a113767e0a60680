// Outputs: the bytes of one, and of no other, whatever is asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { types } from 'node:util';

import createPlugin from 'plugwright';

import { calling, guest, lending } from './guests.mjs';

const echo = await createPlugin(guest('wat/echo.wat'));

/** Bytes that tell their number. */
const bytesOf = (length, number) => Uint8Array.from({ length }, (_, index) => index + number);

/** Looks at an output in each way that there is. */
function check(output, expected) {
  assert.ok(types.isDataView(output) && output instanceof DataView);
  assert.equal(output.byteLength, expected.length);
  assert.equal(output.byteOffset, 0);
  assert.equal(output.buffer.byteLength, expected.length);
  assert.equal(output.buffer, output.arrayBuffer());
  assert.deepEqual(new Uint8Array(output.buffer, output.byteOffset, output.byteLength), expected);
  assert.deepEqual(output.bytes(), expected);
  assert.equal(output.getUint8(expected.length - 1), expected.at(-1));
  assert.throws(() => output.getUint8(expected.length), RangeError);
  assert.equal(new TextDecoder('latin1').decode(output), new TextDecoder('latin1').decode(expected));
}

test('small and large outputs have their own bytes alone, as long as anybody keeps them', async () => {
  const kept = [];
  // More than the shared memory holds, and lengths around those where another way begins.
  for (const [number, length] of [1, 8, 511, 512, 513, 16_384, 16_385, ...Array(100).fill(300)].entries()) {
    const input = bytesOf(length, number);
    kept.push({ output: await echo.call('echo', input), input });
  }
  for (const { output, input } of kept) check(output, input);
});

test('what is written into the memory of an output is in no other', async () => {
  const [first, second] = [await echo.call('echo', 'first'), await echo.call('echo', 'second')];
  first.bytes().fill(33);
  new Uint8Array(second.buffer).fill(34);
  assert.equal((await echo.call('echo', 'third')).text(), 'third');
  assert.equal(Buffer.from(first.arrayBuffer()).toString(), '!!!!!');
  assert.equal(Buffer.from(second.bytes()).toString(), '""""""');
});

test('an output is an input, of its own bytes alone', async () => {
  const output = await echo.call('echo', 'an output');
  assert.equal((await echo.call('echo', output)).text(), 'an output');
  assert.equal((await echo.call('echo', output.buffer)).text(), 'an output');
});

test('what a host function has read stays when others read', async () => {
  const read = [];
  const plugin = await createPlugin(calling, lending((current, offset) => {
    read.push(current.read(offset));
    return offset;
  }));
  for (let number = 0; number < 50; number += 1) await plugin.call('run', bytesOf(400, number));
  read.forEach((output, number) => check(output, bytesOf(400, number)));
  await plugin.close();
});
