/**
 * Loads a web server, for `cargo xtask bench --node`. Arguments: port, bytes of a body, connections, seconds. Prints how many
 * requests were answered in a second, and how many altogether, after it has checked that the answer is the body.
 */

import autocannon from 'autocannon';

import { payload } from './works.js';

const [port, bytes, connections, seconds] = process.argv.slice(2).map(Number);
const url = `http://127.0.0.1:${port}/`;
const body = Buffer.from(payload(Number(bytes)));
const headers = { 'content-type': 'application/octet-stream' };

const one = await fetch(url, { method: 'POST', body, headers });
if (!body.equals(Buffer.from(await one.arrayBuffer()))) throw new Error(`port ${port}: the answer is not the body`);

const result = await autocannon({
  url,
  method: 'POST',
  body,
  headers,
  connections: Number(connections),
  duration: Number(seconds),
});
const failed = result.errors + result.timeouts + result.non2xx;
if (failed > 0) throw new Error(`port ${port}: ${failed} requests failed`);
// The first request is the one above.
console.log(`${result['2xx'] / result.duration} ${result['2xx'] + 1}`);
