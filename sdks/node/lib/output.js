'use strict';

const decoder = new TextDecoder();

/** How Node.js decodes UTF-8 in a `Buffer`: for short text several times faster than a `TextDecoder`, but it keeps a byte order mark. */
const { utf8Slice } = Buffer.prototype;

/** The longest text that is decoded by that, in bytes. */
const SHORT = 1024;

/** The first byte of a byte order mark. */
const MARK = 0xef;

/** Bytes of a plug-in's: what a call returned, or a host function read. They are a copy, which is the program's own. */
class PluginOutput extends DataView {
  #bytes;

  /** @param {ArrayBuffer} buffer */
  constructor(buffer) {
    super(buffer);
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

  /** The bytes, in the same memory. */
  bytes() {
    this.#bytes ??= new Uint8Array(this.buffer);
    return this.#bytes;
  }
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

module.exports = { PluginOutput };
