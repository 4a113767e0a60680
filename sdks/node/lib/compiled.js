'use strict';

const { AsyncFunction } = require('./call');
const { checked } = require('./errors');
const { HeadStarts } = require('./head_start');
const { keeping, listeners, native } = require('./native');
const { readOptions } = require('./options');
const { toSource, toSourceLater } = require('./source');

/** A host function of the plug-in, as it is linked. */
function slotOf({ offer, params, results }, { functions, native: { functions: offers } }) {
  const call = functions[offer];
  return { name: offers[offer].name, call, params, results, isAsync: call.constructor === AsyncFunction };
}

/** What is shared by all instances of a plug-in, for which nobody else needs to know. */
class Code {
  #items;

  constructor(compiled, options, source) {
    this.native = compiled;
    this.name = compiled.name;
    this.source = source;
    this.logger = options.logger;
    this.logLevel = options.logLevel;
    this.slots = compiled.slots().map((slot) => slotOf(slot, options));
    this.entries = new Map(compiled.entries().map((name, entry) => [name, entry]));
    // What can wait for nothing may run on the stack of this thread, which costs less.
    this.mayWait = compiled.mayWait;
    this.brief = new Map();
    // What belongs on another thread may begin on this one.
    this.headStarts = new HeadStarts();
    const self = new WeakRef(this);
    // Instances keep their code; so what nobody uses any more is not kept by the bell.
    listeners.set(compiled.logNumber, { wake: () => self.deref()?.deliverMessages() });
    forgotten.register(this, compiled.logNumber);
  }

  /** Passes what the plug-in has logged on. */
  deliverMessages() {
    const messages = this.native.takeMessages();
    // What the addon has passed is still to be read, and a logger may call other plug-ins.
    let failure;
    keeping(() => {
      for (const { level, message } of messages) {
        try {
          const write = this.logger[level] ?? this.logger.log;
          write?.call(this.logger, message);
        } catch (error) {
          // The other messages are not lost by that.
          failure ??= { error };
        }
      }
    });
    if (failure !== undefined) throw failure.error;
  }

  /** What the main module imports and exports, for which its source is read once more. */
  async items() {
    this.#items ??= native.items(this.source);
    return checked(await this.#items);
  }

  /** Notes how long a function took that can wait for nothing: whether it had to make way for the event loop. */
  learn(name, isBrief) {
    if (!isBrief) this.brief.delete(name);
    else if (!this.mayWait) this.brief.set(name, this.entries.get(name));
  }

  /** The place of a function in the list of those that can be called. */
  entry(name) {
    return this.entries.get(name);
  }
}

const forgotten = new FinalizationRegistry((number) => listeners.delete(number));

/** Compiles on another thread. */
async function compileCode(source, options = {}) {
  const read = readOptions(options);
  const from = await toSourceLater(source, options.fetch);
  return new Code(checked(await native.compile(from, read.native)), read, from);
}

/** Compiles on this thread. */
function compileCodeSync(source, options = {}) {
  const read = readOptions(options);
  const from = toSource(source);
  return new Code(checked(native.compileSync(from, read.native)), read, from);
}

module.exports = { Code, compileCode, compileCodeSync };
