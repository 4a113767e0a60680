'use strict';

// The options of a plug-in: from their public names to the addon's, checked.

const { bytesOf } = require('./source');
const { linkedFunctions } = require('./host_functions');

/** Those of the public SDK that mean nothing here: there is no second JavaScript whose memory could be shared. */
const IGNORED = ['fetch', 'sharedArrayBufferSize', 'nodeWorkerArgs', 'runInWorker', 'logger', 'functions', 'hostContext'];

/** What the public SDK calls the levels. */
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent', 'off'];

const is = (type) => (value) => typeof value === type;
const isWhole = (value) => Number.isSafeInteger(value) && value >= 0;
/** The most pages of 64 KiB that a memory of WebAssembly has. */
const MAX_PAGES = 65536;
const isPages = (value) => isWhole(value) && value <= MAX_PAGES;
/** Infinity is no limit. */
const isTime = (value) => typeof value === 'number' && value >= 0 && (value <= Number.MAX_SAFE_INTEGER || value === Infinity);
const isRecord = (value) =>
  value !== null && typeof value === 'object' && Object.values(value).every((item) => typeof item === 'string');
const isList = (value) => Array.isArray(value) && value.every((item) => typeof item === 'string');
const isStream = (value) => ['closed', 'inherit', 'capture'].includes(value);
const isBytes = (value) => typeof value === 'string' || bytesOf(value) !== undefined;

/** What a time is. */
const TIME = `a number of milliseconds, ${Number.MAX_SAFE_INTEGER} at most, or Infinity`;

/** What each option has to be, and the addon's name for it where that is another one. */
const OPTIONS = {
  name: [is('string'), 'a string'],
  useWasi: [is('boolean'), 'true or false', 'wasi'],
  config: [isRecord, 'an object of strings'],
  allowedHosts: [isList, 'a list of strings'],
  allowedPaths: [isRecord, 'an object with the folders of the host by those of the guest'],
  timeoutMs: [isTime, TIME, 'timeout'],
  fuelLimit: [isWhole, 'a whole number', 'fuel'],
  maxLogBytes: [isWhole, 'a number of bytes'],
  maxOutputBytes: [isWhole, 'a number of bytes'],
  allowHttpResponseHeaders: [is('boolean'), 'true or false', 'httpResponseHeaders'],
  garbageCollection: [is('boolean'), 'true or false'],
  compactMemory: [is('boolean'), 'true or false'],
};

const MEMORY = {
  maxPages: [isPages, `a whole number of pages, ${MAX_PAGES} at most`],
  maxVarBytes: [isWhole, 'a number of bytes'],
  maxHttpResponseBytes: [isWhole, 'a number of bytes'],
};

const WASI = {
  env: [isRecord, 'an object of strings'],
  args: [isList, 'a list of strings'],
  stdin: [isBytes, 'text or bytes'],
  stdout: [isStream, '"closed", "inherit" or "capture"'],
  stderr: [isStream, '"closed", "inherit" or "capture"'],
};

/** Copies what is set into `to`, checked. */
function take(from, rules, to, where, ignored = []) {
  for (const [key, value] of Object.entries(from)) {
    if (value === undefined || value === null || ignored.includes(key)) continue;
    const rule = rules[key];
    if (rule === undefined) throw new TypeError(`there is no option \`${where}${key}\``);
    const [check, what, name] = rule;
    if (!check(value)) throw new TypeError(`the option \`${where}${key}\` is ${what}`);
    to[name ?? key] = value;
  }
}

/** Whether what plug-ins write to their standard output is shown where nothing says whether it should be. */
const outputShown = () => Boolean(process.env.EXTISM_ENABLE_WASI_OUTPUT);

/** Throws when what a program gives for options is none. */
function checkOptions(options) {
  if (options === null || typeof options !== 'object') {
    throw new TypeError(`the options are an object, not ${options === null ? 'null' : `a ${typeof options}`}`);
  }
}

/**
 * A time limit in milliseconds; `undefined` where there is none.
 *
 * @throws {TypeError} when it is no time
 */
function timeLimit(value, name = 'timeoutMs') {
  if (value === undefined || value === null) return undefined;
  if (isTime(value)) return value;
  throw new TypeError(`the option \`${name}\` is ${TIME}`);
}

/**
 * The options as the addon takes them, and what the package itself needs of them.
 *
 * @param {object} options
 * @returns {{ native: object, functions: Function[], logger: object, logLevel: string }}
 */
function readOptions(options) {
  checkOptions(options);
  const { memory, wasi, logLevel, enableWasiOutput, cache, ...rest } = options;
  const native = { wasi: false };
  take(rest, OPTIONS, native, '', IGNORED);
  if (memory) take(memory, MEMORY, native, 'memory.');
  if (wasi) {
    take(wasi, WASI, native, 'wasi.');
    native.wasi = options.useWasi ?? true;
    if (typeof native.stdin === 'string') native.stdin = Buffer.from(native.stdin);
    else if (native.stdin) native.stdin = bytesOf(native.stdin);
  }
  if (native.wasi && (enableWasiOutput ?? outputShown())) {
    native.stdout ??= 'inherit';
    native.stderr ??= 'inherit';
  }
  if (typeof cache === 'string') native.cacheFolder = cache;
  else if (cache !== undefined) native.cache = Boolean(cache);
  // A program that gives a logger wants to see something; the public SDK of version 1 had no levels.
  const level = logLevel ?? (options.logger ? 'info' : 'silent');
  if (!LEVELS.includes(level)) throw new TypeError(`the option \`logLevel\` is one of ${LEVELS.join(', ')}`);
  native.logLevel = level === 'silent' ? 'off' : level;
  const { offers, functions } = linkedFunctions(options.functions ?? {});
  native.functions = offers;
  return { native, functions, logger: options.logger ?? console, logLevel: level === 'off' ? 'silent' : level };
}

module.exports = { checkOptions, readOptions, timeLimit };
