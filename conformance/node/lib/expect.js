/** Comparing what happened with what a case expects. */

import { isDeepStrictEqual } from 'node:util';

import { bytesOfBase64, repeated } from './case.js';

/** @typedef {import('./case.js').Step} Step */
/** @typedef {import('./case.js').ExpectError} ExpectError */
/** @typedef {import('./case.js').Outcomes} Outcomes */
/** @typedef {{ level: string, message: string }} LogLine A message that the guest logged. */
/**
 * @typedef {{
 *   result: Uint8Array | Failure, logs: LogLine[], stdout?: Uint8Array | undefined, stderr?: Uint8Array | undefined,
 * }} Outcome What a call did; what it wrote is absent where that cannot be known.
 */

const SHOWN_BYTES = 200;

/** What happened is not what was expected; the message is the difference. */
export class MismatchError extends Error {}

/** How a call or a load failed. Kind and code are undefined where the surface under test does not tell them. */
export class Failure {
  /** @param {string} message @param {string} [kind] @param {number} [code] */
  constructor(message, kind, code) {
    this.message = message;
    this.kind = kind;
    this.code = code;
  }

  toString() {
    const code = this.code === undefined ? '' : ` (code ${this.code})`;
    return `${this.kind ?? 'an error of an unknown kind'}${code}: ${this.message}`;
  }
}

/**
 * Compares a call with its step.
 *
 * @param {Step} step
 * @param {Outcome} outcome
 * @throws {MismatchError} for the first difference
 */
export function checkStep(step, { result, logs, stdout, stderr }) {
  const expected = step.expect === 'any_output' ? undefined : step.expect.error;
  if (expected) {
    if (!(result instanceof Failure)) {
      throw new MismatchError(`succeeded with ${show(result)}, but ${expected.kind} was expected`);
    }
    checkError(expected, result);
  } else if (result instanceof Failure) {
    throw new MismatchError(`failed: ${result}`);
  } else if (step.expect !== 'any_output') {
    checkOutput(step.expect, result);
  }
  if (step.expect_logs) checkLogs(step.expect_logs, logs);
  if (step.expect_stdout !== undefined && stdout) same(Buffer.from(step.expect_stdout), stdout);
  if (step.expect_stderr !== undefined && stderr) same(Buffer.from(step.expect_stderr), stderr);
}

/**
 * Compares how loading failed, or that it did not, with what a case expects.
 *
 * @param {ExpectError | undefined} expected
 * @param {Failure | undefined} failure
 * @throws {MismatchError}
 */
export function checkLoad(expected, failure) {
  if (expected && failure) checkError(expected, failure);
  else if (expected) throw new MismatchError(`loading succeeded, but ${expected.kind} was expected`);
  else if (failure) throw new MismatchError(`loading failed: ${failure}`);
}

/**
 * Compares the output of a call that succeeded.
 *
 * @param {Outcomes} expect
 * @param {Uint8Array} output
 * @throws {MismatchError}
 */
export function checkOutput(expect, output) {
  if (expect.output !== undefined) same(Buffer.from(expect.output), output);
  if (expect.output_base64 !== undefined) same(bytesOfBase64(expect.output_base64), output);
  if (expect.output_repeat) same(repeated(expect.output_repeat), output);
  if (expect.output_contains) containsAll(Buffer.from(output).toString(), expect.output_contains, 'output');
  if (expect.output_length !== undefined && output.length !== expect.output_length) {
    throw new MismatchError(`${output.length} bytes of output instead of ${expect.output_length}`);
  }
  if ('output_json' in expect && !isDeepStrictEqual(json(output), expect.output_json)) {
    throw new MismatchError(`output ${show(output)} instead of ${JSON.stringify(expect.output_json)}`);
  }
}

/** @param {Uint8Array} output */
function json(output) {
  try {
    return JSON.parse(Buffer.from(output).toString());
  } catch (error) {
    throw new MismatchError(`output ${show(output)} is not JSON: ${String(error)}`, { cause: error });
  }
}

/**
 * Compares how a call or a load failed.
 *
 * @param {ExpectError} expected
 * @param {Failure} failure
 * @throws {MismatchError}
 */
export function checkError(expected, failure) {
  if (failure.kind !== undefined && failure.kind !== expected.kind) {
    throw new MismatchError(`${expected.kind} was expected, but got ${failure}`);
  }
  if (expected.code !== undefined && failure.code !== undefined && failure.code !== expected.code) {
    throw new MismatchError(`code ${expected.code} was expected, but got ${failure}`);
  }
  if (expected.kind !== 'Guest' && failure.message.includes('\n')) {
    throw new MismatchError(`the message has more than one line: ${JSON.stringify(failure.message)}`);
  }
  containsAll(failure.message, expected.message_contains ?? [], 'message');
}

/**
 * Compares all messages of a call, in order.
 *
 * @param {{ level: string, contains: string }[]} expected
 * @param {LogLine[]} logs
 * @throws {MismatchError}
 */
export function checkLogs(expected, logs) {
  for (const [index, want] of expected.entries()) {
    const line = logs[index];
    if (line && (line.level !== want.level || !line.message.includes(want.contains))) {
      const got = `${line.level} ${show(Buffer.from(line.message))}`;
      throw new MismatchError(`log message ${index} is ${got} instead of ${JSON.stringify(want)}`);
    }
  }
  if (logs.length !== expected.length) {
    throw new MismatchError(`${logs.length} log messages instead of ${expected.length}`);
  }
}

/** @param {string} text @param {string[]} parts @param {string} what */
function containsAll(text, parts, what) {
  const part = parts.find((wanted) => !text.includes(wanted));
  if (part !== undefined) {
    throw new MismatchError(`the ${what} ${show(Buffer.from(text))} does not contain ${JSON.stringify(part)}`);
  }
}

/** @param {Uint8Array} expected @param {Uint8Array} got */
function same(expected, got) {
  if (Buffer.compare(expected, got) !== 0) {
    throw new MismatchError(`output ${show(got)} instead of ${show(expected)}`);
  }
}

/** Bytes for a person: their beginning as text, and how many they are. @param {Uint8Array} bytes */
function show(bytes) {
  const text = JSON.stringify(Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString());
  return `${text}${bytes.length > SHOWN_BYTES ? '…' : ''} (${bytes.length} bytes)`;
}
