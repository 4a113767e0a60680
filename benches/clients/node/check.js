/**
 * Checks that a web server answers a body with the body, for `cargo xtask bench --node`. Arguments: port, bytes of a body.
 */

import { payload } from './works.js';

const [port, bytes] = process.argv.slice(2).map(Number);
const body = Buffer.from(payload(Number(bytes)));
const headers = { 'content-type': 'application/octet-stream' };
const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body, headers });
if (!body.equals(Buffer.from(await answer.arrayBuffer()))) throw new Error(`port ${port}: the answer is not the body`);
