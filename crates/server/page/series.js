/**
 * From counters, which only grow, to what happened in each interval.
 *
 * @typedef {{ rate: number, p50: number | null, p99: number | null }} Tick requests a second, and times in microseconds
 */

/** @import { State } from './api.js' */

/** How many intervals are remembered. */
const KEPT = 120;

/** The name of all routes together. */
export const ALL = '';

/** The last intervals, by route. */
export class Series {
  /** @type {Map<string, number[]>} */
  #before = new Map();
  #at = 0;
  /** @type {Map<string, Tick[]>} */
  #ticks = new Map();

  /**
   * Adds an interval.
   * @param {State} state
   * @param {number} now in milliseconds, of a clock that only goes forward
   */
  add(state, now) {
    const seconds = (now - this.#at) / 1000;
    const first = this.#at === 0;
    this.#at = now;
    const all = state.bounds_us.map(() => 0).concat(0);
    const before = this.#before;
    this.#before = new Map();
    const seen = new Map([[ALL, all]]);
    for (const route of state.routes) {
      const key = keyOf(route);
      const { buckets } = route.latency;
      this.#before.set(key, buckets);
      const earlier = before.get(key);
      // Counters begin at zero for a route that is new, and for a server that is.
      const grown = buckets.map((count, index) => Math.max(0, count - (earlier?.[index] ?? 0)));
      grown.forEach((count, index) => (all[index] = (all[index] ?? 0) + count));
      seen.set(key, grown);
    }
    if (first) return;
    for (const key of this.#ticks.keys()) if (!seen.has(key)) this.#ticks.delete(key);
    for (const [key, buckets] of seen) {
      const ticks = this.#ticks.get(key) ?? [];
      ticks.push(tick(buckets, state.bounds_us, seconds));
      this.#ticks.set(key, ticks.slice(-KEPT));
    }
  }

  /**
   * The last intervals of a route, oldest first.
   * @param {string} key
   * @returns {Tick[]}
   */
  of(key) {
    return this.#ticks.get(key) ?? [];
  }
}

/**
 * What tells a route from others.
 * @param {{ route: string, plugin: string, function: string }} route
 */
export function keyOf(route) {
  return JSON.stringify([route.route, route.plugin, route.function]);
}

/**
 * @param {number[]} buckets
 * @param {number[]} bounds
 * @param {number} seconds
 * @returns {Tick}
 */
function tick(buckets, bounds, seconds) {
  const count = buckets.reduce((sum, bucket) => sum + bucket, 0);
  return { rate: count / seconds, p50: quantile(buckets, bounds, 0.5), p99: quantile(buckets, bounds, 0.99) };
}

/**
 * The time that this part of the requests does not exceed, as far as buckets tell: within one, times are taken to lie evenly.
 * @param {number[]} buckets
 * @param {number[]} bounds
 * @param {number} part
 */
export function quantile(buckets, bounds, part) {
  const wanted = buckets.reduce((sum, bucket) => sum + bucket, 0) * part;
  if (wanted === 0) return null;
  let below = 0;
  for (const [index, bucket] of buckets.entries()) {
    const upper = bounds[index];
    // The last one has no bound.
    if (upper === undefined) break;
    if (below + bucket >= wanted) {
      const lower = bounds[index - 1] ?? 0;
      return lower + ((wanted - below) / bucket) * (upper - lower);
    }
    below += bucket;
  }
  return bounds.at(-1) ?? null;
}
