/**
 * A web server by Fastify that answers with what a plug-in makes of the body, by the public JS SDK. Arguments: the plug-in's file and
 * its function. Prints its port, and runs until it is killed.
 */

import { readFile } from 'node:fs/promises';

import createPlugin from '@extism/extism';
import Fastify from 'fastify';

const [file = '', name = ''] = process.argv.slice(2);
const plugin = await createPlugin(new Uint8Array(await readFile(file)).buffer, { useWasi: false });
const fastify = Fastify({ bodyLimit: 1 << 20 });
fastify.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_, body, done) => done(null, body));

let calls = 0;
fastify.post('/', async (request, reply) => {
  calls += 1;
  // The plug-in runs out of memory blocks after some 16 000 calls otherwise.
  if (calls % 1000 === 0) await plugin.reset();
  const output = await plugin.call(name, /** @type {Buffer} */ (request.body));
  const bytes = output ? Buffer.from(output.bytes()) : Buffer.alloc(0);
  return reply.type('application/octet-stream').send(bytes);
});
await fastify.listen({ port: 0, host: '127.0.0.1' });
console.log(String(fastify.addresses()[0]?.port));
