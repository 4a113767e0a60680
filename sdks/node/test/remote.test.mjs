// Plug-ins on workers elsewhere, with a real NATS server and the worker of this checkout.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { createPool } from 'plugwright';

import { GUEST, LONG, caller, end, endAll, next, server, worker } from './nats_workers.mjs';

let url;
let nats;

before(async () => {
  url = await server();
  nats = await caller(url);
});

after(endAll);

/** Resolves when a worker says that it is at a call. */
const heartbeat = () => next(url, '_INBOX.>', (message) => message.headers?.get('Plugwright-Heartbeat-Ms'));

test('outputs and errors are those of a pool', async () => {
  const serving = await worker(url, GUEST);
  const remote = nats.plugin('p', { waitMs: LONG });
  const local = await createPool({ wasm: [{ data: new TextEncoder().encode(GUEST) }] }, { max: 1, name: 'p' });
  for (const input of ['Jane Doe 👋', new Uint8Array([0, 255])]) {
    assert.deepEqual((await remote.call('echo', input)).bytes(), (await local.call('echo', input)).bytes());
  }
  for (const nothing of [undefined, null, '']) assert.equal(await remote.call('echo', nothing, null, null), null);
  for (const input of [5, 5n, 'text']) assert.equal((await remote.call('echo', input)).text(), String(input));
  for (const wrong of [true, {}, Symbol('input')]) await assert.rejects(remote.call('echo', wrong), TypeError);
  for (const name of ['refuse', 'crash', 'ecko']) {
    const [there, here] = await Promise.all([remote, local].map((plugin) => plugin.call(name, 'sold out').catch((error) => error)));
    for (const field of ['kind', 'exitCode', 'functionName', 'guestMessage']) {
      assert.deepEqual(there[field], here[field], `${name}: ${field}`);
    }
    assert.equal(there.backtrace?.length, here.backtrace?.length);
  }
  await assert.rejects(remote.call('no such function'), { kind: 'FunctionNotFound' });
  assert.throws(() => nats.plugin('a.b'), TypeError);
  for (const maxBytes of [-1, 1.5, '1', NaN]) assert.throws(() => nats.plugin('p', { maxBytes }), /maxBytes/);
  await local.close();
  await end(serving);
});

test('calls end at their deadline, or when they are aborted', async () => {
  const serving = await worker(url, GUEST);
  const remote = nats.plugin('p', { waitMs: LONG, heartbeatMs: 100 });
  await assert.rejects(remote.call('spin', '', null, { timeoutMs: 200 }), { kind: 'Timeout', pluginName: 'p' });
  const { heard } = await heartbeat();
  const stop = new AbortController();
  const spinning = remote.call('spin', '', null, { signal: stop.signal });
  heard.then(() => stop.abort());
  await assert.rejects(spinning, (error) => error.kind === 'Cancelled' && error.cause === stop.signal.reason);
  // The worker has one place, which is free again.
  assert.equal((await remote.call('echo', 'free')).text(), 'free');
  await end(serving);
});

test('a call whose worker is killed is an error, or made again elsewhere', async () => {
  for (const idempotent of [false, true]) {
    const doomed = await worker(url, GUEST);
    const remote = nats.plugin('p', { waitMs: LONG, heartbeatMs: 100, idempotent });
    const { heard } = await heartbeat();
    const call = remote.call('spin').then(() => 'done', (error) => error.kind);
    await heard;
    await end(doomed);
    const other = await worker(url, '(module (func (export "spin")))');
    assert.equal(await call, idempotent ? 'done' : 'Lost');
    await end(other);
  }
});

test('without a worker the error says so', async () => {
  await assert.rejects(nats.plugin('nobody', { waitMs: 100 }).call('echo'), { kind: 'Unavailable', message: /no worker serves/ });
});
