/**
 * A web server by Fastify that answers with what a plug-in makes of the body, for `cargo xtask bench --node`. Arguments: the
 * module (`none`: the body itself is the answer) and the checkout. Prints its port. For each line on standard input it prints the
 * processor time that it has taken, in microseconds; it ends when its input ends.
 */

import { createInterface } from 'node:readline';

import Fastify from 'fastify';

import { code, create } from './modules.js';
import { WORKS } from './works.js';

const [name = '', checkout = ''] = process.argv.slice(2);
delete process.env['RUST_BACKTRACE'];

const fastify = Fastify({ bodyLimit: 1 << 20 });
fastify.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_, body, done) => done(null, body));

/** @returns {Promise<(body: Buffer) => Promise<Uint8Array>>} */
async function answer() {
  if (name === 'none') return async (body) => body;
  const work = WORKS['copying echo of 64 B'];
  if (!work) throw new Error('the echo is gone');
  const module = await import(name);
  const plugin = await create(module, await code(checkout, work.guest), 'main', work);
  const respond = async (/** @type {Uint8Array} */ body) => (await plugin.call(work.function, body))?.bytes() ?? new Uint8Array();
  if (name !== 'extism-1') return respond;
  let calls = 0;
  return async (body) => {
    calls += 1;
    // It runs out of memory blocks after 16 000 calls otherwise.
    if (calls % 1000 === 0) await plugin.reset();
    // It sends the whole buffer that a view is a part of.
    return respond(body.length === body.buffer.byteLength ? body : new Uint8Array(body));
  };
}

const respond = await answer();
fastify.post('/', async (request, reply) => {
  const bytes = await respond(/** @type {Buffer} */ (request.body));
  return reply.type('application/octet-stream').send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
});
await fastify.listen({ port: 0, host: '127.0.0.1' });
console.log(String(fastify.addresses()[0]?.port));
for await (const _ of createInterface({ input: process.stdin })) {
  const { user, system } = process.cpuUsage();
  console.log(String(user + system));
}
process.exit();
