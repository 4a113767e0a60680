/**
 * What the runner asks of a module under test.
 *
 * @typedef {import('../case.js').Options} Options
 * @typedef {import('../rule.js').Ability} Ability
 */
/**
 * A case as it is given to a module.
 *
 * @typedef {{
 *   source: object | Uint8Array,
 *   options: Options,
 *   functions: { name: string, module?: string | undefined, call: import('../catalogue.js').HostFunction }[],
 *   log: (line: import('../expect.js').LogLine) => void,
 *   shared: import('../catalogue.js').Shared,
 * }} Given
 */
/**
 * A plug-in. `call` throws what the module throws; `stdout` and `stderr` give what was written since the last time, if
 * that can be known.
 *
 * @typedef {{
 *   call(name: string, input: Uint8Array): Promise<Uint8Array>,
 *   stdout(): Uint8Array | undefined,
 *   stderr(): Uint8Array | undefined,
 *   close(): Promise<void>,
 * }} Live
 */
/**
 * What is compiled once, and makes plug-ins.
 *
 * @typedef {{ make(): Promise<Live>, close(): Promise<void> }} Loaded
 */
/**
 * A module in one of its modes. `failure` says what an error of its means.
 *
 * @typedef {{
 *   abilities: ReadonlySet<Ability>,
 *   takesOptions: boolean,
 *   load(given: Given): Promise<Loaded>,
 *   failure(error: unknown): import('../expect.js').Failure,
 * }} Surface
 */
export {};
