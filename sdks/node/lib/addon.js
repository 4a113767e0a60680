'use strict';

// The addon, and the memory through which numbers and small bytes are passed to it and back.

/** The names of this platform's addons, as napi-rs names them: Linux has two C libraries. */
const PLATFORMS = {
  linux: ['gnu', 'musl'],
  win32: ['msvc'],
};

/**
 * The addon: beside this package where it was built, else in the package of the platform.
 *
 * @returns {object}
 */
function load() {
  const base = `${process.platform}-${process.arch}`;
  const names = PLATFORMS[process.platform]?.map((abi) => `${base}-${abi}`) ?? [base];
  const failures = [];
  for (const name of names) {
    for (const place of [`../plugwright.${name}.node`, `@plugwright/node-${name}`]) {
      try {
        return require(place);
      } catch (error) {
        // One for the other C library may be installed as well, and cannot be loaded.
        if (error.code !== 'MODULE_NOT_FOUND') failures.push(error);
      }
    }
  }
  const hint = `install the package @plugwright/node-${names[0]}, or build the addon from source`;
  if (failures.length === 0) throw new Error(`plugwright has no addon for ${names.join(' or ')}: ${hint}`);
  throw new Error(`plugwright's addon cannot be loaded: ${failures[0].message}; ${hint}`, { cause: failures[0] });
}

const native = load();

/** The bytes of the header, which holds single numbers. */
const HEADER = 16;

/** The most bytes that are passed without a copy of their own. */
const ROOM = 16 << 10;

const memory = new ArrayBuffer(HEADER + ROOM);

/** Numbers of the header: an offset or a length, or the place of a host function; and the number of a call. */
const numbers = new Uint32Array(memory, 0, HEADER / 4);
/** The offset in the header. */
const offsets = new BigUint64Array(memory, 0, 1);
/** A number of any size in its place. */
const sizes = new Float64Array(memory, 0, 1);
/** What is passed. */
const data = new Uint8Array(memory, HEADER);
const floats = new Float64Array(memory, HEADER);
const integers = new BigInt64Array(memory, HEADER);

/** What has something new when the bell rings, by its number: each has a method `wake`. */
const listeners = new Map();

native.open(new Uint8Array(memory), () => {
  for (const number of native.takeReady()) {
    try {
      listeners.get(number)?.wake();
    } catch (error) {
      // A logger's: it is the process's, as that of any callback, and nothing to the others that have something new.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
});

/** Keeps the process alive while calls are under way that no other thing keeps it alive for. */
let keeper;
let waiting = 0;

/** Begins to listen for a call, for which the process stays alive. */
function await_(number, call) {
  listeners.set(number, call);
  waiting += 1;
  if (waiting > 1) return;
  keeper ??= setInterval(() => {}, 0x7fffffff);
  keeper.ref();
}

/** Ends what `await_` began. */
function awaited(number) {
  listeners.delete(number);
  waiting -= 1;
  if (waiting === 0) keeper.unref();
}

/**
 * A copy of the first bytes that were passed.
 *
 * @param {number} length
 * @returns {ArrayBuffer}
 */
function passed(length) {
  // Faster than to slice the memory itself, by a third.
  return data.slice(0, length).buffer;
}

/** Does something that may pass other things meanwhile. */
function keeping(action) {
  const kept = memory.slice(0);
  try {
    action();
  } finally {
    new Uint8Array(memory).set(new Uint8Array(kept));
  }
}

module.exports = {
  native,
  keeping,
  HEADER,
  ROOM,
  numbers,
  offsets,
  sizes,
  data,
  floats,
  integers,
  listeners,
  await_,
  awaited,
  passed,
};
