'use strict';

// Plug-ins that run on workers elsewhere, over NATS. What goes over the wire is in the user guide, docs/remote.md.

const { bytesOf } = require('./source');
const { Attempt } = require('./remote/attempt');
const { failure, tooMany } = require('./remote/failures');
const { nats } = require('./remote/package_of_nats');
const { MAX_NUMBER, isName } = require('./remote/wire');

/** The most workers that an idempotent call may lose. */
const MAX_LOST = 3;

/** The most bytes of an input, and of an output, unless told otherwise. */
const MAX_BYTES = 64 << 20;

const [FIRST_PAUSE_MS, LAST_PAUSE_MS, MIN_HEARTBEAT_MS, MAX_TIMEOUT_MS] = [5, 250, 50, 0x7fffffff];

const encoder = new TextEncoder();
const NOTHING = new Uint8Array();

/** A time in milliseconds that is an option. */
function millis(name, value) {
  if (typeof value !== 'number' || !(value >= 0) || value > MAX_TIMEOUT_MS) {
    throw new TypeError(`the option \`${name}\` is a number of milliseconds, from 0 to ${MAX_TIMEOUT_MS}`);
  }
  return value;
}

/** A number of bytes that is an option. */
function size(name, value) {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`the option \`${name}\` is a whole number of bytes`);
  return Math.min(value, MAX_NUMBER);
}

/** The bytes of an input; those of the caller's own memory are not copied. */
function bytesOfInput(input) {
  if (input === undefined || input === null) return NOTHING;
  const isText = ['string', 'number', 'bigint'].includes(typeof input);
  const bytes = isText ? encoder.encode(String(input)) : bytesOf(input);
  if (bytes === undefined) throw new TypeError('a plug-in takes a string, bytes or a number');
  return bytes;
}

/** A connection to NATS, for plug-ins on workers behind it. */
class Nats {
  #connected = true;
  #waiting = new Set();

  /** @param {object} connection A connection of `@nats-io/transport-node`. */
  constructor(connection) {
    this.connection = connection;
    this.#follow().catch(() => {});
  }

  async #follow() {
    for await (const { type } of this.connection.status()) {
      if (type === 'disconnect') this.#connected = false;
      if (type !== 'reconnect') continue;
      this.#connected = true;
      for (const go of [...this.#waiting]) go(true);
    }
  }

  /** Whether there is a connection, waiting for one at most so long. */
  connected(waitMs) {
    if (this.#connected) return Promise.resolve(true);
    return new Promise((resolve) => {
      const go = (yes) => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        resolve(yes);
      };
      const timer = setTimeout(go, Math.max(waitMs, 0), false);
      this.#waiting.add(go);
    });
  }

  /**
   * The plug-in of this name, wherever it runs. Whether there are workers shows at the first call.
   *
   * @param {string} name
   * @param {object} [options]
   * @returns {RemotePlugin}
   */
  plugin(name, options) {
    return new RemotePlugin(this, name, options);
  }

  /** Closes the connection. */
  close() {
    return this.connection.close();
  }
}

/** A plug-in that runs on workers elsewhere, called like a pool. */
class RemotePlugin {
  #nats;
  #name;
  #timeout;
  #wait;
  #heartbeat;
  #idempotent;
  #maxBytes;

  constructor(connection, name, options = {}) {
    const { timeoutMs, waitMs = 5000, heartbeatMs = 1000, idempotent = false, maxBytes = MAX_BYTES } = options;
    if (!isName(name)) throw new TypeError('the name of a plug-in on NATS has 1 to 64 letters, digits, `-` and `_`');
    this.#nats = connection;
    this.#name = name;
    this.#timeout = timeoutMs === undefined ? undefined : millis('timeoutMs', timeoutMs);
    this.#wait = millis('waitMs', waitMs);
    this.#heartbeat = Math.max(millis('heartbeatMs', heartbeatMs), MIN_HEARTBEAT_MS);
    this.#idempotent = Boolean(idempotent);
    this.#maxBytes = size('maxBytes', maxBytes);
  }

  /** The plug-in's name. */
  get name() {
    return this.#name;
  }

  /**
   * Calls a function on some worker.
   *
   * @param {string} functionName
   * @param {string | Uint8Array | number} [input]
   * @param {null} [_hostContext] Host functions are the workers' affair.
   * @param {{ signal?: AbortSignal, timeoutMs?: number }} [options]
   * @returns {Promise<PluginOutput | null>}
   */
  async call(functionName, input, _hostContext, options) {
    const { signal, timeoutMs = this.#timeout } = options ?? {};
    const names = { pluginName: this.#name, functionName };
    if (!isName(functionName)) {
      throw failure(names, 'FunctionNotFound', 'the plug-in exports no function of this name that can be called over NATS');
    }
    const bytes = bytesOfInput(input);
    const [heartbeatMs, maxBytes] = [this.#heartbeat, this.#maxBytes];
    if (bytes.byteLength > maxBytes) throw tooMany(names, 'input', bytes.byteLength, maxBytes);
    const deadline = timeoutMs === undefined ? Infinity : performance.now() + millis('timeoutMs', timeoutMs);
    // They stay as they are, whatever the caller does with its memory. (A `Buffer` has a `slice` of its own, which copies nothing.)
    const copy = typeof input === 'object' ? new Uint8Array(bytes) : bytes;
    return this.#offer({ names, input: copy, heartbeatMs, maxBytes, deadline, signal });
  }

  /** Offers the call to workers until one takes it. */
  async #offer(call) {
    const { names, deadline } = call;
    let patience = performance.now() + this.#wait;
    for (let [pause, lost] = [FIRST_PAUSE_MS, 0]; ; ) {
      if (!(await this.#nats.connected(Math.min(patience, deadline) - performance.now()))) {
        if (performance.now() >= deadline) throw ended(call, 'Timeout');
        throw failure(names, 'Unavailable', 'there is no connection to NATS; check that its server runs');
      }
      const outcome = await new Attempt(this.#nats.connection, call).run();
      if (outcome.ended !== undefined) throw ended(call, outcome.ended);
      if (outcome.failed !== undefined) throw outcome.failed;
      if (outcome.output !== undefined) return outcome.output;
      if (outcome.notBegun !== undefined) {
        if (performance.now() + pause > patience) throw failure(names, 'Unavailable', outcome.notBegun);
        const time = Math.min(pause / 2 + (pause / 2) * Math.random(), deadline - performance.now());
        await new Promise((resolve) => setTimeout(resolve, Math.max(time, 0)));
        pause = Math.min(2 * pause, LAST_PAUSE_MS);
        continue;
      }
      lost += 1;
      if (!this.#idempotent || lost > MAX_LOST) {
        const advice = 'it may have run; set `idempotent` if calls may be repeated';
        throw failure(names, 'Lost', `the call is lost: ${outcome.lost}; ${advice}`);
      }
      // It is not the time that was spent on looking.
      patience = performance.now() + this.#wait;
    }
  }
}

/** The error of a call that ended by its deadline, or that was cancelled. */
function ended({ names, signal }, kind) {
  if (kind === 'Timeout') return failure(names, kind, 'the call did not end before its deadline');
  return failure(names, kind, 'the call was cancelled', signal?.reason);
}

/**
 * Connects to NATS.
 *
 * @param {string | string[]} servers Such as `nats://127.0.0.1:4222`.
 * @param {object} [options] What else `connect` of `@nats-io/transport-node` takes: `user` and `pass`, `token`, `tls`, …
 * @returns {Promise<Nats>}
 */
async function connect(servers, options = {}) {
  return new Nats(await nats().connect({ maxReconnectAttempts: -1, ...options, servers }));
}

module.exports = { Nats, RemotePlugin, connect };
