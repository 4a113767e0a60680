'use strict';

const { availableParallelism, cpus } = require('node:os');

const { Call } = require('./call');
const { abortedBefore, closed } = require('./errors');
const { native } = require('./native');
const { checkOptions, timeLimit } = require('./options');
const { begin, signalOf } = require('./plugin');

const { NativePool } = native;

/** Instances of one plug-in, called on all processors while the event loop goes on. */
class Pool {
  #native;
  #code;
  #acquireTimeout;
  #active = 0;
  #isClosed = false;
  #whenIdle = [];

  /** How many host functions are running just now: written by the calls. An instance is entered once whatever they do. */
  asking = 0;

  /**
   * @param {object} code
   * @param {{ max?: number, acquireTimeoutMs?: number }} options
   */
  constructor(code, options = {}) {
    checkOptions(options);
    const { max = availableParallelism?.() ?? cpus().length, acquireTimeoutMs } = options;
    if (!Number.isSafeInteger(max) || max < 1 || max > 0x7fffffff) {
      throw new TypeError('the option `max` is the number of instances, at least 1');
    }
    this.#acquireTimeout = timeLimit(acquireTimeoutMs, 'acquireTimeoutMs');
    this.#code = code;
    this.#native = new NativePool(code.native, max);
  }

  /** The plug-in's name. */
  get name() {
    return this.#code.name;
  }

  /** The most instances that are called at a time. */
  get max() {
    return this.#native.max;
  }

  /** How many calls are under way, or wait for an instance. */
  get active() {
    return this.#active;
  }

  /**
   * Calls a function of some instance. At most `max` calls are under way at a time; the others wait, first come, first served.
   *
   * @param {string} functionName
   * @param {string | Uint8Array | number} [input]
   * @param {unknown} [hostContext]
   * @param {{ signal?: AbortSignal, timeoutMs?: number }} [options]
   * @returns {Promise<PluginOutput | null>}
   */
  call(functionName, input, hostContext, options) {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw closed();
      const signal = signalOf(options);
      if (signal?.aborted) throw abortedBefore(this.#code, functionName, signal);
      const timeout = timeLimit(options?.timeoutMs);
      const call = new Call(this, this.#code, functionName, hostContext, { signal });
      const settle = () => {
        this.#ended();
        if (call.error === undefined) resolve(call.output);
        else reject(call.error);
      };
      this.#active += 1;
      let ended;
      try {
        ended = begin(call, input, (entry, length, array) =>
          this.#native.start(entry, length, array, timeout, this.#acquireTimeout),
        );
      } catch (error) {
        this.#ended();
        throw error;
      }
      if (ended) settle();
      else call.begin(settle);
    });
  }

  #ended() {
    this.#active -= 1;
    if (this.#active === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Whether the plug-in exports a function of this name that can be called. */
  async functionExists(functionName) {
    return this.#code.entry(functionName) !== undefined;
  }

  /** Takes no more calls, waits for those that were made, and frees the instances. */
  async close() {
    this.#isClosed = true;
    if (this.#active > 0) {
      await new Promise((resolve) => {
        this.#whenIdle.push(resolve);
      });
    }
    this.#native.close();
  }

  [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    return this.close();
  }
}

module.exports = { Pool };
