'use strict';

// Plug-ins that run on workers elsewhere, over NATS. What goes over the wire is in the user guide, docs/remote.md.

const { PluginError, pluginError } = require('./errors');
const { PluginOutput } = require('./output');
const { bytesOf } = require('./source');

const TIMEOUT = 'Plugwright-Timeout-Ms';
const HEARTBEAT = 'Plugwright-Heartbeat-Ms';
const NOT_BEGUN = 'Plugwright-Not-Begun';
const ERROR_CODE = 'Nats-Service-Error-Code';

/** The status of NATS itself when nobody serves a subject. */
const NO_RESPONDERS = 503;

/** After so many periods without a sign of life a worker counts as gone. */
const SILENCE = 4;

/** The most workers that an idempotent call may lose. */
const MAX_LOST = 3;

/** The bytes that headers may need of a message. */
const HEADER_BYTES = 1024;

const [FIRST_PAUSE_MS, LAST_PAUSE_MS, MIN_HEARTBEAT_MS, MAX_TIMEOUT_MS] = [5, 250, 50, 0x7fffffff];

/** The code of a trap, and of what failed on the side of the host. */
const [TRAP_CODE, HOST_CODE] = [134, -1];

const isName = (name) => typeof name === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(name);

const encoder = new TextEncoder();

/** The package for NATS, which only those need who call plug-ins elsewhere. */
function nats() {
  try {
    return require('@nats-io/transport-node');
  } catch (cause) {
    throw new Error('install @nats-io/transport-node, which calls plug-ins over NATS', { cause });
  }
}

/** A time in milliseconds that is an option. */
function millis(name, value) {
  if (typeof value !== 'number' || !(value >= 0) || value > MAX_TIMEOUT_MS) {
    throw new TypeError(`the option \`${name}\` is a number of milliseconds, from 0 to ${MAX_TIMEOUT_MS}`);
  }
  return value;
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

  constructor(connection, name, { timeoutMs, waitMs = 5000, heartbeatMs = 1000, idempotent = false } = {}) {
    if (!isName(name)) throw new TypeError('the name of a plug-in on NATS has 1 to 64 letters, digits, `-` and `_`');
    this.#nats = connection;
    this.#name = name;
    this.#timeout = timeoutMs === undefined ? undefined : millis('timeoutMs', timeoutMs);
    this.#wait = millis('waitMs', waitMs);
    this.#heartbeat = Math.max(millis('heartbeatMs', heartbeatMs), MIN_HEARTBEAT_MS);
    this.#idempotent = Boolean(idempotent);
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
  async call(functionName, input = '', _hostContext = null, { signal, timeoutMs = this.#timeout } = {}) {
    if (!isName(functionName)) {
      const message = 'the plug-in exports no function of this name that can be called over NATS';
      throw this.#error(functionName, 'FunctionNotFound', message);
    }
    const bytes = typeof input === 'object' ? bytesOf(input) : encoder.encode(String(input));
    if (bytes === undefined) throw new TypeError('a plug-in takes a string, bytes or a number');
    const deadline = timeoutMs === undefined ? Infinity : performance.now() + millis('timeoutMs', timeoutMs);
    let patience = performance.now() + this.#wait;
    for (let [pause, lost] = [FIRST_PAUSE_MS, 0]; ; ) {
      if (!(await this.#nats.connected(Math.min(patience, deadline) - performance.now()))) {
        if (performance.now() >= deadline) throw this.#ended(functionName, 'Timeout');
        throw this.#error(functionName, 'Unavailable', 'there is no connection to NATS; check that its server runs');
      }
      const max = (this.#nats.connection.info?.max_payload ?? Infinity) - HEADER_BYTES;
      if (bytes.byteLength > max) {
        const sizes = `the input has ${bytes.byteLength} bytes, and a message of this NATS server at most ${max}`;
        throw this.#error(functionName, 'Limit', `${sizes}; raise its \`max_payload\`, or send less`);
      }
      const outcome = await this.#attempt(functionName, bytes, deadline, signal);
      if (outcome.ended !== undefined) throw this.#ended(functionName, outcome.ended, signal);
      if (outcome.failed !== undefined) throw outcome.failed;
      if (outcome.output !== undefined) return outcome.output;
      if (outcome.notBegun !== undefined) {
        if (performance.now() + pause > patience) throw this.#error(functionName, 'Unavailable', outcome.notBegun);
        const time = Math.min(pause / 2 + (pause / 2) * Math.random(), deadline - performance.now());
        await new Promise((resolve) => setTimeout(resolve, Math.max(time, 0)));
        pause = Math.min(2 * pause, LAST_PAUSE_MS);
        continue;
      }
      lost += 1;
      if (!this.#idempotent || lost > MAX_LOST) {
        const advice = 'it may have run; set `idempotent` if calls may be repeated';
        throw this.#error(functionName, 'Lost', `the call is lost: ${outcome.lost}; ${advice}`);
      }
      // It is not the time that was spent on looking.
      patience = performance.now() + this.#wait;
    }
  }

  /** Sends the call once. Its worker is told when nobody waits any more. */
  #attempt(functionName, bytes, deadline, signal) {
    const left = deadline - performance.now();
    if (signal?.aborted) return { ended: 'Cancelled' };
    if (left <= 0) return { ended: 'Timeout' };
    const { createInbox, headers } = nats();
    const { connection } = this.#nats;
    const [inbox, request] = [createInbox(), headers()];
    request.set(HEARTBEAT, String(Math.floor(this.#heartbeat)));
    if (left < Infinity) request.set(TIMEOUT, String(Math.ceil(left)));
    return new Promise((resolve) => {
      const timers = [];
      let subscription;
      const settle = (outcome) => {
        timers.forEach(clearTimeout);
        signal?.removeEventListener('abort', abort);
        try {
          subscription?.unsubscribe();
          if (outcome.lost ?? outcome.ended) connection.publish(`plugwright-cancel.${this.#name}`, encoder.encode(inbox));
        } catch {
          // Without a connection nobody can be told; the worker ends by itself at the call's deadline.
        }
        resolve(outcome);
      };
      const abort = () => settle({ ended: 'Cancelled' });
      const listen = () => {
        clearTimeout(timers[0]);
        const silence = SILENCE * this.#heartbeat;
        timers[0] = setTimeout(() => settle({ lost: `its worker has been silent for ${silence} ms` }), silence);
      };
      try {
        const callback = (error, message) => {
          const outcome = error ? { lost: error.message } : this.#outcome(functionName, message);
          if (outcome === undefined) listen();
          else settle(outcome);
        };
        subscription = connection.subscribe(inbox, { callback });
        connection.publish(`plugwright.${this.#name}.${functionName}`, bytes, { reply: inbox, headers: request });
      } catch (error) {
        settle({ failed: this.#error(functionName, 'Unavailable', `the call cannot be sent: ${error.message}`, error) });
        return;
      }
      listen();
      if (left < Infinity) timers[1] = setTimeout(() => settle({ ended: 'Timeout' }), left);
      signal?.addEventListener('abort', abort);
    });
  }

  /** What a reply means; `undefined` for a sign of life. */
  #outcome(functionName, message) {
    const head = (name) => message.headers?.get(name);
    if (head(HEARTBEAT)) return undefined;
    if (head(NOT_BEGUN)) return { notBegun: head(NOT_BEGUN) };
    if (head(ERROR_CODE)) {
      const failed = this.#sent(functionName, message.data);
      return failed.kind === 'Lost' ? { lost: failed.message } : { failed };
    }
    if (message.headers?.code === NO_RESPONDERS) {
      return { notBegun: `no worker serves the plug-in \`${this.#name}\`; start one with \`plugwright worker\`` };
    }
    const { data } = message;
    if (data.byteLength === 0) return { output: null };
    return { output: new PluginOutput(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)) };
  }

  /** The error of a worker. */
  #sent(functionName, data) {
    let report;
    try {
      report = JSON.parse(new TextDecoder().decode(data));
    } catch {
      report = undefined;
    }
    if (typeof report?.kind !== 'string') {
      const message = 'the worker\'s error is not one of Plugwright; check that nothing else serves this subject';
      return this.#error(functionName, 'Incompatible', message);
    }
    const { kind, code, plugin = this.#name, backtrace } = report;
    const frame = ({ function: name, function_index: functionIndex, ...rest }) => ({ functionName: name, functionIndex, ...rest });
    return pluginError({
      kind,
      message: `plug-in \`${plugin}\`, function \`${report.function ?? functionName}\`: ${report.message}`,
      exitCode: code ?? (kind === 'Trap' ? TRAP_CODE : HOST_CODE),
      pluginName: plugin,
      functionName: report.function ?? functionName,
      hostFunction: report.host_function,
      guestMessage: report.said,
      backtrace: backtrace?.map(frame),
    });
  }

  #ended(functionName, kind, signal) {
    if (kind === 'Timeout') return this.#error(functionName, kind, 'the call did not end before its deadline');
    return this.#error(functionName, kind, 'the call was cancelled', signal?.reason);
  }

  #error(functionName, kind, message, cause) {
    const names = { pluginName: this.#name, functionName };
    return new PluginError({ kind, message: `plug-in \`${this.#name}\`, function \`${functionName}\`: ${message}`, ...names }, cause);
  }
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
