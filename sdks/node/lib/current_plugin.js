'use strict';

const { checked, pluginError } = require('./errors');
const { pass, passedLength } = require('./input');
const { ROOM, native, numbers, offsets, passed, sizes } = require('./native');
const { PluginOutput, passedOutput } = require('./output');
const { bytesOf } = require('./source');

/** Puts an offset, and the number of the call, where the addon looks for them. */
function passOffset(offset, number) {
  offsets[0] = typeof offset === 'bigint' ? offset : BigInt(offset);
  numbers[2] = number;
}

/** Throws why the addon has failed, if it says so. */
function checkDone() {
  if (numbers[3] !== 0) throw pluginError(native.takeFailure());
}

/** Lets the addon pass the length of the block at an offset, and its bytes if they fit. */
function passBlock(offset, number) {
  passOffset(offset, number);
  native.currentRead();
  checkDone();
  return numbers[0] + numbers[1] * 2 ** 32;
}

/** A copy of the block at an offset, which does not fit. */
function largeCopy(offset, number, length) {
  // Its memory is written to once, and not filled with zeros before.
  const copy = Buffer.allocUnsafeSlow(length);
  passOffset(offset, number);
  fail(native.currentCopy(copy));
  return copy.buffer;
}

/** The message of an error that was set without one. */
const WITHOUT_TEXT = 'a host function has set an error without a text';

/** The plug-in that is calling a host function, for as long as that runs: later uses throw. */
class CurrentPlugin {
  #call;
  #views;

  /** @param {object} call */
  constructor(call) {
    this.#call = call;
  }

  get #number() {
    if (this.#call === undefined) {
      throw new Error('the host function has ended, and with it the use of the plug-in that called it');
    }
    return this.#call.number;
  }

  /** What the caller of the plug-in gave to the call. */
  hostContext() {
    if (this.#call === undefined) this.#number;
    return this.#call.hostContext;
  }

  /** A copy of the block at an offset; an empty one for offset 0. */
  read(offset) {
    const number = this.#number;
    if (this.#views !== undefined) this.#writeBack();
    const length = passBlock(offset, number);
    return length <= ROOM ? passedOutput(length) : new PluginOutput(largeCopy(offset, number, length));
  }

  /** Makes a block with text or bytes, which the guest gets, and returns its offset: 0 for none. */
  store(value) {
    const number = this.#number;
    const array = pass(value, 'what is stored');
    numbers[0] = passedLength();
    numbers[1] = 0;
    numbers[2] = number;
    if (array === undefined) native.currentStore();
    else native.currentStoreLarge(array);
    checkDone();
    return offsets[0];
  }

  /** Makes a block of so many bytes, and returns its offset. */
  alloc(size) {
    const number = this.#number;
    // One that is too large is the plug-in's error, and not the program's.
    const bytes = typeof size === 'bigint' ? Number(size) : size;
    if (!Number.isInteger(bytes) || bytes < 0) throw new TypeError(`the size of a block is a whole number, not ${String(size)}`);
    sizes[0] = bytes;
    numbers[2] = number;
    native.currentAlloc();
    checkDone();
    return offsets[0];
  }

  /** Frees a block, if one begins at the offset. */
  free(offset) {
    const number = this.#number;
    passOffset(offset, number);
    native.currentFree();
    checkDone();
    const key = offsets[0];
    const view = this.#views?.get(key);
    if (view === undefined) return;
    this.#views.delete(key);
    detach(view);
  }

  /** The length of the block at an offset, 0 where none begins. */
  length(offset) {
    const number = this.#number;
    passOffset(offset, number);
    native.currentLength();
    checkDone();
    return offsets[0];
  }

  /**
   * The block at an offset as a buffer to read and to write, for as long as the host function runs. What is written is the plug-in's at
   * the function's end, and in what is read before by `read`. Then the buffer loses its memory, and has no bytes any more.
   */
  memory(offset) {
    const number = this.#number;
    const key = BigInt.asUintN(64, BigInt(offset));
    this.#views ??= new Map();
    const known = this.#views.get(key);
    if (known !== undefined) return Buffer.from(known);
    const length = passBlock(key, number);
    const copy = length <= ROOM ? passed(length) : largeCopy(key, number, length);
    this.#views.set(key, copy);
    return Buffer.from(copy);
  }

  /** A variable of the plug-in, `null` if it is not set. */
  getVariable(name) {
    const value = native.currentVariable(this.#number, String(name));
    return value === null ? null : new PluginOutput(value);
  }

  /** Sets a variable of the plug-in to text or bytes. */
  setVariable(name, value) {
    const bytes = typeof value === 'string' ? Buffer.from(value) : bytesOf(value);
    if (bytes === undefined) throw new TypeError(`the variable \`${name}\` is set to text or bytes`);
    fail(native.currentSetVariable(this.#number, String(name), bytes));
  }

  /** Removes a variable of the plug-in, if it is there. */
  deleteVariable(name) {
    fail(native.currentSetVariable(this.#number, String(name), null));
  }

  /** A value of the plug-in's config, `null` if there is none. */
  config(key) {
    return native.currentConfig(this.#number, String(key));
  }

  /** Lets the call fail with this message when it ends; `null` takes that back. */
  setError(error = null) {
    this.#number;
    this.#call.guestError = error === null ? undefined : String(error?.message ?? error) || WITHOUT_TEXT;
  }

  /** Ends the call as soon as the host function returns. */
  cancel() {
    native.cancel(this.#number);
  }

  /** The least severe messages that are logged of the plug-in. */
  get logLevel() {
    if (this.#call === undefined) this.#number;
    return this.#call.compiled.logLevel;
  }

  set logLevel(_level) {
    throw new Error('the level of a plug-in does not change while it runs; load it with the option `logLevel`');
  }

  /** The plug-in's id, a UUID. */
  get id() {
    return native.currentId(this.#number);
  }

  /** The milliseconds until the call's deadline, `null` without one. */
  get timeLeft() {
    return native.currentTimeLeft(this.#number);
  }

  /** Gives what was written into `memory` to the plug-in. */
  #writeBack() {
    for (const [offset, buffer] of this.#views) {
      // The program may have sent it away.
      if (buffer.byteLength === 0) continue;
      passOffset(offset, this.#call.number);
      native.currentWrite(new Uint8Array(buffer));
    }
  }

  /**
   * Ends the use of the plug-in.
   *
   * @param {CurrentPlugin} current
   * @param {boolean} answered Whether the plug-in still waits.
   */
  static end(current, answered) {
    if (current.#views !== undefined) {
      if (answered) current.#writeBack();
      for (const buffer of current.#views.values()) detach(buffer);
    }
    current.#call = undefined;
  }
}

/** Takes the memory of a buffer away, unless it has none: the program may have sent it away. */
function detach(buffer) {
  if (buffer.byteLength > 0) structuredClone(buffer, { transfer: [buffer] });
}

/** Throws what the addon returned, if it is a failure. */
function fail(failure) {
  if (failure !== null) checked(failure);
}

module.exports = { CurrentPlugin };
