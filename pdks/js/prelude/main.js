// The prelude: the globals of a plug-in beyond the language's own, and what the engine calls.
import * as native from "plugwright:native";
import "./buffer.js";
import "./clone.js";
import "./console.js";
import { describe, locate } from "./errors.js";
import "./fetch.js";
import "./host.js";
import "./memory.js";
import { build, built, call, load, resolve, settle } from "./program.js";
import "./system.js";
import "./text.js";
import { discardTimers, runTimer } from "./timers.js";
import "./url.js";
import { define } from "./values.js";

define("global", globalThis);
define("self", globalThis);
// Enough for packages that ask which build of themselves is wanted.
define("process", { env: { NODE_ENV: "production" }, argv: [], platform: "wasm", browser: true, nextTick: (callback, ...values) => queueMicrotask(() => callback(...values)) });

native.setHooks({ build, built, resolve, load, call, settle, timer: runTimer, discard: discardTimers, describe, locate });
