/** The server of `examples/node-pool-server`. `EXAMPLE` is a copy of its folder, compiled; `GUESTS` the folder of the guests. */

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ask, many, started } from './running.js';

const { EXAMPLE = '', GUESTS = '' } = process.env;

/** @type {import('./running.js').Running} */
let server;
before(async () => {
  const plugin = path.join(GUESTS, 'build', 'rust_pdk_hello.wasm');
  server = await started(EXAMPLE, ['server.js', plugin, '0'], /listening on port (\d+)/);
});
after(() => server.stop());

test('32 connections at once, each with its own answers', async () => {
  await many(32, 20, async (connection, turn, agent) => {
    const name = `Jane Doe ${connection}/${turn} ${'x'.repeat((connection * 37 + turn * 101) % 2000)}`;
    const { status, body } = await ask(server.port, agent, name);
    assert.equal(status, 200, body);
    assert.equal(body, `Hello, ${name}!`);
  });
});

test('a body that is too long is refused, and the server goes on', async () => {
  assert.equal((await ask(server.port, undefined, 'x'.repeat((1 << 20) + 1))).status, 413);
  const { status, body } = await ask(server.port, undefined, 'again');
  assert.equal(status, 200, body);
  assert.equal(body, 'Hello, again!');
});
