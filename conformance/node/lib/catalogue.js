/** The catalogue of host functions, for the surface of `@extism/extism`: `(context, ...numbers) => number`. */

import { setTimeout as wait } from 'node:timers/promises';

/**
 * What host functions share with the runner.
 *
 * @typedef {{ values: Map<string, Uint8Array>, cancel: (context: Context) => void }} Shared
 */
/**
 * As much of the context of a host function as the catalogue needs.
 *
 * @typedef {{
 *   read(offset: bigint | number): { bytes(): Uint8Array, text(): string } | null,
 *   store(value: string | Uint8Array): bigint,
 *   cancel?(): void,
 * }} Context
 */
/** @typedef {(context: Context, ...numbers: any[]) => unknown} HostFunction */

/** @param {Context} context @param {Uint8Array} content */
function block(context, content) {
  return content.length === 0 ? 0n : context.store(content);
}

/** @param {Context} context @param {bigint} offset */
function bytes(context, offset) {
  return context.read(offset)?.bytes() ?? new Uint8Array();
}

/** @param {Shared} shared @returns {HostFunction} */
function read(shared) {
  return (context, key) => block(context, shared.values.get(context.read(key)?.text() ?? '') ?? new Uint8Array());
}

/** @param {string} name */
function fail(name) {
  return () => {
    throw new Error(`${name} was told to fail`);
  };
}

/** @type {Record<string, (shared: Shared, name: string) => HostFunction>} */
export const CATALOGUE = {
  kv_read: read,
  hostMemoryGet: read,
  kv_write: (shared) => (context, key, value) => {
    shared.values.set(context.read(key)?.text() ?? '', Uint8Array.from(bytes(context, value)));
  },
  host_add: () => (_, a, b) => BigInt.asIntN(64, a + b),
  host_mix: () => (_, i32, i64, f32, f64) => i32 + Number(BigInt.asIntN(64, i64)) + f32 + f64,
  host_echo: () => (context, data) => block(context, bytes(context, data)),
  host_fail: (_, name) => fail(name),
  host_try_fail: (_, name) => fail(name),
  host_sleep_ms: () => async (_, milliseconds) => {
    // Its call may have ended long before: then nothing waits for it, the end of this program neither.
    await wait(Number(milliseconds), undefined, { ref: false });
  },
  host_cancel: (shared) => (context) => shared.cancel(context),
};

/**
 * The types of the functions, for surfaces that declare them: parameters, then results.
 *
 * @type {Record<string, [('I32' | 'I64' | 'F32' | 'F64')[], ('I32' | 'I64' | 'F32' | 'F64')[]]>}
 */
export const TYPES = {
  kv_read: [['I64'], ['I64']],
  hostMemoryGet: [['I64'], ['I64']],
  kv_write: [['I64', 'I64'], []],
  host_add: [['I64', 'I64'], ['I64']],
  host_mix: [['I32', 'I64', 'F32', 'F64'], ['F64']],
  host_echo: [['I64'], ['I64']],
  host_fail: [[], ['I64']],
  host_try_fail: [[], ['I64']],
  host_sleep_ms: [['I64'], []],
  host_cancel: [[], []],
};
