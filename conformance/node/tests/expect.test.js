/** Comparing: each kind of difference is found. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Failure, MismatchError, checkLoad, checkStep } from '../lib/expect.js';

/** @param {any} expect @param {any} [more] */
function step(expect, more = {}) {
  return { function: 'run', expect, ...more };
}

/** @param {string} text */
function bytes(text) {
  return new TextEncoder().encode(text);
}

test('what is as expected passes', () => {
  /** @type {[any, Uint8Array | Failure][]} */
  const right = [
    ['any_output', bytes('x')],
    [{ output: 'é' }, bytes('é')],
    [{ output_base64: 'AP8=' }, Uint8Array.of(0, 255)],
    [{ output_json: { a: [1, null] } }, bytes('{ "a": [1, null] }')],
    [{ output_contains: ['b', 'c'] }, bytes('abc')],
    [{ output_repeat: { byte: 120, count: 2 } }, bytes('xx')],
    [{ output_length: 3 }, bytes('abc')],
    [{ error: { kind: 'Guest', code: 3, message_contains: ['no'] } }, new Failure('no\nway', 'Guest', 3)],
    [{ error: { kind: 'Guest', code: 3 } }, new Failure('untold')],
  ];
  for (const [expect, result] of right) checkStep(step(expect), { result, logs: [] });
  checkLoad(undefined, undefined);
  checkLoad({ kind: 'Link' }, new Failure('', 'Link'));
});

test('each difference is found', () => {
  /** @type {[any, Uint8Array | Failure, RegExp][]} */
  const wrong = [
    [{ output: 'a' }, bytes('b'), /"b" \(1 bytes\) instead of "a"/],
    [{ output: 'a' }, new Failure('no', 'Trap'), /failed: Trap: no/],
    [{ output_json: 1 }, bytes('{'), /is not JSON/],
    [{ output_json: true }, bytes('1'), /instead of true/],
    [{ output_contains: ['x'] }, bytes('abc'), /does not contain "x"/],
    [{ output_length: 2 }, bytes('abc'), /3 bytes of output instead of 2/],
    [{ output_repeat: { byte: 120, count: 2 } }, bytes('x'), /instead of/],
    [{ error: { kind: 'Trap' } }, bytes(''), /Trap was expected/],
    [{ error: { kind: 'Trap' } }, new Failure('', 'Guest'), /Trap was expected/],
    [{ error: { kind: 'Guest', code: 1 } }, new Failure('', 'Guest', 2), /code 1 was expected/],
    [{ error: { kind: 'Trap' } }, new Failure('a\nb', 'Trap'), /more than one line/],
    [{ error: { kind: 'Trap', message_contains: ['x'] } }, new Failure('', 'Trap'), /does not contain "x"/],
  ];
  for (const [expect, result, message] of wrong) {
    assert.throws(() => checkStep(step(expect), { result, logs: [] }), (error) => {
      assert.ok(error instanceof MismatchError);
      assert.match(error.message, message);
      return true;
    });
  }
  assert.throws(() => checkLoad({ kind: 'Link' }, undefined), MismatchError);
  assert.throws(() => checkLoad(undefined, new Failure('')), MismatchError);
});

test('logs and standard streams', () => {
  const result = bytes('');
  const logged = step('any_output', { expect_logs: [{ level: 'info', contains: 'hi' }] });
  checkStep(logged, { result, logs: [{ level: 'info', message: 'say hi' }] });
  for (const logs of [[], [{ level: 'warn', message: 'hi' }], [{ level: 'info', message: 'no' }]]) {
    assert.throws(() => checkStep(logged, { result, logs }), MismatchError);
  }
  const written = step('any_output', { expect_stdout: 'out' });
  checkStep(written, { result, logs: [], stdout: bytes('out') });
  checkStep(written, { result, logs: [], stdout: undefined });
  assert.throws(() => checkStep(written, { result, logs: [], stdout: bytes('') }), MismatchError);
});
