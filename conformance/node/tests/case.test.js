/** The format of cases: what is unknown or missing is refused. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { InvalidCaseError, check, inputBytes } from '../lib/case.js';
import { leftOut, ABILITY } from '../lib/rule.js';

const STEP = { function: 'run', expect: { output: '' } };
const CASE = { name: 'a', guest: 'wat/echo.wat', steps: [STEP] };

test('what does not follow the format is refused', () => {
  check(/** @type {any} */ (CASE));
  /** @type {[object, RegExp][]} */
  const wrong = [
    [{ ...CASE, colour: 1 }, /unknown fields: colour/],
    [{ guest: 'a', steps: [STEP] }, /missing fields: name/],
    [{ ...CASE, source: '' }, /exactly one of/],
    [{ name: 'a', steps: [STEP] }, /exactly one of/],
    [{ ...CASE, steps: [] }, /either `load_error` or `steps`/],
    [{ ...CASE, load_error: { kind: 'Link' } }, /either/],
    [{ ...CASE, live_plugins: 0 }, /live_plugins/],
    [{ ...CASE, options: { memory: { pages: 1 } } }, /options\.memory: unknown fields: pages/],
    [{ ...CASE, options: { log_level: 'loud' } }, /loud/],
    [{ ...CASE, options: { stdio: 'open' } }, /open/],
    [{ ...CASE, host_functions: [{ module: 'm' }] }, /host_functions: missing fields: name/],
    [{ ...CASE, steps: [{ ...STEP, input: '', input_base64: '' }] }, /more than one input/],
    [{ ...CASE, steps: [{ ...STEP, repeat: 0 }] }, /repeat/],
    [{ ...CASE, steps: [{ function: 'run' }] }, /steps\[0\]: missing fields: expect/],
    [{ ...CASE, steps: [{ ...STEP, expect: {} }] }, /`expect` is/],
    [{ ...CASE, steps: [{ ...STEP, expect: { output: '', error: { kind: 'Link' } } }] }, /`expect` is/],
    [{ ...CASE, steps: [{ ...STEP, expect: { error: { kind: 'Odd' } } }] }, /`Odd` is not an error kind/],
    [{ ...CASE, steps: [{ ...STEP, expect_logs: [{ level: 'loud', contains: '' }] }] }, /loud/],
  ];
  for (const [raw, message] of wrong) {
    assert.throws(() => check(/** @type {any} */ (raw)), (error) => {
      assert.ok(error instanceof InvalidCaseError);
      assert.match(error.message, message);
      return true;
    });
  }
});

test('inputs', () => {
  /** @param {object} input */
  const bytes = (input) => [...inputBytes({ ...STEP, ...input })];
  assert.deepEqual(bytes({}), []);
  assert.deepEqual(bytes({ input: 'é' }), [0xc3, 0xa9]);
  assert.deepEqual(bytes({ input_base64: 'AP8=' }), [0, 255]);
  assert.deepEqual(bytes({ input_repeat: { byte: 7, count: 3 } }), [7, 7, 7]);
  assert.throws(() => bytes({ input_base64: '!' }), InvalidCaseError);
});

test('a case is left out for what it needs and the surface lacks', () => {
  /** @type {Set<any>} */
  const all = new Set(Object.keys(ABILITY));
  const logs = { ...CASE, steps: [{ ...STEP, expect_logs: [] }] };
  assert.equal(leftOut(logs, all, true), undefined);
  all.delete('logs');
  assert.equal(leftOut(logs, all, true), ABILITY.logs);
  const granted = { name: 'a', source: '', steps: [STEP], options: { timeout_ms: 1 } };
  assert.equal(leftOut(granted, all, true), undefined);
  assert.match(String(leftOut(granted, all, false)), /as it stands/);
});
