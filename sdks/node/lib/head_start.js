'use strict';

// Head starts: calls that belong on another thread and are begun on this one, because they are likely to be done before another has
// even been woken. What is not done soon goes on on another thread.

const { setImmediate } = require('node:timers');

const { native } = require('./native');

/** Is added to the number of a function that is to run on another thread. */
const ELSEWHERE = 2 ** 31;

/** Is added to the number of one that is to run there with a head start. */
const HEAD_START = 2 ** 30;

/** How many calls of a function in a row have been brief before the next one gets a head start. */
const ROW = 4;

/** Whether the addon will hear of the end of this turn of the event loop. It gives so many head starts in each. */
let willHear = false;

function endTurn() {
  willHear = false;
  native.nextTurn();
}

/** Which functions of a plug-in get a head start. */
class HeadStarts {
  /** How many calls of each were brief, one after the other. */
  #rows = new Map();

  /** The number of a function with where it is to run. */
  place(name, entry) {
    if (this.#rows.get(name) !== ROW) return entry + ELSEWHERE;
    if (!willHear) {
      willHear = true;
      setImmediate(endTurn);
    }
    return entry + HEAD_START;
  }

  /** Notes how a call went. */
  learn(name, wasBrief) {
    const row = this.#rows.get(name) ?? 0;
    if (!wasBrief) this.#rows.set(name, 0);
    else if (row < ROW) this.#rows.set(name, row + 1);
  }
}

module.exports = { ELSEWHERE, HeadStarts };
