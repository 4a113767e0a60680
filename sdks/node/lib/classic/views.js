'use strict';

/**
 * What a Buffer of a plug-in's memory has for a prototype when its host function has ended: each method and `length` throws.
 *
 * Its memory is gone by then: the package detaches it. But a Buffer without memory has no bytes, and its text is empty, which a program
 * could take for what is there. An index does not get here: there `undefined` says that there is no byte.
 */
const ENDED = new Proxy(Object.create(null), {
  get(_, property) {
    throw new Error(
      `the host function has ended, and with it the Buffer of plugin.memory(), which \`${String(property)}\` is wanted of; ` +
        'copy what is to be kept, by Buffer.from(view)',
    );
  },
});

/** Makes each use of a Buffer by its methods an error. */
function end(view) {
  Object.setPrototypeOf(view, ENDED);
}

module.exports = { end };
