// Every test file builds its plug-ins with the engine of the repository.
import { Plugin, useEngine } from "./engine.mjs";

useEngine(new URL("../../../crates/js/shipped/engine.wasm", import.meta.url));

export { Plugin };

/** A plug-in of one file. */
export const plugin = (source, options) => new Plugin({ "plugin.js": source }, options);
