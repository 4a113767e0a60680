// The key-value store that the host granted the plug-in.
import { kv_compare_and_swap, kv_delete, kv_get, kv_increment, kv_list, kv_set } from "extism:host/user";
import { CapabilityError, flag, found, json, number, result, textOf } from "./reply.js";

export { CapabilityError };

const invalid = (message) => new CapabilityError("invalid", message);

/** A time to live as the host wants it: 0 for none. */
function millis(options) {
  const ttl = options?.ttl;
  if (ttl === undefined || ttl === null) return 0;
  if (!Number.isSafeInteger(ttl) || ttl < 1) throw invalid("`ttl` is a whole number of milliseconds, 1 or more");
  return ttl;
}

/** A value to be compared or swapped: `null` stands for none. */
function swapped(value, what) {
  if (value === null || value === undefined) return 0;
  const length = typeof value === "string" ? value.length : value.byteLength;
  if (length === 0) throw invalid(`${what} value is empty, and cannot be compared and swapped`);
  if (length === undefined) throw invalid(`${what} value is neither text nor bytes`);
  return value;
}

export const get = (key) => textOf(found(kv_get(key)));

export function getBytes(key) {
  const value = found(kv_get(key));
  return value === null ? null : value.slice();
}

export function set(key, value, options) {
  result(kv_set(key, value, millis(options)));
}

export const remove = (key) => flag(kv_delete(key));

export const increment = (key, delta = 1) => number(kv_increment(key, delta));

export function compareAndSwap(key, expected, value, options) {
  return flag(kv_compare_and_swap(key, swapped(expected, "the expected"), swapped(value, "the new"), millis(options)));
}

export const list = (prefix = "", { cursor, limit = 100 } = {}) => json(kv_list(prefix, cursor ?? "", limit));
