'use strict';

// One attempt to have a call made by some worker.

const { PluginOutput } = require('../output');
const { failure, sent, stranger, tooMany } = require('./failures');
const { nats } = require('./package_of_nats');
const { fetch } = require('./parts');
const { CALLS, CANCELLATIONS, HEADER, digits, hasParts, header, isNobody, isReply, numberOf, roomOf, shown } = require('./wire');

/** After so many periods without a sign of life a worker counts as gone. */
const SILENCE = 4;

/** The longest time of a timer. */
const MAX_TIMER_MS = 0x7fffffff;

const encoder = new TextEncoder();

/**
 * What every attempt of a call sends, and how long it waits.
 *
 * @typedef {object} Call
 * @property {{ pluginName: string, functionName: string }} names
 * @property {Uint8Array} input
 * @property {number} heartbeatMs How often a worker says that it is at it.
 * @property {number} maxBytes The most bytes of an output.
 * @property {number} deadline By `performance.now()`, or `Infinity`.
 * @property {AbortSignal} [signal]
 */

/**
 * What became of an attempt: why nothing ran, why nobody knows, an error, that it ended by its deadline or was cancelled, or the output.
 * With `given`, a worker may still have something for the call.
 *
 * @typedef {object} Outcome
 * @property {string} [notBegun]
 * @property {string} [lost]
 * @property {Error} [failed]
 * @property {'Timeout' | 'Cancelled'} [ended]
 * @property {PluginOutput | null} [output]
 * @property {boolean} [given]
 */

class Attempt {
  #connection;
  #call;
  #inbox;
  #settled;
  #replies;
  #silence;
  #timeout;
  /** Stops fetching the output. */
  #stop;
  #abort = () => this.#settle({ ended: 'Cancelled' });

  constructor(connection, call) {
    this.#connection = connection;
    this.#call = call;
  }

  /**
   * Sends the call, and waits for what becomes of it. Its worker is told when nobody waits any more.
   *
   * @returns {Promise<Outcome>}
   */
  run() {
    const left = this.#call.deadline - performance.now();
    if (this.#call.signal?.aborted) return Promise.resolve({ ended: 'Cancelled' });
    if (left <= 0) return Promise.resolve({ ended: 'Timeout' });
    this.#inbox = nats().createInbox();
    return new Promise((resolve) => {
      this.#settled = resolve;
      try {
        this.#send(left);
      } catch (error) {
        this.#settle({ failed: failure(this.#call.names, 'Unavailable', `the call cannot be sent: ${error.message}`, error) });
        return;
      }
      this.#listen();
      if (left < Infinity) this.#timeout = setTimeout(() => this.#settle({ ended: 'Timeout' }), left);
      this.#call.signal?.addEventListener('abort', this.#abort);
    });
  }

  #send(left) {
    const { names, input, heartbeatMs, maxBytes } = this.#call;
    const headers = nats().headers();
    headers.set(HEADER.heartbeat, digits(heartbeatMs));
    headers.set(HEADER.takesBytes, digits(maxBytes));
    if (left < Infinity) headers.set(HEADER.timeout, digits(Math.ceil(left)));
    const inParts = input.byteLength > roomOf(this.#connection);
    if (inParts) headers.set(HEADER.inputBytes, digits(input.byteLength));
    const subject = `${CALLS}.${names.pluginName}.${names.functionName}`;
    this.#replies = this.#connection.subscribe(this.#inbox, { callback: (error, message) => this.#hear(error, message) });
    this.#connection.publish(subject, inParts ? new Uint8Array(0) : input, { reply: this.#inbox, headers });
  }

  #settle(outcome) {
    clearTimeout(this.#silence);
    clearTimeout(this.#timeout);
    this.#call.signal?.removeEventListener('abort', this.#abort);
    try {
      this.#stop?.();
      this.#replies?.unsubscribe();
      if (outcome.given || (outcome.lost ?? outcome.ended) !== undefined) {
        this.#connection.publish(`${CANCELLATIONS}.${this.#call.names.pluginName}`, encoder.encode(this.#inbox));
      }
    } catch {
      // Without a connection nobody can be told; the worker ends by itself at the call's deadline.
    }
    this.#settled(outcome);
  }

  /** Waits for the next sign of life. */
  #listen() {
    clearTimeout(this.#silence);
    // What is longer than a timer can be would be over at once.
    const silence = Math.min(SILENCE * this.#call.heartbeatMs, MAX_TIMER_MS);
    this.#silence = setTimeout(() => this.#settle({ lost: `its worker has been silent for ${silence} ms` }), silence);
  }

  #hear(error, message) {
    // While parts of the output are fetched, nothing that comes here matters.
    if (this.#stop !== undefined) return;
    let outcome;
    try {
      outcome = error ? { lost: error.message } : this.#outcome(message);
    } catch (failed) {
      outcome = { lost: failed.message };
    }
    if (outcome !== undefined) this.#settle(outcome);
    else if (this.#stop === undefined) this.#listen();
  }

  /** What a reply means; `undefined` if it is not the end. */
  #outcome(message) {
    const { names, maxBytes } = this.#call;
    if (isNobody(message)) {
      return { notBegun: `no worker serves the plug-in \`${names.pluginName}\`; start one with \`plugwright worker\`` };
    }
    if (header(message, HEADER.heartbeat) !== undefined) return undefined;
    const from = header(message, HEADER.part);
    if (from !== undefined) return this.#sendPart(from, message.reply);
    const notBegun = header(message, HEADER.notBegun);
    if (notBegun !== undefined) return { notBegun: notBegun || 'a worker refused the call' };
    if (header(message, HEADER.errorCode) !== undefined) {
      const failed = sent(names, message.data);
      return failed.kind === 'Lost' ? { lost: failed.message } : { failed };
    }
    const at = header(message, HEADER.outputAt);
    if (at !== undefined) return this.#fetch(at, header(message, HEADER.outputBytes));
    const { buffer, byteOffset, byteLength } = message.data;
    if (byteLength > maxBytes) return { failed: tooMany(names, 'output', byteLength, maxBytes) };
    return outputOf(buffer.slice(byteOffset, byteOffset + byteLength));
  }

  /** The worker that took the call wants the input from some byte on. */
  #sendPart(from, reply) {
    const { names, input } = this.#call;
    const begin = numberOf(from);
    if (begin === undefined || begin >= input.byteLength) {
      const failed = stranger(names, `the worker asks for the input from byte ${shown(from)} on, of ${input.byteLength}`);
      return { failed, given: true };
    }
    const end = Math.min(begin + roomOf(this.#connection), input.byteLength);
    if (isReply(reply)) this.#connection.publish(reply, input.subarray(begin, end));
    return undefined;
  }

  /** The output is at the worker, in parts. */
  #fetch(at, said) {
    const { names, maxBytes } = this.#call;
    const size = numberOf(said);
    if (size === undefined || !hasParts(names.pluginName, at)) {
      const message = `the worker says that the output of ${shown(said)} bytes is at ${shown(at)}, where none can be`;
      return { failed: stranger(names, message), given: true };
    }
    if (size > maxBytes) return { failed: tooMany(names, 'output', size, maxBytes), given: true };
    // Each part has its own patience.
    clearTimeout(this.#silence);
    this.#stop = fetch(this.#connection, at, size, (reason, buffer) => {
      this.#settle(reason === undefined ? outputOf(buffer) : { lost: `its output did not arrive: ${reason}` });
    });
    return undefined;
  }
}

/** An output, of which an empty one is `null`. */
const outputOf = (buffer) => ({ output: buffer.byteLength === 0 ? null : new PluginOutput(buffer) });

module.exports = { Attempt };
