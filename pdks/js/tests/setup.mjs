// Every test file builds its plug-ins with the engine of the repository.
import { useEngine } from "./engine.mjs";

useEngine(new URL("../engine/engine.wasm", import.meta.url));

export { Plugin } from "./engine.mjs";

import { Plugin } from "./engine.mjs";

/** A plug-in of one file. */
export const plugin = (source, options) => new Plugin({ "plugin.js": source }, options);

/** What an expression is in the engine, by JSON. `setup` stands before it. */
export function evaluate(expression, setup = "") {
  return JSON.parse(plugin(`${setup}\nexport async function run() { return JSON.stringify(await (${expression})) ?? "null"; }`).call("run"));
}

/** The same expressions in the engine and here. */
export function sameAsHere(expressions) {
  const source = `const list = [${expressions.map((text) => `() => (${text})`).join(",\n")}];
const shown = async (make) => { try { return JSON.stringify(await make()) ?? "undefined"; } catch (error) { return "throws " + error.name; } };
export async function run() { return JSON.stringify(await Promise.all(list.map(shown))); }`;
  return JSON.parse(plugin(source).call("run"));
}
