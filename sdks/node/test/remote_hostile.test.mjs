// Replies to calls over NATS that no worker sends.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { answer, caller, endAll, next, server } from './nats_workers.mjs';

const AT = 'plugwright-part.p.w.1';
const LONG_TEXT = '9'.repeat(100_000);

let url;
let nats;
let stranger;

before(async () => {
  url = await server();
  nats = await caller(url);
  stranger = (await caller(url)).connection;
});

after(endAll);

/** Answers calls of the plug-in, always like this, until the function that it gives is called. */
async function answering(...answers) {
  const callback = (_, { reply: to }) => {
    for (const { headers = {}, reply, body = '' } of answers) stranger.publish(to, body, { headers: answer(headers), reply });
  };
  const subscription = stranger.subscribe('plugwright.p.*', { callback });
  await stranger.flush();
  return () => subscription.unsubscribe();
}

const output = (at, size) => ({ 'Plugwright-Output-At': at, 'Plugwright-Output-Bytes': size });

const NONSENSE = [
  [output(AT, '9999999999'), 'Limit'],
  [output(AT, '1001'), 'Limit'],
  // Nobody has it.
  [output(AT, '10'), 'Lost'],
  [{ 'Plugwright-Output-At': AT }, 'Incompatible'],
  ...['', '-1', '1.5', '1e3', '99999999999', '0x10', '1 0', LONG_TEXT].map((size) => [output(AT, size), 'Incompatible']),
  ...[
    ...['', '$JS.API.STREAM.DELETE.X', '_INBOX.x', 'plugwright.p.w.1', 'plugwright-part.q.w.1', 'plugwright-part.p.*.>'],
    ...['plugwright-part.p.w', 'plugwright-part.p.w.1.2', 'plugwright-part.p..1', 'plugwright-part.p.w.ä', LONG_TEXT],
  ].map((at) => [output(at, '10'), 'Incompatible']),
  ...['', '-1', 'zero', '1.5', '5', '6', '9999999999', '99999999999', LONG_TEXT].map((begin) => [
    { 'Plugwright-Part': begin },
    'Incompatible',
  ]),
];

test('nonsense is an error, and costs nothing', async () => {
  const remote = nats.plugin('p', { heartbeatMs: 100, maxBytes: 1000 });
  for (const [headers, kind] of NONSENSE) {
    const name = JSON.stringify(headers).slice(0, 200);
    const stop = await answering({ headers, reply: '_INBOX.stranger' });
    const { heard } = await next(url, 'plugwright-cancel.p');
    const error = await remote.call('echo', '12345').catch((failed) => failed);
    assert.equal(error.kind, kind, `${name}: ${error.message}`);
    assert.ok(error.message.length < 400, name);
    // Whoever has something for the call is told that nobody waits.
    await heard;
    stop();
  }
});

test('an output in one message is not larger than allowed', async () => {
  const stop = await answering({ body: 'x'.repeat(1001) });
  await assert.rejects(nats.plugin('p', { maxBytes: 1000 }).call('echo'), { kind: 'Limit', message: /output.*1001.*1000.*maxBytes/ });
  stop();
});

test('errors that say nothing are errors', async () => {
  const remote = nats.plugin('p', { waitMs: 100 });
  const code = { 'Nats-Service-Error-Code': '500' };
  for (const [told, kind] of [
    [{ headers: code, body: '{"kind": "Lost"}' }, 'Lost'],
    [{ headers: code, body: '{"kind": "Trap", "backtrace": 7, "code": "x", "plugin": {}, "message": []}' }, 'Trap'],
    [{ headers: code, body: '{"kind": "Trap", "backtrace": [7, null, {}]}' }, 'Trap'],
    [{ headers: code, body: 'null' }, 'Incompatible'],
    [{ headers: { 'Nats-Service-Error-Code': '' }, body: '<html>' }, 'Incompatible'],
    [{ headers: { 'Plugwright-Not-Begun': '' } }, 'Unavailable'],
  ]) {
    const stop = await answering(told);
    await assert.rejects(remote.call('echo'), { kind, pluginName: 'p', functionName: 'echo' }, JSON.stringify(told));
    stop();
  }
});

test('parts that do not fit together', async () => {
  const remote = nats.plugin('p');
  const stop = await answering({ headers: output(AT, '10') });
  for (const [parts, expected] of [
    [{ 0: ['01234567890'] }],
    [{ 0: [''] }],
    [{ 0: ['012345'], 6: ['6789x'] }],
    [{ 0: ['012345'], 6: [''] }],
    // One that comes twice is there once.
    [{ 0: ['012345', '345678'], 6: ['67', '67'], 8: ['89', '89'] }, '0123456789'],
  ]) {
    let last;
    const told = new Promise((resolve) => {
      last = resolve;
    });
    const callback = (_, message) => {
      const begin = message.headers.get('Plugwright-Part');
      if (!message.reply) last(begin);
      for (const part of parts[begin] ?? []) message.respond(part);
    };
    const having = stranger.subscribe(AT, { callback });
    await stranger.flush();
    if (expected === undefined) {
      await assert.rejects(remote.call('echo'), { kind: 'Lost', message: /did not arrive: a part of/ }, JSON.stringify(parts));
    } else {
      assert.equal((await remote.call('echo')).text(), expected);
      assert.equal(await told, String(expected.length));
    }
    having.unsubscribe();
  }
  stop();
});

test('an output of nothing in parts is nothing', async () => {
  const stop = await answering({ headers: output(AT, '0') });
  assert.equal(await nats.plugin('p').call('echo'), null);
  stop();
});

test('a caller answers nowhere else', async () => {
  const forbidden = ['$JS.API.STREAM.DELETE.X', 'plugwright.other.f', 'plugwright-cancel.other', 'plugwright-part.other.w.1'];
  const heard = await Promise.all(forbidden.map((subject) => next(url, subject)));
  const part = { 'Plugwright-Part': '0' };
  const stop = await answering(...forbidden.map((reply) => ({ headers: part, reply })), { headers: part }, { body: 'done' });
  assert.equal((await nats.plugin('p').call('echo', 'secret')).text(), 'done');
  // Over the caller's connection, so that it comes after whatever the caller sent.
  for (const subject of forbidden) nats.connection.publish(subject, 'end');
  for (const { heard: first } of heard) assert.equal((await first).string(), 'end');
  stop();
});
