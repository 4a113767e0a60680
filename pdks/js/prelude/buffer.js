// Buffer, as npm packages know it from Node: bytes with encodings.
import * as native from "plugwright:native";
import { bytesOf, define } from "./values.js";

const ENCODINGS = {
  utf8: { encode: native.encodeUtf8, decode: native.decodeUtf8 },
  hex: { encode: encodeHex, decode: (bytes) => bytes.toHex() },
  base64: { encode: encodeBase64, decode: (bytes) => bytes.toBase64() },
  base64url: { encode: encodeBase64, decode: (bytes) => bytes.toBase64({ alphabet: "base64url", omitPadding: true }) },
  latin1: { encode: encodeLatin1, decode: native.decodeLatin1 },
  ascii: { encode: encodeLatin1, decode: (bytes) => native.decodeLatin1(bytes.map((byte) => byte & 0x7f)) },
  utf16le: { encode: encodeUtf16, decode: (bytes) => decodeUtf16(bytes) },
};

const NAMES = { "utf-8": "utf8", binary: "latin1", ucs2: "utf16le", "ucs-2": "utf16le", "utf-16le": "utf16le" };

function encodingOf(name = "utf8") {
  const lower = String(name).toLowerCase();
  const encoding = ENCODINGS[NAMES[lower] ?? lower];
  if (encoding === undefined) throw new TypeError(`Unknown encoding: ${name}`);
  return encoding;
}

/** As far as it is hexadecimal. */
function encodeHex(text) {
  const digits = /^(?:[0-9a-f]{2})*/i.exec(text)[0];
  return Uint8Array.fromHex(digits);
}

/** Either alphabet, with or without padding; other characters are skipped. */
function encodeBase64(text) {
  const digits = text.replace(/=.*$/s, "").replaceAll("-", "+").replaceAll("_", "/").replace(/[^A-Za-z0-9+/]/g, "");
  const whole = digits.length % 4 === 1 ? digits.slice(0, -1) : digits;
  return Uint8Array.fromBase64(whole.padEnd(Math.ceil(whole.length / 4) * 4, "="));
}

function encodeLatin1(text) {
  return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}

function encodeUtf16(text) {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    bytes[i * 2] = text.charCodeAt(i);
    bytes[i * 2 + 1] = text.charCodeAt(i) >> 8;
  }
  return bytes;
}

function decodeUtf16(bytes) {
  let text = "";
  for (let i = 0; i + 1 < bytes.length; i += 2) text += String.fromCharCode(bytes[i] | (bytes[i + 1] << 8));
  return text;
}

/** The same memory as a Buffer. */
const wrap = (bytes) => new Buffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);

class Buffer extends Uint8Array {
  static from(value, encodingOrOffset, length) {
    if (typeof value === "string") return wrap(encodingOf(encodingOrOffset).encode(value));
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return new Buffer(value, encodingOrOffset, length);
    if (value?.type === "Buffer" && Array.isArray(value.data)) return wrap(Uint8Array.from(value.data));
    if (value === null || typeof value !== "object") {
      throw new TypeError(`Buffer.from takes text, an ArrayBuffer, an array or a Buffer, not ${value === null ? "null" : typeof value}`);
    }
    return wrap(Uint8Array.from(value));
  }
  static of(...values) {
    return wrap(Uint8Array.of(...values));
  }
  static alloc(size, fill, encoding) {
    const buffer = new Buffer(size);
    return fill === undefined ? buffer : buffer.fill(fill, 0, size, encoding);
  }
  static allocUnsafe(size) {
    return new Buffer(size);
  }
  static byteLength(value, encoding) {
    if (typeof value !== "string") return value.byteLength;
    // As Node does, which does not look at the digits.
    return encodingOf(encoding) === ENCODINGS.hex ? value.length >>> 1 : encodingOf(encoding).encode(value).length;
  }
  static concat(list, total = list.reduce((sum, bytes) => sum + bytes.length, 0)) {
    const whole = new Buffer(total);
    let at = 0;
    for (const bytes of list) {
      const part = bytes.subarray(0, total - at);
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
  static compare(one, other) {
    const length = Math.min(one.length, other.length);
    for (let i = 0; i < length; i++) {
      if (one[i] !== other[i]) return one[i] < other[i] ? -1 : 1;
    }
    return Math.sign(one.length - other.length);
  }
  static isBuffer(value) {
    return value instanceof Buffer;
  }
  static isEncoding(name) {
    const lower = String(name).toLowerCase();
    return (NAMES[lower] ?? lower) in ENCODINGS;
  }
  get parent() {
    return this.buffer;
  }
  toString(encoding, start = 0, end = this.length) {
    return encodingOf(encoding).decode(new Uint8Array(this.buffer, this.byteOffset, this.length).subarray(Math.max(start, 0), Math.max(end, 0)));
  }
  toJSON() {
    return { type: "Buffer", data: [...this] };
  }
  equals(other) {
    return Buffer.compare(this, other) === 0;
  }
  compare(other, start = 0, end = other.length, ownStart = 0, ownEnd = this.length) {
    return Buffer.compare(this.subarray(ownStart, ownEnd), other.subarray(start, end));
  }
  /** Of the same memory, as in Node. */
  slice(start, end) {
    return this.subarray(start, end);
  }
  write(text, offset, length, encoding) {
    if (typeof offset === "string") return this.write(text, 0, this.length, offset);
    if (typeof length === "string") return this.write(text, offset, this.length, length);
    const at = offset ?? 0;
    const bytes = encodingOf(encoding).encode(text).subarray(0, Math.min(length ?? this.length, this.length - at));
    this.set(bytes, at);
    return bytes.length;
  }
  copy(target, at = 0, start = 0, end = this.length) {
    const part = this.subarray(start, Math.min(end, start + target.length - at));
    target.set(part, at);
    return part.length;
  }
  fill(value, start, end, encoding) {
    if (typeof start === "string") return this.fill(value, 0, this.length, start);
    if (typeof value === "number") return super.fill(value, start, end);
    const pattern = typeof value === "string" ? encodingOf(encoding).encode(value) : (bytesOf(value) ?? Uint8Array.of());
    if (pattern.length === 0) return super.fill(0, start, end);
    const last = end ?? this.length;
    for (let i = start ?? 0, from = i; i < last; i++) this[i] = pattern[(i - from) % pattern.length];
    return this;
  }
  indexOf(value, from = 0, encoding) {
    if (typeof from === "string") return this.indexOf(value, 0, from);
    if (typeof value === "number") return super.indexOf(value & 0xff, from);
    return this.#find(value, from < 0 ? Math.max(this.length + from, 0) : from, this.length, 1, encoding);
  }
  lastIndexOf(value, from = this.length, encoding) {
    if (typeof value === "number") return super.lastIndexOf(value & 0xff, from);
    return this.#find(value, Math.min(from, this.length), -1, -1, encoding);
  }
  includes(value, from, encoding) {
    return this.indexOf(value, from, encoding) >= 0;
  }
  #find(value, from, to, step, encoding) {
    const wanted = typeof value === "string" ? encodingOf(encoding).encode(value) : value;
    for (let i = from; i !== to; i += step) {
      if (i + wanted.length <= this.length && wanted.every((byte, k) => this[i + k] === byte)) return i;
    }
    return -1;
  }
  readUIntBE(offset, length) {
    return this.subarray(offset, offset + length).reduce((value, byte) => value * 256 + byte, 0);
  }
  readUIntLE(offset, length) {
    return this.subarray(offset, offset + length).reduceRight((value, byte) => value * 256 + byte, 0);
  }
}

/** Numbers: the name in Buffer's methods, that in DataView's, and the size in bytes. */
const NUMBERS = [
  ["UInt8", "Uint8", 1], ["Int8", "Int8", 1], ["UInt16", "Uint16", 2], ["Int16", "Int16", 2], ["UInt32", "Uint32", 4], ["Int32", "Int32", 4],
  ["Float", "Float32", 4], ["Double", "Float64", 8], ["BigUInt64", "BigUint64", 8], ["BigInt64", "BigInt64", 8],
];

function addMethod(names, method) {
  for (const name of names) Object.defineProperty(Buffer.prototype, name, { value: method, writable: true, configurable: true });
}

for (const [name, viewName, size] of NUMBERS) {
  for (const end of size === 1 ? [""] : ["LE", "BE"]) {
    const names = (verb) => [`${verb}${name}${end}`, `${verb}${name.replace("UI", "Ui")}${end}`];
    addMethod(names("read"), function (offset = 0) {
      return new DataView(this.buffer, this.byteOffset, this.length)[`get${viewName}`](offset, end === "LE");
    });
    addMethod(names("write"), function (value, offset = 0) {
      new DataView(this.buffer, this.byteOffset, this.length)[`set${viewName}`](offset, value, end === "LE");
      return offset + size;
    });
  }
}

define("Buffer", Buffer);
