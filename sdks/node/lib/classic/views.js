'use strict';

/**
 * Views of blocks of kernel memory, for as long as a host function runs.
 *
 * A view is a Buffer over a copy of the block, made when it is asked for. When the host function ends, what the program has written
 * goes back to the block, and the copy is detached: whoever has kept a view gets an error, and never bytes of somebody else's.
 * While the function runs the guest does not, so that a copy is as good as the memory itself.
 */

/** What a view has for a prototype when its host function has ended. */
const ENDED = new Proxy(Object.create(null), {
  get(_, property) {
    throw new Error(
      `the host function has ended, and with it the Buffer of plugin.memory(): \`${String(property)}\` is not there any more; ` +
        'copy what is to be kept, by Buffer.from(view)',
    );
  },
});

/** The views of one call of a host function. */
class Views {
  #blocks;
  /** By offset: who asks twice for a block gets the same bytes. */
  #views = new Map();

  /** `blocks` reads a block and writes to it. */
  constructor(blocks) {
    this.#blocks = blocks;
  }

  /** A view of the block at an offset. */
  at(offset) {
    let view = this.#views.get(offset);
    if (view === undefined) {
      // Of its own memory: not a part of the pool of Node.js, which others have views of.
      view = Buffer.from(this.#blocks.copy(offset));
      this.#views.set(offset, view);
    }
    return view;
  }

  /** Forgets the view of a block that is freed. */
  forget(offset) {
    const view = this.#views.get(offset);
    if (view === undefined) return;
    this.#views.delete(offset);
    end(view);
  }

  /** Writes back what the program may have written. */
  writeBack() {
    for (const [offset, view] of this.#views) this.#blocks.write(offset, view);
  }

  /** Ends all views. */
  end() {
    for (const view of this.#views.values()) end(view);
    this.#views.clear();
  }
}

function end(view) {
  structuredClone(view.buffer, { transfer: [view.buffer] });
  Object.setPrototypeOf(view, ENDED);
}

module.exports = { Views };
