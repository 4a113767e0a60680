'use strict';

const { bytesOf } = require('../source');
const { PluginError } = require('../errors');
const createPlugin = require('../index');
const { HostFunction } = require('./host_function');
const { logOptions } = require('./log_file');

/** Where host functions are that choose no module: plug-ins that import from `env` find them as well. */
const ANY_MODULE = createPlugin.EXTISM_USER;

/** Ends the calls of a plug-in that are under way. */
class CancelHandle {
  #active;

  /** @param {Set<Held>} active those with calls under way, kept up to date */
  constructor(active) {
    this.#active = active;
  }

  cancel() {
    return [...this.#active].filter(({ plugin }) => createPlugin.Plugin.cancelCalls(plugin)).length > 0;
  }
}

class Plugin {
  /** `null` when it has been freed. */
  #plugin;
  /** What has calls under way; several after `update`. */
  #active = new Set();

  constructor(manifest, wasi = false, functions = [], config = null) {
    this.#plugin = made(manifest, wasi, functions, config);
  }

  update(manifest, wasi = false, functions = [], config = null) {
    const old = this.#current();
    this.#plugin = made(manifest, wasi, functions, config);
    old.free();
    return true;
  }

  async call(name, input) {
    const current = this.#current();
    this.#active.add(current);
    try {
      return await current.call(name, input);
    } finally {
      if (!current.isActive) this.#active.delete(current);
    }
  }

  functionExists(name) {
    return this.#current().names.has(name);
  }

  setConfig(config) {
    createPlugin.Plugin.updateConfigInTurn(this.#current().plugin, configOf(config));
  }

  cancelHandle() {
    return new CancelHandle(this.#active);
  }

  free() {
    this.#plugin?.free();
    this.#plugin = null;
  }

  #current() {
    if (this.#plugin !== null) return this.#plugin;
    throw new PluginError({ kind: 'Closed', message: 'the plug-in has been freed; make a new one' });
  }
}

/** A plug-in of the package, which is closed when the calls that were made have ended. */
class Held {
  #active = 0;
  #isFreed = false;

  constructor(compiled) {
    this.plugin = compiled.instantiate();
    this.names = { has: (name) => compiled.functionExists(name) };
  }

  /** Whether there are calls that have not ended. */
  get isActive() {
    return this.#active > 0;
  }

  async call(name, input) {
    this.#active += 1;
    try {
      const output = await this.plugin.call(name, input);
      return output === null ? Buffer.alloc(0) : Buffer.from(output.arrayBuffer());
    } finally {
      this.#active -= 1;
      this.#closeIfDone();
    }
  }

  free() {
    this.#isFreed = true;
    this.#closeIfDone();
  }

  #closeIfDone() {
    // Nothing is under way, so that it is closed at once, and cannot fail.
    if (this.#isFreed && this.#active === 0) void this.plugin.close();
  }
}

/** Makes a plug-in from what programs of the first SDK give. */
function made(manifest, wasi, functions, config) {
  const modules = {};
  for (const hostFunction of functions ?? []) {
    const module = hostFunction?.namespace ?? ANY_MODULE;
    modules[module] = { ...modules[module], [hostFunction?.name]: HostFunction.lend(hostFunction) };
  }
  const options = { useWasi: Boolean(wasi), functions: modules, ...logOptions() };
  const held = new Held(createPlugin.compileSync(sourceOf(manifest), options));
  // Here and not as an option: entries of the manifest's config that are not named stay.
  if (config !== null && config !== undefined) held.plugin.updateConfig(configOf(config));
  return held;
}

/** What the package takes for a manifest or bytes. Text is code or a manifest, and never a path. */
function sourceOf(manifest) {
  if (typeof manifest === 'string') return Buffer.from(manifest);
  if (manifest === null || typeof manifest !== 'object') {
    throw new TypeError(`a plug-in is made from a manifest, bytes or a text, not from ${String(manifest)}`);
  }
  if (bytesOf(manifest) !== undefined || !(manifest.config instanceof Map)) return manifest;
  return { ...manifest, config: configOf(manifest.config) };
}

/**
 * A config as an object.
 *
 * @throws {TypeError} when a value is neither text nor `null`
 */
function configOf(config) {
  const object = config instanceof Map ? Object.fromEntries(config) : config;
  for (const [key, value] of Object.entries(object)) {
    if (typeof value !== 'string' && value !== null) throw new TypeError(`the config's \`${key}\` is a text, or null`);
  }
  return object;
}

module.exports = { CancelHandle, Plugin };
