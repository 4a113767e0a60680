'use strict';

// Passing bytes to the addon.

const { ROOM, data } = require('./native');
const { bytesOf } = require('./source');

const encoder = new TextEncoder();

/** The longest text that is looked at for being ASCII. */
const SHORT = 96;

/** How many bytes of the shared memory were passed. */
let length = 0;

/** Passes short text if it is ASCII, which is faster than the encoder; whether it was. */
function passAscii(text) {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return false;
    data[index] = code;
  }
  length = text.length;
  return true;
}

/**
 * Passes text or bytes: in the shared memory if they fit, else by the array that is returned. `passedLength` tells how many there are.
 *
 * Only the bytes of a view are passed, never those around it.
 *
 * @param {unknown} value
 * @param {string} what For errors.
 * @returns {Uint8Array | undefined}
 */
function pass(value, what) {
  if (typeof value === 'string') {
    if (value.length <= SHORT && passAscii(value)) return undefined;
    // A character has at most three bytes.
    if (value.length * 3 <= ROOM) {
      length = encoder.encodeInto(value, data).written;
      return undefined;
    }
    length = 0;
    return encoder.encode(value);
  }
  if (value === undefined || value === null) {
    length = 0;
    return undefined;
  }
  if (typeof value === 'number' || typeof value === 'bigint') return pass(String(value), what);
  const bytes = bytesOf(value);
  if (bytes === undefined) throw new TypeError(`${what} is a string, bytes or a number, not ${typeof value}`);
  if (bytes.length <= ROOM) {
    if (bytes.length > 0) data.set(bytes);
    length = bytes.length;
    return undefined;
  }
  length = 0;
  return bytes;
}

module.exports = { pass, passedLength: () => length };
