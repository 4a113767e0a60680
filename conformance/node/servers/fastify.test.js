/**
 * The server of `examples/node-fastify`: the article's program. `EXAMPLE` is a copy of its folder, `GUESTS` that of the guests.
 *
 * The program has its port and its plug-in as constants, as in the article. Two lines are changed here, so that the port is
 * a free one and the plug-in one that is built.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { ask, many, started } from './running.js';

const { EXAMPLE = '', GUESTS = '' } = process.env;

// The public PDK's plug-in and ours.
for (const guest of ['go_say_hello', 'go_own_say_hello']) {
  describe(guest, () => {
    /** @type {import('./running.js').Running} */
    let server;
    before(async () => {
      const program = `server-${guest}.js`;
      const wasm = path.join(GUESTS, 'build', `${guest}.wasm`);
      let text = readFileSync(path.join(EXAMPLE, 'server.js'), 'utf8');
      text = replaced(text, 'let httpPort = 7070\n', 'let httpPort = 0\n');
      text = replaced(text, 'let wasmFile = "../plugins/go-say-hello/go-say-hello.wasm"\n', `let wasmFile = ${JSON.stringify(wasm)}\n`);
      writeFileSync(path.join(EXAMPLE, program), text);
      server = await started(EXAMPLE, [program], /Server listening at http:\/\/127\.0\.0\.1:(\d+)/);
    });
    after(() => server.stop());

    test('the answer has the three lines', async () => {
      const { status, body } = await ask(server.port, undefined, 'Jane Doe');
      assert.equal(status, 200, body);
      assert.equal(body, lines('Jane Doe'));
    });

    test('32 connections at once, each with its own answers', async () => {
      await many(32, 10, async (connection, turn, agent) => {
        const name = `Jane Doe ${connection}/${turn}`;
        assert.deepEqual(await ask(server.port, agent, name), { status: 200, body: lines(name) });
      });
    });
  });
}

/** @param {string} name */
function lines(name) {
  return `👋 Hello ${name}\nkey: hello, value: 👋 Hello World 🌍\nkey: message, value: I 💜 Extism 😍`;
}

/** @param {string} text @param {string} line @param {string} other */
function replaced(text, line, other) {
  assert.ok(text.includes(line), `the program has no line ${line}`);
  return text.replace(line, other);
}
