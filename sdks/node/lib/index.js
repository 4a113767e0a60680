'use strict';

const { compileCode, compileCodeSync } = require('./compiled');
const { CurrentPlugin } = require('./current_plugin');
const { PluginError, checked } = require('./errors');
const { ValType } = require('./host_functions');
const { checkOptions } = require('./options');
const { PluginOutput } = require('./output');
const { Plugin } = require('./plugin');
const { Pool } = require('./pool');
const { trustedCompiledCode } = require('./source');

/** The module that the contract's own functions are in. */
const EXTISM_ENV = 'extism:host/env';
/** The module that host functions are in unless another is named. */
const EXTISM_USER = 'extism:host/user';
/** The module of Plugwright's own functions. */
const PLUGWRIGHT_ENV = 'plugwright:host/env';

/** What this package can do, in the words of the public SDK. */
const CAPABILITIES = Object.freeze({
  supportsJSPromiseInterface: true,
  allowSharedBufferCodec: true,
  manifestSupportsPaths: true,
  crossOriginChecksEnforced: false,
  fsAccess: true,
  hasWorkerCapability: true,
  supportsWasiPreview1: true,
  supportsTimeouts: true,
  extismStdoutEnvVarSet: Boolean(process.env.EXTISM_ENABLE_WASI_OUTPUT),
});

/** A plug-in's code, with its settings and host functions: compiled once, for any number of instances. */
class CompiledPlugin {
  #code;
  #here;

  constructor(code, here) {
    this.#code = code;
    this.#here = here;
  }

  /** The plug-in's name. */
  get name() {
    return this.#code.name;
  }

  /** A new instance, with variables of its own. */
  instantiate() {
    return new Plugin(this.#code, this.#here);
  }

  /** A pool of instances. */
  createPool(options) {
    return new Pool(this.#code, options);
  }

  /** Whether the plug-in exports a function of this name that can be called. */
  functionExists(functionName) {
    return this.#code.entry(functionName) !== undefined;
  }

  /** The compiled code, for `trustedCompiledCode`. */
  serialize() {
    return checked(this.#code.native.serialize());
  }
}

/** Loads and compiles a plug-in on another thread. */
async function compile(source, options = {}) {
  return new CompiledPlugin(await compileCode(source, options), !options.runInWorker);
}

/** Loads and compiles a plug-in on this thread. */
function compileSync(source, options = {}) {
  return new CompiledPlugin(compileCodeSync(source, options), !options.runInWorker);
}

/** Loads a plug-in. */
async function createPlugin(source, options = {}) {
  return new Plugin(await compileCode(source, options), !options.runInWorker);
}

/** Loads a plug-in on this thread, which waits for files, downloads and the compiler. */
function createPluginSync(source, options = {}) {
  return new Plugin(compileCodeSync(source, options), !options.runInWorker);
}

/** Loads a plug-in by its manifest, in JSON or TOML. */
async function fromManifestFile(path, options = {}) {
  if (typeof path !== 'string' && !(path instanceof URL)) throw new TypeError('a manifest file is given by its path');
  return createPlugin(path, options);
}

/** Loads a plug-in for calls on all processors. */
async function createPool(source, options = {}) {
  checkOptions(options);
  const { max, acquireTimeoutMs, ...others } = options;
  return new Pool(await compileCode(source, others), { max, acquireTimeoutMs });
}

module.exports = createPlugin;
Object.assign(createPlugin, {
  CAPABILITIES,
  CompiledPlugin,
  CurrentPlugin,
  EXTISM_ENV,
  EXTISM_USER,
  PLUGWRIGHT_ENV,
  Plugin,
  PluginError,
  PluginOutput,
  Pool,
  ValType,
  compile,
  compileSync,
  createPlugin,
  createPluginSync,
  createPool,
  default: createPlugin,
  fromManifestFile,
  newPlugin: createPlugin,
  trustedCompiledCode,
});
