/** The public package, on the main thread and in a worker: to see which behaviour is the public one. */

import { Failure } from '../expect.js';
import { functionsByModule, manifestOptions, memoryOptions, recordingLogger } from './options.js';

/** @typedef {import('./surface.js').Surface} Surface */
/** @typedef {import('./surface.js').Given} Given */
/** @typedef {import('../rule.js').Ability} Ability */

/** @type {Ability[]} */
const ALWAYS = ['logs', 'responseHeaders'];
/** @type {Ability[]} */
const IN_A_WORKER = ['http', 'timeLimit', 'asyncHostFunctions'];

/**
 * @param {any} module `@extism/extism`
 * @param {'main' | 'worker'} mode
 * @returns {Surface}
 */
export function extism(module, mode) {
  const runInWorker = mode === 'worker';
  return {
    abilities: new Set([...ALWAYS, ...(runInWorker ? IN_A_WORKER : [])]),
    takesOptions: true,
    async load(given) {
      // What it compiles, it keeps with the plug-in.
      return { make: () => make(module, given, runInWorker), close: async () => {} };
    },
    failure: (error) => new Failure(error instanceof Error ? error.message : String(error)),
  };
}

/** @param {any} module @param {Given} given @param {boolean} runInWorker */
async function make(module, given, runInWorker) {
  const { options, source, log } = given;
  const plugin = await module.createPlugin(source, {
    runInWorker,
    useWasi: options.wasi ?? false,
    ...manifestOptions(options),
    memory: memoryOptions(options.memory ?? {}),
    allowHttpResponseHeaders: options.http_response_headers ?? false,
    functions: functionsByModule(given.functions),
    logger: recordingLogger(log),
    logLevel: options.log_level === 'off' ? 'silent' : (options.log_level ?? 'info'),
  });
  return {
    /** @param {string} name @param {Uint8Array} input */
    async call(name, input) {
      const output = await plugin.call(name, input);
      return output?.bytes() ?? new Uint8Array();
    },
    stdout: () => undefined,
    stderr: () => undefined,
    close: () => plugin.close(),
  };
}
