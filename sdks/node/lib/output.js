'use strict';

const { data, passed } = require('./native');

const decoder = new TextDecoder();

/** How Node.js decodes UTF-8 in a `Buffer`: for short text several times faster than a `TextDecoder`, but it keeps a byte order mark. */
const { utf8Slice } = Buffer.prototype;

/** The longest text that is decoded by that, in bytes. */
const SHORT = 1024;

/** The first byte of a byte order mark. */
const MARK = 0xef;

/** The most bytes of outputs that share memory: to make an `ArrayBuffer`, and to collect it, costs as much as a call. */
const SMALL = 512;

/** How many bytes they share. */
const SHARED = 8 << 10;

/** Bytes of a plug-in's: what a call returned, or a host function read. They are a copy, which is the program's own. */
class PluginOutput extends DataView {
  #buffer;
  #bytes;

  /**
   * @param {ArrayBuffer} buffer
   * @param {number} [start] Where the bytes are, when there are others around them.
   * @param {number} [length]
   */
  constructor(buffer, start, length) {
    super(buffer, start, length);
  }

  /** Memory with these bytes and no others: of those that share theirs, a copy. */
  get buffer() {
    if (this.#buffer === undefined) {
      const { buffer, byteOffset: start } = whereIs(this);
      const isAlone = buffer.byteLength === this.byteLength;
      this.#buffer = isAlone ? buffer : buffer.slice(start, start + this.byteLength);
    }
    return this.#buffer;
  }

  /** Where the bytes begin in `buffer`. */
  get byteOffset() {
    return 0;
  }

  /** The value of the JSON text. */
  json() {
    return JSON.parse(this.text());
  }

  /** The memory that the bytes are in. */
  arrayBuffer() {
    return this.buffer;
  }

  /** The text, of UTF-8. */
  text() {
    const length = this.byteLength;
    if (utf8Slice === undefined || length > SHORT || length === 0 || this.getUint8(0) === MARK) return decoder.decode(this);
    return utf8Slice.call(this, 0, length);
  }

  /** The text, of UTF-8: an older name of `text`. */
  string() {
    return this.text();
  }

  /** The bytes, in the memory of `arrayBuffer`. */
  bytes() {
    this.#bytes ??= new Uint8Array(this.buffer);
    return this.#bytes;
  }
}

const viewed = (name) => Object.getOwnPropertyDescriptor(DataView.prototype, name).get;
const bufferOf = viewed('buffer');
const startOf = viewed('byteOffset');

/** Where the bytes of a view really are. */
function whereIs(view) {
  return { buffer: bufferOf.call(view), byteOffset: startOf.call(view) };
}

let shared = new Uint8Array(0);
let used = 0;

/**
 * A copy of the first bytes that were passed.
 *
 * @param {number} length At most `ROOM`.
 * @returns {PluginOutput}
 */
function passedOutput(length) {
  if (length > SMALL) return new PluginOutput(passed(length));
  if (used + length > shared.length) {
    shared = new Uint8Array(new ArrayBuffer(SHARED));
    used = 0;
  }
  const start = used;
  used += length;
  shared.set(data.subarray(0, length), start);
  return new PluginOutput(shared.buffer, start, length);
}

// They are what the plug-in said, and nobody reads what would be written there.
for (const name of Object.getOwnPropertyNames(DataView.prototype)) {
  if (!name.startsWith('set')) continue;
  Object.defineProperty(PluginOutput.prototype, name, {
    value() {
      throw new Error('the output of a plug-in is not written to; copy its bytes first');
    },
    writable: true,
    configurable: true,
  });
}

module.exports = { PluginOutput, passedOutput };
