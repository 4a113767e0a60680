'use strict';

const views = require('./views');

/** The plug-in that calls a host function: a view of what host functions of the package itself get. */
class CurrentPlugin {
  #context;
  /** Those of each block, by its offset. */
  #views = new Map();

  constructor(context) {
    this.#context = context;
  }

  /** Ends the views. The package takes their memory, and the plug-in away from the context. */
  static end(plugin) {
    for (const view of plugin.#views.values()) views.end(view);
    plugin.#views.clear();
  }

  memory(offset) {
    const number = offsetOf(offset);
    let view = this.#views.get(number);
    if (view === undefined) {
      view = this.#context.memory(number);
      this.#views.set(number, view);
    }
    return view;
  }

  memoryAlloc(bytes) {
    return Number(this.#context.alloc(bytes));
  }

  memoryLength(offset) {
    return Number(this.#context.length(offsetOf(offset)));
  }

  memoryFree(offset) {
    const number = offsetOf(offset);
    this.#context.free(number);
    const view = this.#views.get(number);
    if (view === undefined) return;
    this.#views.delete(number);
    views.end(view);
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
