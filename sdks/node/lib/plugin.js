'use strict';

const { Call, checkEntry } = require('./call');
const { abortedBefore, busy, closed, noFunction } = require('./errors');
const { ELSEWHERE } = require('./head_start');
const { pass, passedLength } = require('./input');
const { ROOM, native, numbers } = require('./native');
const { timeLimit } = require('./options');
const { passedOutput } = require('./output');
const { bytesOf } = require('./source');

const { NativePlugin } = native;

// What `callNow` says, as `step` says it; the second is added.
const DONE = 0;
const TOOK_LONG = 8;

/** Changes of a config, as the addon takes them: a value is set, `null` removes. */
function changesOf(changes) {
  if (changes === null || typeof changes !== 'object') throw new TypeError('changes of the config are an object');
  const keys = Object.keys(changes);
  const values = keys.map((key) => changes[key] ?? null);
  const wrong = values.findIndex((value) => value !== null && typeof value !== 'string');
  if (wrong >= 0) throw new TypeError(`the config's \`${keys[wrong]}\` is set to text, or to null, which removes it`);
  return { keys, values };
}

/** What gives one call up. */
function signalOf(options) {
  const signal = options?.signal ?? undefined;
  if (signal === undefined) return undefined;
  if (typeof signal.aborted === 'boolean' && typeof signal.addEventListener === 'function') return signal;
  throw new TypeError('the option `signal` is an AbortSignal');
}

/**
 * Begins a call.
 *
 * @param {Call} call
 * @param {unknown} input
 * @param {(entry: number, length: number, array: Uint8Array | undefined) => number} start
 * @returns {boolean} Whether it has ended.
 */
function begin(call, input, start) {
  const entry = call.compiled.entry(call.functionName);
  if (entry === undefined) throw noFunction(call.compiled, call.functionName);
  const array = pass(input, 'the input');
  const status = start(entry, passedLength(), array);
  call.number = numbers[2];
  return call.advance(status);
}

/** One instance of a plug-in, with its variables. It does one thing at a time: calls wait for those before them. */
class Plugin {
  #native;
  #code;
  #here;
  /** The call under way. */
  #call;
  /** What waits for it, first come, first served. */
  #waiting = [];
  /** Resolves when the plug-in is closed, as soon as that is wanted. */
  #closing;
  /** Where the addon has the instance. */
  #place;
  /** Whether it was called before: the first call runs what the guest does at its start, too. */
  #isWarm = false;

  /** How many of its host functions are running just now: read and written by the calls. */
  asking = 0;

  /**
   * @param {object} code
   * @param {boolean} here Whether guests run on this thread.
   */
  constructor(code, here) {
    this.#code = code;
    this.#here = here;
    this.#native = new NativePlugin(code.native);
    this.#place = this.#native.place;
  }

  /** The plug-in's name. */
  get name() {
    return this.#code.name;
  }

  /** The plug-in's id, a UUID. */
  get id() {
    return this.#native.id;
  }

  /**
   * Calls a function of the plug-in.
   *
   * @param {string} functionName
   * @param {string | Uint8Array | number} [input]
   * @param {unknown} [hostContext]
   * @param {{ signal?: AbortSignal, timeoutMs?: number }} [options]
   * @returns {Promise<PluginOutput | null>}
   */
  call(functionName, input, hostContext, options) {
    try {
      if (this.#isWarm && this.#here && options === undefined && this.#call === undefined && this.#closing === undefined) {
        const entry = this.#code.brief.get(functionName);
        if (entry !== undefined) return Promise.resolve(this.#now(entry, functionName, input));
      }
      if (this.#closing !== undefined) throw closed();
      if (this.asking !== 0 || this.#call !== undefined) checkEntry(this);
      if (this.#call !== undefined) return this.#later(functionName, input, hostContext, options);
      return this.#begin(functionName, input, hostContext, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #begin(functionName, input, hostContext, options) {
    const signal = signalOf(options);
    if (signal?.aborted) throw abortedBefore(this.#code, functionName, signal);
    const timeout = timeLimit(options?.timeoutMs);
    const call = new Call(this, this.#code, functionName, hostContext, { here: this.#here, signal });
    this.#call = call;
    let ended;
    try {
      ended = begin(call, input, (entry, length, array) =>
        this.#start(this.#placed(functionName, entry, array), length, array, timeout),
      );
    } catch (error) {
      this.#ended();
      throw error;
    }
    if (ended) {
      this.#learn(call, true);
      this.#ended();
      return call.error === undefined ? Promise.resolve(call.output) : Promise.reject(call.error);
    }
    if (this.#here) this.#learn(call, false);
    return new Promise((resolve, reject) => {
      const settle = () => {
        if (!this.#here) this.#learn(call, false);
        this.#ended();
        if (call.error === undefined) resolve(call.output);
        else reject(call.error);
      };
      call.begin(settle);
    });
  }

  /** The number of a function with where it is to run. */
  #placed(functionName, entry, array) {
    if (this.#here) return entry;
    // How long a function takes may depend on how much it gets.
    return array === undefined ? this.#code.headStarts.place(functionName, entry) : entry + ELSEWHERE;
  }

  /** Notes how a call went, for those after it. */
  #learn(call, atOnce) {
    if (!this.#here) {
      this.#code.headStarts.learn(call.functionName, call.wasBrief);
      return;
    }
    if (atOnce) this.#isWarm = true;
    this.#code.learn(call.functionName, atOnce);
  }

  /** Begins a call by the addon, on this thread or another, and returns what that says. */
  #start(entry, length, array, timeout) {
    // Parameters cost more than most calls.
    if (array !== undefined || timeout !== undefined) return this.#native.start(entry, length, array, timeout);
    numbers[0] = length;
    numbers[1] = entry;
    numbers[3] = this.#place;
    native.startPassed();
    return numbers[3];
  }

  /** Calls a function that can wait for nothing, and returns its output. */
  #now(entry, functionName, input) {
    const array = pass(input, 'the input');
    numbers[0] = passedLength();
    numbers[1] = entry;
    numbers[3] = this.#place;
    if (array === undefined) native.callNow();
    else native.callNowWith(array);
    const status = numbers[3];
    const length = numbers[0];
    if (status !== DONE || numbers[1] !== 0 || length > ROOM) return this.#nowEnded(status, functionName);
    return length === 0 ? null : passedOutput(length);
  }

  /** Ends a call that has more to say than a small output. */
  #nowEnded(status, functionName) {
    if (status & TOOK_LONG) this.#code.learn(functionName, false);
    const call = new Call(this, this.#code, functionName, undefined, { here: true });
    call.number = numbers[2];
    this.#call = call;
    try {
      call.advance(status & ~TOOK_LONG);
    } finally {
      this.#ended();
    }
    if (call.error !== undefined) throw call.error;
    return call.output;
  }

  /** Waits for the calls before, and copies the input: it may change until then. */
  #later(functionName, input, hostContext, options) {
    const bytes = bytesOf(input);
    const copy = bytes === undefined ? input : new Uint8Array(bytes);
    const signal = signalOf(options);
    if (signal?.aborted) throw abortedBefore(this.#code, functionName, signal);
    return new Promise((resolve, reject) => {
      const waiting = {
        begin: () => {
          signal?.removeEventListener('abort', waiting.cancel);
          try {
            resolve(this.#begin(functionName, copy, hostContext, options));
          } catch (error) {
            reject(error);
          }
        },
        cancel: () => {
          signal?.removeEventListener('abort', waiting.cancel);
          this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
          reject(abortedBefore(this.#code, functionName, signal));
        },
      };
      signal?.addEventListener('abort', waiting.cancel);
      this.#waiting.push(waiting);
    });
  }

  #ended() {
    this.#call = undefined;
    while (this.#call === undefined && this.#waiting.length > 0) this.#waiting.shift().begin();
  }

  /**
   * Calls a function of the plug-in and waits for its output on this thread, whatever the option `runInWorker` says.
   *
   * @param {string} functionName
   * @param {string | Uint8Array | number} [input]
   * @param {unknown} [hostContext]
   * @param {{ timeoutMs?: number }} [options]
   * @returns {PluginOutput | null}
   */
  callSync(functionName, input, hostContext, options) {
    if (this.#isWarm && options === undefined && !this.#code.mayWait && this.#call === undefined && this.#closing === undefined) {
      const entry = this.#code.entry(functionName);
      if (entry !== undefined) return this.#now(entry, functionName, input);
    }
    this.#checkIdle();
    const timeout = timeLimit(options?.timeoutMs);
    const call = new Call(this, this.#code, functionName, hostContext, { sync: true, here: true });
    this.#call = call;
    try {
      begin(call, input, (entry, length, array) => this.#start(entry, length, array, timeout));
    } finally {
      this.#ended();
    }
    this.#isWarm = true;
    if (call.error !== undefined) throw call.error;
    return call.output;
  }

  /** Gives up the call under way, and those that wait for it; whether there was one. */
  static cancelCalls(plugin) {
    const calls = plugin.#waiting.filter(({ cancel }) => cancel !== undefined);
    for (const { cancel } of calls) cancel();
    // A call may have ended, but for what it logged.
    const wasUnderWay = plugin.#call?.cancel() ?? false;
    return wasUnderWay || calls.length > 0;
  }

  /** Throws when the plug-in cannot be used at once. */
  #checkIdle() {
    if (this.#closing !== undefined) throw closed();
    checkEntry(this);
    if (this.#call !== undefined) throw busy('a call of the plug-in is under way; wait for it, or use another instance');
  }

  /** Whether the plug-in exports a function of this name that can be called. */
  async functionExists(functionName) {
    return this.#code.entry(functionName) !== undefined;
  }

  /** What the plug-in's main module exports, as `WebAssembly.Module.exports` tells it. */
  async getExports() {
    const { exports } = await this.#code.items();
    return exports.map(({ name, kind }) => ({ name, kind }));
  }

  /** What the plug-in's main module imports, as `WebAssembly.Module.imports` tells it. */
  async getImports() {
    const { imports } = await this.#code.items();
    return imports.map(({ module, name, kind }) => ({ module, name, kind }));
  }

  /** There is no `WebAssembly.Instance`: plug-ins do not run in JavaScript's engine. */
  async getInstance() {
    throw new Error('plug-ins do not run in the WebAssembly of JavaScript, so that there is no instance to get');
  }

  /** Whether a call is under way. */
  isActive() {
    return this.#call !== undefined;
  }

  /** Frees what calls left in the memory shared with the host; `false` when a call is under way. */
  async reset() {
    if (this.#closing !== undefined) throw closed();
    if (this.#call !== undefined) return false;
    this.#native.reset();
    return true;
  }

  /** Discards the instance, so that the next call gets a fresh one. Variables and config stay. */
  restart() {
    this.#checkIdle();
    this.#native.restart();
  }

  /** Changes the config that the plug-in reads: sets the keys with a value, removes those with `null`. */
  updateConfig(changes) {
    this.#checkIdle();
    this.#updateConfig(changesOf(changes));
  }

  #updateConfig({ keys, values }) {
    this.#native.updateConfig(keys, values);
  }

  /** Like `updateConfig`, after the calls that were made, if there are any. */
  static updateConfigInTurn(plugin, changes) {
    const checked = changesOf(changes);
    if (plugin.#call === undefined) plugin.#updateConfig(checked);
    else plugin.#waiting.push({ begin: () => plugin.#updateConfig(checked) });
  }

  /** What the plug-in wrote to standard output since the last time, if `wasi.stdout` is "capture". */
  takeStdout() {
    this.#checkIdle();
    return this.#native.takeStdout();
  }

  /** What the plug-in wrote to standard error since the last time, if `wasi.stderr` is "capture". */
  takeStderr() {
    this.#checkIdle();
    return this.#native.takeStderr();
  }

  /** The fuel that the last call consumed, `null` without a limit. */
  fuelConsumed() {
    this.#checkIdle();
    return this.#native.fuelConsumed();
  }

  /** Takes no more calls, waits for those that were made, and frees the instance. */
  async close() {
    if (this.#closing === undefined || this.#call !== undefined) checkEntry(this);
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close() {
    if (this.#call !== undefined) {
      await new Promise((resolve) => {
        this.#waiting.push({ begin: resolve });
      });
    }
    this.#native.close();
  }

  [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    return this.close();
  }
}

module.exports = { Plugin, begin, signalOf };
