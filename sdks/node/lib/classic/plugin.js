'use strict';

/** Plug-ins with the surface of the first SDK. */

const plugwright = require('../index');
const { HostFunction } = require('./host_function');

/** Ends the calls of a plug-in that are under way. */
class CancelHandle {
  #calls;

  constructor(calls) {
    this.#calls = calls;
  }

  /** Cancels; says whether a call was under way. */
  cancel() {
    const calls = [...this.#calls];
    for (const call of calls) call.abort();
    return calls.length > 0;
  }
}

class Plugin {
  #plugin;
  /** The controllers of the calls under way, as soon as there is somebody who may cancel them. */
  #calls = null;

  constructor(manifest, wasi = false, functions = [], config = null) {
    this.#plugin = made(manifest, wasi, functions, config);
  }

  update(manifest, wasi = false, functions = [], config = null) {
    const old = this.#current();
    this.#plugin = made(manifest, wasi, functions, config);
    closed(old);
    return true;
  }

  async call(name, input) {
    const plugin = this.#current();
    const bytes = inputOf(input);
    const output = this.#calls === null ? await plugin.call(name, bytes) : await this.#cancellable(plugin, name, bytes);
    return bufferOf(output);
  }

  functionExists(name) {
    return this.#current().exports.some((exported) => exported === name);
  }

  setConfig(config) {
    this.#current().updateConfig(plainConfig(config));
  }

  cancelHandle() {
    this.#calls ??= new Set();
    return new CancelHandle(this.#calls);
  }

  free() {
    if (this.#plugin !== null) closed(this.#plugin);
    this.#plugin = null;
  }

  async #cancellable(plugin, name, bytes) {
    const controller = new AbortController();
    this.#calls.add(controller);
    try {
      return await plugin.call(name, bytes, { signal: controller.signal });
    } finally {
      this.#calls.delete(controller);
    }
  }

  #current() {
    if (this.#plugin === null) throw new plugwright.PluginError('the plug-in has been freed: make a new one');
    return this.#plugin;
  }
}
module.exports = { CancelHandle, Plugin };
