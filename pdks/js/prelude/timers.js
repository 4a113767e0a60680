// Timers. A call goes on until none is left, so that what an author starts is done within the call's deadline.
import * as native from "plugwright:native";
import { define } from "./values.js";

let nextId = 1;
/** By id: {due, every, run}; `due` in milliseconds of the steady clock, 0 for at once. */
const timers = new Map();

function start(callback, delay, repeat, values) {
  if (typeof callback !== "function") throw new TypeError("a timer needs a function to call");
  const wait = Number(delay) > 0 ? Number(delay) : 0;
  const id = nextId++;
  timers.set(id, { due: wait === 0 ? 0 : native.steadyTime() + wait, every: repeat ? Math.max(wait, 1) : undefined, run: () => callback(...values) });
  return id;
}

/** The one that is due first; of several, the one that was started first. */
function earliest() {
  let found;
  for (const [id, timer] of timers) {
    if (found === undefined || timer.due < found.timer.due) found = { id, timer };
  }
  return found;
}

/** Waits for the next timer and runs it. False if there is none. */
export function runTimer() {
  const next = earliest();
  if (next === undefined) return false;
  const { id, timer } = next;
  if (timer.due > 0) {
    const left = timer.due - native.steadyTime();
    if (left > 0) native.sleep(left);
  }
  if (timer.every === undefined) timers.delete(id);
  else timer.due = native.steadyTime() + timer.every;
  timer.run();
  return true;
}

/** Forgets all of them. */
export function discardTimers() {
  timers.clear();
}

const clear = (id) => void timers.delete(Number(id));

define("setTimeout", (callback, delay, ...values) => start(callback, delay, false, values));
define("setInterval", (callback, delay, ...values) => start(callback, delay, true, values));
define("setImmediate", (callback, ...values) => start(callback, 0, false, values));
define("clearTimeout", clear);
define("clearInterval", clear);
define("clearImmediate", clear);
