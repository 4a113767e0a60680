'use strict';

// Outputs that are larger than a message: whoever needs one asks for it part by part, one at a time.

const { nats } = require('./package_of_nats');
const { HEADER, digits, isNobody } = require('./wire');

/** How long one part may take, in milliseconds. */
const PATIENCE_MS = 10_000;

/** Bytes that come one after the other. What somebody says that there is costs nothing before it comes. */
class Whole {
  #bytes = new Uint8Array(0);
  #length = 0;

  /** @param {number} size How many bytes there will be. */
  constructor(size) {
    this.size = size;
  }

  /** How many bytes are missing. */
  get missing() {
    return this.size - this.#length;
  }

  get length() {
    return this.#length;
  }

  /** Adds a part, of as many bytes as are missing at most. */
  add(part) {
    const length = this.#length + part.byteLength;
    if (length > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.min(this.size, Math.max(length, 2 * this.#bytes.byteLength)));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }

  /** The memory with the bytes, when none is missing. */
  get buffer() {
    return this.#bytes.buffer;
  }
}

/**
 * Fetches an output that a worker has in parts.
 *
 * @param {object} connection
 * @param {string} at Where it is.
 * @param {number} size How many bytes it has.
 * @param {(reason: string | undefined, buffer?: ArrayBuffer) => void} done Called once, with the reason why it does not come, or with it.
 * @returns {() => void} Stops that.
 */
function fetch(connection, at, size, done) {
  const { createInbox, headers } = nats();
  const inbox = createInbox();
  const whole = new Whole(size);
  let [timer, subscription] = [];
  // Each part comes to a subject of its own, so that one that comes twice is there once.
  const placeOf = (begin) => `${inbox}.${begin}`;
  const ask = (reply) => {
    const message = headers();
    message.set(HEADER.part, digits(whole.length));
    connection.publish(at, new Uint8Array(0), { headers: message, reply });
  };
  const stop = () => {
    clearTimeout(timer);
    subscription?.unsubscribe();
  };
  const settle = (reason, buffer) => {
    stop();
    done(reason, buffer);
  };
  const next = () => {
    clearTimeout(timer);
    if (whole.missing > 0) {
      timer = setTimeout(settle, PATIENCE_MS, `no part came for ${PATIENCE_MS} ms`);
      ask(placeOf(whole.length));
      return;
    }
    try {
      // This says that none is missing.
      ask();
    } catch {
      // Without it the worker forgets the output a while later.
    }
    settle(undefined, whole.buffer);
  };
  const take = (message) => {
    const { byteLength } = message.data;
    if (message.subject !== placeOf(whole.length)) return;
    if (isNobody(message)) {
      settle('its worker is gone');
    } else if (byteLength === 0 || byteLength > whole.missing) {
      settle(`a part of ${byteLength} bytes came at ${whole.length}, of ${size} in all`);
    } else {
      whole.add(message.data);
      next();
    }
  };
  const attempt = (step) => {
    try {
      step();
    } catch (error) {
      settle(error.message);
    }
  };
  const callback = (error, message) => attempt(() => (error ? settle(error.message) : take(message)));
  subscription = connection.subscribe(`${inbox}.*`, { callback });
  attempt(next);
  return stop;
}

module.exports = { fetch };
