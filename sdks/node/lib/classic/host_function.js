'use strict';

/** Host functions with declared types, whose callback gets values in arrays. */

const { CurrentPlugin } = require('./current_plugin');
const { checkedTypes, inputsOf, outputsOf, resultsOf } = require('./values');

/** A function that plug-ins may call, when they are made with it. */
class HostFunction {
  #freed = false;

  constructor(name, inputs, outputs, callback, ...userData) {
    if (typeof name !== 'string') throw new TypeError('the name of a host function is a string');
    if (typeof callback !== 'function') throw new TypeError(`the callback of the host function \`${name}\` is no function`);
    this.name = name;
    this.inputs = checkedTypes(inputs, 'inputs');
    this.outputs = checkedTypes(outputs, 'outputs');
    this.callback = callback;
    this.userData = userData;
    this.namespace = null;
  }

  /** The module that plug-ins import the function from. Without one it is found in `extism:host/user` and in `env`. */
  setNamespace(name) {
    this.namespace = name;
  }

  withNamespace(name) {
    this.setNamespace(name);
    return this;
  }

  /** No plug-in can be made with the function any more. Those that have it keep it. */
  free() {
    this.#freed = true;
  }

  /**
   * The function as the package itself takes it.
   *
   * @throws {Error} when it has been freed
   */
  static lend(hostFunction) {
    if (!(hostFunction instanceof HostFunction)) {
      throw new TypeError('the functions of a plug-in are a list of HostFunction objects');
    }
    const { name, inputs, outputs, callback, userData } = hostFunction;
    if (hostFunction.#freed) throw new Error(`the host function \`${name}\` has been freed: make a new one`);
    return {
      params: inputs,
      results: outputs,
      call: (context, ...numbers) => call({ inputs, outputs, callback, userData }, context, numbers),
    };
  }
}

/** Calls a callback, and waits for it if it returns a promise. */
function call({ inputs, outputs, callback, userData }, context, numbers) {
  const plugin = new CurrentPlugin(context);
  const values = outputsOf(outputs);
  let waits = false;
  const finish = () => {
    const results = resultsOf(outputs, values);
    return results.length > 1 ? results : results[0];
  };
  const end = () => CurrentPlugin.end(plugin);
  try {
    const returned = callback(plugin, inputsOf(inputs, numbers), values, ...userData);
    waits = typeof returned?.then === 'function';
    return waits ? Promise.resolve(returned).then(finish).finally(end) : finish();
  } finally {
    if (!waits) end();
  }
}

module.exports = { HostFunction };
