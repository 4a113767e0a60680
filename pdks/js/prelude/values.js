// What texts, bytes and other values become when they leave JavaScript.
import * as native from "plugwright:native";

/** The bytes of an ArrayBuffer or of a view, without a copy; undefined for anything else. */
export function bytesOf(value) {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return new Uint8Array(value);
  return undefined;
}

/** The same, or a TypeError that says what it is about. */
export function mustBeBytes(value, what) {
  const bytes = bytesOf(value);
  if (bytes === undefined) throw new TypeError(`${what} must be an ArrayBuffer, a typed array or a DataView`);
  return bytes;
}

/** Text or bytes as a Uint8Array. */
export function toBytes(value, what) {
  return typeof value === "string" ? native.encodeUtf8(value) : mustBeBytes(value, what);
}

/** The text of a value as JSON, or a TypeError if JSON has nothing for it. */
export function toJSON(value, what) {
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`${what} cannot be written as JSON: it is a ${typeof value}`);
  return text;
}

/** A new block with the value: text as it is, bytes as they are, anything else as JSON. 0 for null and undefined. */
export function blockOf(value, what) {
  if (value === null || value === undefined) return 0;
  if (typeof value === "string") return native.blockOfText(value);
  const bytes = bytesOf(value);
  return bytes === undefined ? native.blockOfText(toJSON(value, what)) : native.blockOfBytes(bytes);
}

/** Makes a global as the language's own are: writable, and not enumerable. */
export function define(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

/** Gives a class the name that `Object.prototype.toString` shows. */
export function tag(constructor) {
  Object.defineProperty(constructor.prototype, Symbol.toStringTag, { value: constructor.name, configurable: true });
}
