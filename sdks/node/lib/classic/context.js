'use strict';

/** Contexts, which the first versions of the first SDK make plug-ins in. */

const { Plugin } = require('./plugin');

class Context {
  /** The plug-ins, as long as anybody has them; `null` when the context has been freed. */
  #plugins = new Set();

  plugin(manifest, wasi = false, functions = [], config = null) {
    if (this.#plugins === null) throw new Error('the context has been freed: make plug-ins in a new one');
    const plugin = new Plugin(manifest, wasi, functions, config);
    this.#forgetCollected();
    this.#plugins.add(new WeakRef(plugin));
    return plugin;
  }

  reset() {
    for (const reference of this.#plugins ?? []) reference.deref()?.free();
    this.#plugins?.clear();
  }

  free() {
    this.reset();
    this.#plugins = null;
  }

  /** So that a context of a program that makes plug-ins for ever does not grow. */
  #forgetCollected() {
    for (const reference of this.#plugins) {
      // The first are the oldest: where one is still there, so are most that follow.
      if (reference.deref() !== undefined) return;
      this.#plugins.delete(reference);
    }
  }
}

/** Makes a context for a function, and frees it whatever the function does. */
async function withContext(action) {
  const context = new Context();
  try {
    return await action(context);
  } finally {
    context.free();
  }
}

module.exports = { Context, withContext };
