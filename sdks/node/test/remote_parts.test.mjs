// Inputs and outputs of plug-ins on workers that do not fit into one message of NATS.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Nats } from 'plugwright/remote';

import { GUEST, LONG, answer, caller, end, endAll, next, server, worker } from './nats_workers.mjs';

let url;
let nats;

before(async () => {
  url = await server();
  nats = await caller(url);
});

after(endAll);

/** So many bytes, of which no two parts are the same. */
function input(length) {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 7) % 251;
  return bytes;
}

async function echoes(remote, length) {
  const sent = input(length);
  const output = (await remote.call('echo', sent)).bytes();
  assert.ok(Buffer.compare(output, sent) === 0, `${length} bytes in, ${output.byteLength} out`);
}

test('what does not fit into a message goes in parts', async () => {
  const serving = await worker(url, GUEST, '--output-max', '67108864');
  const remote = nats.plugin('p', { waitMs: LONG });
  for (const length of [(1 << 20) - 1024, (1 << 20) - 1023, 5 << 20, (20 << 20) + 1]) await echoes(remote, length);
  // What the plug-in says is wrong is an error all the same, however long the input.
  await assert.rejects(remote.call('refuse', '"'.repeat(3 << 20)), { kind: 'Guest', exitCode: 7 });
  await end(serving);
});

test('what the caller does with its memory meanwhile changes nothing', async () => {
  const serving = await worker(url, GUEST);
  const sent = Buffer.from(input(3 << 20));
  const call = nats.plugin('p').call('echo', sent);
  sent.fill(0);
  assert.ok(Buffer.compare((await call).bytes(), input(3 << 20)) === 0);
  await end(serving);
});

test('parts are as large as the server allows', async () => {
  const small = await server('--setting', 'max_payload: 65536');
  await worker(small, GUEST);
  const remote = (await caller(small)).plugin('p', { waitMs: LONG });
  await Promise.all([65536 - 1024, 65536 - 1023, 65536, 5_000_001].map((length) => echoes(remote, length)));
});

test('a caller allows so many bytes', async () => {
  const serving = await worker(url, GUEST, '--input-max', '1200000');
  const remote = nats.plugin('p', { waitMs: LONG, maxBytes: 1_500_000 });
  for (const [name, length, ...says] of [
    ['echo', 1_500_001, 'input', '1500001', '1500000', 'maxBytes'],
    ['large', 0, 'output', '2000000', '1500000', 'max_bytes'],
    ['echo', 1_200_001, 'input', '1200001', '1200000'],
  ]) {
    const error = await remote.call(name, new Uint8Array(length)).catch((failed) => failed);
    assert.equal(error.kind, 'Limit');
    for (const word of says) assert.ok(error.message.includes(word), `${word}: ${error.message}`);
  }
  await echoes(remote, 1_200_000);
  const larger = nats.plugin('p', { maxBytes: 2_000_000 });
  assert.equal((await larger.call('large')).byteLength, 2_000_000);
  await end(serving);
});

/** What a caller sends for each part: of an output it asks, of an input it answers. */
const WHILE_PARTS = {
  output: (subject) => subject.startsWith('plugwright-part.'),
  input: (subject) => subject.startsWith('_INBOX.'),
};

/** A connection that does something when one part has travelled, and before the second does. */
function tapped({ connection }, what, doing) {
  let left = 2;
  const publish = (subject, ...rest) => {
    if (!WHILE_PARTS[what](subject) || --left !== 0) return connection.publish(subject, ...rest);
    return doing().then(() => connection.publish(subject, ...rest));
  };
  const get = (target, name) => {
    if (name === 'publish') return publish;
    const value = target[name];
    return typeof value === 'function' ? value.bind(target) : value;
  };
  return new Nats(new Proxy(connection, { get }));
}

/** Waits until the server knows that there is no worker. It may still send something to the dead. */
async function gone({ connection }) {
  for (let answered = true; answered; ) {
    answered = await connection.request('$SRV.PING.p', '', { timeout: 50 }).then(
      () => true,
      (error) => !error.isNoResponders?.(),
    );
  }
}

test('a call whose worker is killed between parts is an error, or made again elsewhere', async () => {
  for (const what of Object.keys(WHILE_PARTS)) {
    for (const idempotent of [false, true]) {
      const doomed = await worker(url, GUEST);
      let other;
      const tap = tapped(await caller(url), what, async () => {
        await end(doomed);
        await gone(nats);
        other = worker(url, GUEST);
      });
      const remote = tap.plugin('p', { waitMs: LONG, heartbeatMs: 100, idempotent });
      const sent = input(5 << 20);
      const outcome = await remote.call('echo', sent).then(
        (output) => (Buffer.compare(output.bytes(), sent) === 0 ? 'done' : 'damaged'),
        (error) => error.kind,
      );
      assert.equal(outcome, idempotent ? 'done' : 'Lost', what);
      await end(await other);
      await gone(nats);
    }
  }
});

test('calls are cancelled between parts', async () => {
  const serving = await worker(url, GUEST);
  for (const what of Object.keys(WHILE_PARTS)) {
    const { heard } = await next(url, 'plugwright-cancel.p');
    const stop = new AbortController();
    const remote = tapped(await caller(url), what, async () => stop.abort()).plugin('p', { waitMs: LONG });
    const call = remote.call('echo', input(5 << 20), null, { signal: stop.signal });
    await assert.rejects(call, (error) => error.kind === 'Cancelled' && error.cause === stop.signal.reason);
    await heard;
    // The worker has one place, which is free again.
    await echoes(remote, 5);
  }
  await end(serving);
});

test('a deadline holds for parts', async () => {
  const stranger = (await caller(url)).connection;
  const { heard } = await next(url, 'plugwright-cancel.q');
  const headers = { 'Plugwright-Output-At': 'plugwright-part.q.w.1', 'Plugwright-Output-Bytes': '10' };
  stranger.subscribe('plugwright.q.echo', { callback: (_, message) => message.respond('', { headers: answer(headers) }) });
  // It hears, and says nothing.
  const { heard: asked } = await next(url, 'plugwright-part.q.w.1');
  await stranger.flush();
  await assert.rejects(nats.plugin('q').call('echo', '', null, { timeoutMs: 200 }), { kind: 'Timeout' });
  await Promise.all([heard, asked]);
});
