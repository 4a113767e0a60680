/** Our own package, by the surface of `@extism/extism`, in all its modes. */

import { TYPES } from '../catalogue.js';
import { ABILITY } from '../rule.js';
import { Failure } from '../expect.js';
import { functionsByModule, manifestOptions, memoryOptions, recordingLogger } from './options.js';

/** @typedef {import('./surface.js').Surface} Surface */
/** @typedef {import('./surface.js').Given} Given */
/** @typedef {import('./surface.js').Loaded} Loaded */
/** @typedef {import('../rule.js').Ability} Ability */

/** What a mode cannot do. @type {Record<string, Ability[]>} */
const LACKS = {
  // A call that returns its output cannot wait for a promise.
  sync: ['asyncHostFunctions'],
  main: [],
  worker: [],
  // Instances are the pool's, and so are their streams.
  pool: [],
};

/**
 * @param {any} module `plugwright`
 * @param {string} mode
 * @returns {Surface}
 */
export function plugwright(module, mode) {
  const lacks = LACKS[mode] ?? [];
  const abilities = /** @type {Ability[]} */ (Object.keys(ABILITY)).filter((ability) => !lacks.includes(ability));
  return {
    abilities: new Set(abilities),
    takesOptions: true,
    load: (given) => load(module, mode, given),
    failure: pluginFailure,
  };
}

/** @param {any} module @param {string} mode @param {Given} given @returns {Promise<Loaded>} */
async function load(module, mode, given) {
  const compiled = await module.compile(given.source, pluginOptions(module, given, mode));
  return {
    make: () => (mode === 'pool' ? pooled(compiled, given) : single(compiled, given, mode)),
    close: async () => {},
  };
}

/** @param {any} module @param {Given} given @param {string} mode */
function pluginOptions(module, given, mode) {
  const { options, log } = given;
  const { env, args, stdin, stdio } = options;
  const world = { env, args, stdin, stdout: stdio, stderr: stdio };
  return {
    runInWorker: mode === 'worker',
    useWasi: options.wasi ?? false,
    ...manifestOptions(options),
    memory: memoryOptions(options.memory ?? {}),
    allowHttpResponseHeaders: options.http_response_headers,
    fuelLimit: options.fuel,
    maxLogBytes: options.max_log_bytes,
    maxOutputBytes: options.max_output_bytes,
    wasi: world,
    functions: functionsByModule(given.functions.map((offered) => declared(offered, module.ValType))),
    logger: recordingLogger(log),
    logLevel: options.log_level ?? 'info',
  };
}

/**
 * A function with the types that the catalogue says, and errors that are values where it is fallible.
 *
 * @param {Given['functions'][number]} offered
 * @param {any} ValType
 */
function declared(offered, ValType) {
  const { name, call } = offered;
  const [params, results] = (TYPES[name] ?? []).map((types) => types.map((type) => ValType[type]));
  return { ...offered, call: { call, params, results, errorsAsValues: name === 'host_try_fail' } };
}

/** @param {any} compiled @param {Given} given @param {string} mode */
async function single(compiled, given, mode) {
  const plugin = await compiled.instantiate();
  return {
    /** @param {string} name @param {Uint8Array} input */
    async call(name, input) {
      if (mode === 'sync') {
        // No signal reaches a program that waits: the host function itself gives the call up.
        given.shared.cancel = (context) => context.cancel?.();
        return plugin.callSync(name, input)?.bytes() ?? new Uint8Array();
      }
      return (await plugin.call(name, input, undefined, cancellable(given)))?.bytes() ?? new Uint8Array();
    },
    stdout: () => plugin.takeStdout(),
    stderr: () => plugin.takeStderr(),
    close: async () => plugin.close(),
  };
}

/**
 * A pool of one instance, so that variables are where the next call finds them.
 *
 * @param {any} compiled
 * @param {Given} given
 */
async function pooled(compiled, given) {
  const pool = compiled.createPool({ max: 1 });
  return {
    /** @param {string} name @param {Uint8Array} input */
    async call(name, input) {
      return (await pool.call(name, input, undefined, cancellable(given)))?.bytes() ?? new Uint8Array();
    },
    stdout: () => undefined,
    stderr: () => undefined,
    close: async () => pool.close(),
  };
}

/** The options of a call that a host function of the case may cancel. @param {Given} given */
function cancellable(given) {
  if (!given.functions.some(({ name }) => name === 'host_cancel')) return undefined;
  const controller = new AbortController();
  given.shared.cancel = () => controller.abort();
  return { signal: controller.signal };
}

/** What a `PluginError` says; another error is none of the package's. @param {unknown} error */
export function pluginFailure(error) {
  if (!(error instanceof Error)) return new Failure(String(error), 'not an Error');
  const { kind, exitCode } = /** @type {any} */ (error);
  return new Failure(error.message, kind ?? error.name, exitCode);
}
