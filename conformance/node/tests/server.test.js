/** The web server serves what `conformance/README.md` lists. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Server } from '../lib/server.js';

/** @type {Server} */
let server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

/** @param {string} path @param {RequestInit} [options] */
async function get(path, options) {
  const response = await fetch(server.url + path, { redirect: 'manual', ...options });
  assert.equal(response.headers.get('x-conformance'), 'yes');
  return response;
}

test('texts and bytes', async () => {
  assert.equal(await (await get('/hello')).text(), 'Hello from the conformance server');
  const status = await get('/status?code=418');
  assert.deepEqual([status.status, await status.text()], [418, 'status 418']);
  assert.equal(await (await get('/big?bytes=10000')).text(), 'x'.repeat(10000));
  assert.equal((await get('/slow?ms=1')).status, 200);
  assert.equal((await get('/no-such-path')).status, 404);
  const wasm = new Uint8Array(await (await get('/wasm')).arrayBuffer());
  assert.ok(WebAssembly.validate(wasm));
});

test('the echo shows the request', async () => {
  const response = await get('/echo?a=b', { method: 'PUT', body: 'é', headers: { 'X-Key': 'v' } });
  const text = await response.text();
  assert.ok(!text.includes(' "'), 'no spaces');
  const { body, headers, method, path } = JSON.parse(text);
  assert.deepEqual([body, headers['x-key'], method, path], ['é', 'v', 'PUT', '/echo']);
});

test('redirects', async () => {
  assert.equal((await get('/redirect?to=http://x.y/?a=b&c')).headers.get('location'), 'http://x.y/?a=b&c');
  assert.equal((await get('/loop')).headers.get('location'), '/loop');
});

test('an answer without end, and none', async () => {
  const endless = await get('/endless');
  assert.equal(endless.headers.get('content-length'), null);
  const reader = endless.body?.getReader();
  assert.match(Buffer.from((await reader?.read())?.value ?? []).toString(), /^x+$/);
  await reader?.cancel();
  await assert.rejects(fetch(`${server.url}/close`));
});
