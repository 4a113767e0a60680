/**
 * The server's API for operators.
 *
 * @typedef {{ count: number, sum_us: number, buckets: number[] }} Times
 * @typedef {{
 *   route: string, methods: string, plugin: string, function: string, responses: [number, number, number, number],
 *   in_flight: number, turned_away: number, latency: Times,
 * }} RouteState
 * @typedef {{
 *   name: string, current: number | null, versions: { number: number, sha256: string, origin: string, loaded: string }[],
 *   functions: string[], calls: number, errors: { kind: string, count: number }[], fuel: number, memory_bytes: number,
 *   max_memory_bytes: number, total_memory_bytes: number, instances: number, busy: number, sessions: number, duration: Times,
 * }} PluginState
 * @typedef {{
 *   time: string, route: string, plugin: string, function: string, kind: string, message: string, backtrace: string[],
 * }} RecentError
 * @typedef {{
 *   name: string, kind: string, source: string, plugin: string, function: string, connected: boolean, received: number,
 *   succeeded: number, failed: number, dead_letters: number, dropped: number, skipped: number, in_flight: number,
 *   last_error: { time: string, message: string } | null,
 * }} TriggerState
 * @typedef {{
 *   version: string, uptime_s: number, connections: number, reloads: number, refused_reloads: number, slow_clients: number,
 *   unrouted: number, buffered_bytes: number, bounds_us: number[], routes: RouteState[], plugins: PluginState[],
 *   triggers: TriggerState[], recent_errors: RecentError[],
 * }} State
 * @typedef {{
 *   plugin: string, function: string, input?: string, input_base64?: string, config: Record<string, string>, timeout_ms?: number,
 * }} Wanted
 * @typedef {{
 *   output: string | null, output_base64: string | null,
 *   error: { kind: string, message: string, code: number | null, backtrace: string[] } | null,
 *   logs: { level: string, text: string }[], micros: number, fuel: number | null, memory_bytes: number,
 * }} Made
 */

/** Where this tab keeps the token. */
const KEY = 'plugwright-token';

/** How long the state may take; a call has a limit of its own. */
const PATIENCE_MS = 5000;

/** The server does not know the token. */
export class Unauthorised extends Error {}

export const token = {
  get: () => sessionStorage.getItem(KEY),
  /** @param {string} text */
  set: (text) => sessionStorage.setItem(KEY, text),
  forget: () => sessionStorage.removeItem(KEY),
};

/** @returns {Promise<State>} */
export function state() {
  return ask('state', { signal: AbortSignal.timeout(PATIENCE_MS) });
}

/**
 * @param {Wanted} wanted
 * @returns {Promise<Made>}
 */
export function call(wanted) {
  return ask('call', { method: 'POST', body: JSON.stringify(wanted) });
}

/**
 * @param {string} what
 * @param {RequestInit} request
 */
async function ask(what, request) {
  const headers = { authorization: `Bearer ${token.get()}`, 'content-type': 'application/json' };
  const response = await fetch(what, { ...request, headers, cache: 'no-store' });
  if (response.status === 401) throw new Unauthorised('The server does not know this token.');
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.title}: ${answer.detail}`);
  return answer;
}
