'use strict';

/** The plug-in that calls a host function. */

const { Views } = require('./views');

/** What a host function may do with the plug-in that calls it. */
class CurrentPlugin {
  #context;
  #views;

  /** `context` is what host functions of the package itself get. */
  constructor(context) {
    this.#context = context;
    this.#views = new Views(context);
  }

  /**
   * Ends what a host function got: what it has written goes to the plug-in if it has succeeded.
   */
  static end(plugin, succeeded) {
    try {
      if (succeeded) plugin.#views.writeBack();
    } finally {
      plugin.#views.end();
    }
  }

  memory(offset) {
    return this.#views.at(offsetOf(offset));
  }

  memoryAlloc(length) {
    return Number(this.#context.alloc(length));
  }

  memoryLength(offset) {
    return this.#context.length(offsetOf(offset));
  }

  memoryFree(offset) {
    const number = offsetOf(offset);
    this.#context.free(number);
    this.#views.forget(number);
  }

  inputBytes(input) {
    return this.memory(input.v.i64);
  }

  inputString(input) {
    return this.memory(input.v.i64).toString();
  }

  returnBytes(output, bytes) {
    output.v.i64 = this.#context.store(bytes);
  }

  returnString(output, text) {
    output.v.i64 = this.#context.store(text);
  }
}

/**
 * An offset as the package itself takes it.
 *
 * @throws {TypeError} when it is none
 */
function offsetOf(offset) {
  if (typeof offset === 'bigint') return offset;
  if (Number.isSafeInteger(offset) && offset >= 0) return BigInt(offset);
  throw new TypeError(`an offset is a whole number, for example inputs[0].v.i64, not ${String(offset)}`);
}

module.exports = { CurrentPlugin };
