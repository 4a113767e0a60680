'use strict';

// A call under way: the addon says what the guest wants, and here it is done.

const { AsyncLocalStorage } = require('node:async_hooks');

const { CurrentPlugin } = require('./current_plugin');
const { PluginError, pluginError, busy } = require('./errors');
const { passedParams, passResults } = require('./host_functions');
const { ROOM, await_, awaited, native, numbers } = require('./native');
const { PluginOutput, passedOutput } = require('./output');

// What `step` says.
const DONE = 0;
const ASKS = 1;
const WAITS = 2;
/** One of these, or 3 for a failure. */
const SAYS = 3;
// They are added.
const HAS_LOGGED = 4;
const WAS_BRIEF = 16;

const AsyncFunction = (async () => {}).constructor;

/** The call whose async host function is running, with the calls around it. Made when there is the first such function, for it costs. */
let running;

/** Whether this code was called by an async host function of the plug-in. */
function isInside(plugin) {
  for (let call = running?.getStore(); call !== undefined; call = call.outer) {
    if (call.owner === plugin) return true;
  }
  return false;
}

/** Whether this is to be waited for. */
const isThenable = (value) =>
  value !== null && (typeof value === 'object' || typeof value === 'function') && typeof value.then === 'function';

/** The message of whatever was thrown. */
function messageOf(thrown) {
  try {
    return String(thrown instanceof Error ? thrown.message || thrown.name : thrown);
  } catch {
    return 'something that is no text was thrown';
  }
}

/** One call of a plug-in. */
class Call {
  /**
   * @param {object} owner The plug-in or pool that is called.
   * @param {object} compiled
   * @param {string} functionName
   * @param {unknown} hostContext
   * @param {{ sync?: boolean, here?: boolean, signal?: AbortSignal }} manner Whether it may not be waited for, whether the guest runs on
   *   this thread, and what gives it up.
   */
  constructor(owner, compiled, functionName, hostContext, { sync = false, here = false, signal = undefined }) {
    this.owner = owner;
    this.compiled = compiled;
    this.functionName = functionName;
    this.hostContext = hostContext;
    this.sync = sync;
    this.here = here;
    this.number = 0;
    this.outer = running?.getStore();
    this.hasEnded = false;
    this.wasBrief = false;
    this.output = null;
    this.error = undefined;
    this.guestError = undefined;
    // What a host function threw, and the plug-in it threw it at.
    this.thrown = undefined;
    this.current = undefined;
    this.logFailure = undefined;
    this.settle = undefined;
    this.onAbort = undefined;
    this.signal = signal;
    this.immediate = undefined;
  }

  /**
   * Does what the guest wants until it waits or has ended.
   *
   * @param {number} status What the addon has said.
   * @returns {boolean} Whether it has ended.
   */
  advance(status) {
    for (;;) {
      const says = status & SAYS;
      // From here on there is nothing left to be cancelled, by a logger for one.
      this.hasEnded = says !== ASKS && says !== WAITS;
      if (status & HAS_LOGGED) this.#deliver();
      if (says === ASKS) {
        if (!this.#ask()) return false;
        status = this.#reply();
        continue;
      }
      if (says === WAITS) {
        if (!this.sync) return false;
        status = native.stepSync(this.number);
        continue;
      }
      this.wasBrief = (status & WAS_BRIEF) !== 0;
      this.#end(says === DONE);
      return true;
    }
  }

  /** Passes messages on. What the logger throws fails the call when it ends. */
  #deliver() {
    try {
      this.compiled.deliverMessages();
    } catch (error) {
      this.logFailure ??= { error };
    }
  }

  /** Calls the host function that the guest asks for; `false` when its promise has to be waited for. */
  #ask() {
    const slot = this.compiled.slots[numbers[0]];
    const params = passedParams(slot.params);
    const current = new CurrentPlugin(this);
    this.current = current;
    this.thrown = undefined;
    let returned;
    let waits;
    this.owner.asking += 1;
    try {
      returned = slot.isAsync ? this.#inside(slot.call, current, params) : slot.call(current, ...params);
      waits = isThenable(returned);
    } catch (error) {
      this.#threw(error);
      return true;
    } finally {
      this.owner.asking -= 1;
    }
    if (!waits) {
      this.#returned(slot, returned);
      return true;
    }
    // A promise of another kind might settle before it has said that it waits, or twice.
    const promise = Promise.resolve(returned);
    if (this.sync) {
      promise.catch(() => {});
      const message = `the host function \`${slot.name}\` returned a promise, which callSync cannot wait for; use call`;
      this.#threw(new TypeError(message));
      return true;
    }
    promise.then(
      (value) => this.#settled(current, () => this.#returned(slot, value)),
      (error) => this.#settled(current, () => this.#threw(error)),
    );
    return false;
  }

  #inside(call, current, params) {
    running ??= new AsyncLocalStorage();
    return running.run(this, call, current, ...params);
  }

  /** Goes on when the promise of a host function has been settled, unless the call has ended before that. */
  #settled(current, answer) {
    if (this.current !== current) return;
    answer();
    try {
      if (this.advance(this.#reply())) this.settle?.();
    } catch (error) {
      this.#broken(error);
    }
  }

  #returned(slot, value) {
    try {
      passResults(slot.results, value, this.current, slot.name);
    } catch (error) {
      this.#threw(error);
    }
  }

  #threw(error) {
    this.thrown = { error };
  }

  #reply() {
    const message = this.thrown === undefined ? null : messageOf(this.thrown.error);
    // What is written into views passes by the header, beside the results.
    CurrentPlugin.end(this.current, true);
    this.current = undefined;
    // The host function itself may have given the call up, before anybody listens.
    if (this.signal?.aborted) native.cancel(this.number);
    if (message !== null) return native.replyError(this.number, message, this.sync);
    numbers[2] = this.number;
    numbers[3] = this.sync ? 1 : 0;
    native.reply();
    return numbers[3];
  }

  #end(isDone) {
    if (this.current !== undefined) {
      CurrentPlugin.end(this.current, false);
      this.current = undefined;
    }
    if (!isDone) {
      this.error = this.#failure();
    } else {
      const length = numbers[0] + numbers[1] * 2 ** 32;
      if (length > ROOM) this.output = this.#largeOutput(length);
      else if (length > 0) this.output = passedOutput(length);
      if (this.guestError !== undefined) {
        const failure = { kind: 'Guest', message: this.guestError, guestMessage: this.guestError };
        this.error = pluginError({ ...failure, functionName: this.functionName, pluginName: this.compiled.name });
      }
    }
    if (this.logFailure !== undefined) this.error ??= this.logFailure.error;
  }

  /** An output that was not passed. */
  #largeOutput(length) {
    let bytes;
    try {
      // Its memory is written to once, and not filled with zeros before.
      bytes = Buffer.allocUnsafeSlow(length);
    } catch (error) {
      // The instance is still to come home.
      native.failure(this.number);
      this.error = error;
      return null;
    }
    native.output(this.number, bytes);
    return new PluginOutput(bytes.buffer);
  }

  #failure() {
    const failure = native.failure(this.number);
    if (failure === null) {
      const message = `plug-in \`${this.compiled.name}\`, function \`${this.functionName}\`: the call was cancelled`;
      const fields = { pluginName: this.compiled.name, functionName: this.functionName };
      return new PluginError({ kind: 'Cancelled', message, ...fields }, this.signal?.aborted ? this.signal.reason : undefined);
    }
    if (failure.kind === 'Guest') return pluginError({ ...failure, guestMessage: failure.guestMessage || this.guestError });
    if (failure.kind !== 'HostFunction' || this.thrown === undefined) return pluginError(failure);
    const { error } = this.thrown;
    // What the plug-in passed was wrong, and the host function has let that through: then it is the plug-in's error.
    if (error instanceof PluginError && error.kind === 'Contract' && error.functionName === undefined) {
      const { pluginName, functionName, backtrace } = failure;
      const { kind, message } = error;
      return pluginError({ kind, message, pluginName, functionName, backtrace }, error);
    }
    return pluginError(failure, error);
  }

  /** Waits for the end: `settle` is called then. */
  begin(settle) {
    const { signal } = this;
    this.settle = () => {
      awaited(this.number);
      if (this.onAbort !== undefined) signal.removeEventListener('abort', this.onAbort);
      settle();
    };
    await_(this.number, this);
    if (signal === undefined) return;
    this.onAbort = () => this.cancel();
    if (signal.aborted) this.onAbort();
    signal.addEventListener('abort', this.onAbort, { once: true });
  }

  /** Gives the call up; whether it was under way. */
  cancel() {
    if (this.hasEnded) return false;
    native.cancel(this.number);
    return true;
  }

  /** The bell has rung for the call. */
  wake() {
    if (!this.here) {
      this.#step();
    } else if (this.immediate === undefined) {
      // A guest that computes for long rings whenever it makes way for others: let them have it.
      this.immediate = setImmediate(() => {
        this.immediate = undefined;
        this.#step();
      });
    }
  }

  #step() {
    if (this.hasEnded) return;
    try {
      if (this.advance(native.step(this.number))) this.settle();
    } catch (error) {
      this.#broken(error);
    }
  }

  /** Ends a call that nothing can be done with any more: the package itself has failed. */
  #broken(error) {
    this.hasEnded = true;
    this.error = error;
    this.settle?.();
  }
}

/** Throws when a call would wait for itself. */
function checkEntry(owner) {
  if (owner.asking > 0 || isInside(owner)) {
    throw busy('the plug-in is called by a host function that it is calling itself; use another instance');
  }
}

module.exports = { Call, AsyncFunction, checkEntry };
