// The author's modules: from the request to a list of exports, and the calls of these.
import * as native from "plugwright:native";
import { setPrefix, setSourceMap } from "./errors.js";
import { takeOutputWasSet } from "./host.js";
import { declareHostFunctions, hostModule } from "./host_functions.js";
import { bytesOf, toJSON } from "./values.js";

/** Files of the request by name, until the plug-in is built. */
let files = new Map();
/** By file and specifier, the name of what is imported. */
let links = {};
/** CommonJS modules by name: {wrapper, module}. */
const commonJS = new Map();
/** What `plugwright_js_call` calls, by index. */
let entryPoints = [];

const BUILT_IN = {
  buffer: () => ({ Buffer, atob, btoa, default: { Buffer, atob, btoa } }),
  process: () => ({ ...globalThis.process, default: globalThis.process }),
  url: () => ({ URL, URLSearchParams, default: { URL, URLSearchParams } }),
};

const builtInName = (specifier) => specifier.replace(/^node:/, "");

/** The name of the module that `file` means by `specifier`. */
export function resolve(file, specifier) {
  if (file === "") return specifier;
  const linked = links[file]?.[specifier];
  if (linked !== undefined) return linked;
  if (builtInName(specifier) in BUILT_IN) return `node:${builtInName(specifier)}`;
  throw new ReferenceError(`\`${specifier}\`, which ${file} imports, is not part of this plug-in`);
}

function fileOf(name) {
  const file = files.get(name);
  if (file === undefined) throw new ReferenceError(`the module \`${name}\` is not part of this plug-in`);
  return file;
}

/** An ES module's source, or an object whose properties are what the module exports. */
export function load(name) {
  if (name.startsWith("node:") && builtInName(name) in BUILT_IN) return BUILT_IN[builtInName(name)]();
  const file = fileOf(name);
  switch (file.kind) {
    case "esm":
      return file.source;
    case "json":
      return { default: JSON.parse(file.source) };
    case "text":
      return { default: file.source };
    case "host":
      return { ...hostModule(name) };
    default:
      return exportsOfCommonJS(require(name));
  }
}

/** What `import` gets of a CommonJS module: its `module.exports` as default, and the properties of that by name. */
function exportsOfCommonJS(exported) {
  const isObject = exported !== null && (typeof exported === "object" || typeof exported === "function");
  const named = isObject ? Object.fromEntries(Object.keys(exported).map((key) => [key, exported[key]])) : {};
  return { ...named, default: exported?.__esModule && "default" in exported ? exported.default : exported };
}

const COMMON_JS_PREFIX = "(function (exports, require, module, __filename, __dirname) {";

/** Compiles a CommonJS file; it does not run. The parameters stand in its first line, so that lines stay as they are. */
function prepareCommonJS(name) {
  let entry = commonJS.get(name);
  if (entry === undefined) {
    const { source } = fileOf(name);
    const text = source.startsWith("#!") ? `//${source}` : source;
    setPrefix(name, COMMON_JS_PREFIX.length);
    const wrapper = native.compileFunction(name, `${COMMON_JS_PREFIX}${text}\n})`);
    entry = { wrapper, module: undefined };
    commonJS.set(name, entry);
  }
  return entry;
}

/** What `require` gives for a module by its full name. */
function require(name) {
  const kind = commonJS.has(name) ? "cjs" : files.get(name)?.kind;
  if (kind !== "cjs") return requireOther(name, kind);
  const entry = prepareCommonJS(name);
  if (entry.module === undefined) {
    const module = { exports: {}, id: name, filename: name, loaded: false };
    entry.module = module;
    const folder = name.includes("/") ? name.slice(0, name.lastIndexOf("/")) : ".";
    try {
      entry.wrapper.call(module.exports, module.exports, (specifier) => require(resolve(name, specifier)), module, name, folder);
    } catch (error) {
      entry.module = undefined;
      throw error;
    }
    module.loaded = true;
  }
  return entry.module.exports;
}

/** `require` of what is no CommonJS: what an `import *` of it would be; of JSON and text, the content. */
function requireOther(name, kind) {
  const { promise, namespace } = native.evaluateModule(name);
  // A module that awaits something at its top level is not complete yet: using it fails as for any unset variable.
  promise.catch(() => undefined);
  if (kind === "json" || kind === "text") return namespace.default;
  return kind === undefined && name.startsWith("node:") ? namespace.default : namespace;
}

const isClass = (value) => Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
const isCallable = (value) => typeof value === "function" && !isClass(value);

/** The functions that a module exports, by name. */
function functionsOf(namespace) {
  const found = new Map();
  const add = (object, self) => {
    for (const name of Object.keys(object)) {
      if (isCallable(object[name])) found.set(name, self === undefined ? object[name] : object[name].bind(self));
    }
  };
  const main = namespace.default;
  // Only an object that holds functions and nothing else is taken for a list of exports, not an instance of a class.
  if (main !== null && typeof main === "object" && Object.getPrototypeOf(main) === Object.prototype) add(main, main);
  add(namespace, undefined);
  return found;
}

/** How an export reads its input and writes its output. */
function entryPoint(name, call, declared = {}) {
  const input = declared.input ?? (call.length > 0 ? "string" : "none");
  return { name, call, input, output: declared.output ?? "auto" };
}

/** Evaluates the plug-in's top level. */
export async function build(request) {
  links = request.links ?? {};
  files = new Map(request.files.map((file) => [file.name, file]));
  for (const file of request.files) {
    if (file.map !== undefined && file.map !== null) setSourceMap(file.name, file.map);
  }
  declareHostFunctions(request.host_functions ?? []);
  const { kind } = fileOf(request.entry);
  let namespace;
  if (kind === "cjs") {
    namespace = exportsOfCommonJS(require(request.entry));
  } else {
    const evaluated = native.evaluateModule(request.entry);
    await evaluated.promise;
    namespace = evaluated.namespace;
  }
  prepareTheRest();
  const declared = request.exports ?? {};
  entryPoints = [...functionsOf(namespace)].map(([name, call]) => entryPoint(name, call, declared[name]));
  entryPoints.sort((one, other) => (one.name < other.name ? -1 : 1));
  files = new Map();
}

/** What is imported or required only when a function is called must be compiled now: sources are not kept. */
function prepareTheRest() {
  for (const { name, kind } of files.values()) {
    if (kind === "cjs") prepareCommonJS(name);
    else native.prepareModule(name);
  }
}

/** The plug-in's exports, for the driver, as JSON. */
export const built = () => JSON.stringify({ exports: entryPoints.map(({ name }) => name) });

function readInput(kind) {
  switch (kind) {
    case "bytes":
      return native.inputBytes();
    case "json":
      return readJSON();
    default:
      return native.inputText();
  }
}

function readJSON() {
  try {
    return native.inputJSON();
  } catch (error) {
    const text = native.inputText();
    if (text === "") return undefined;
    throw error;
  }
}

let current;

/** Calls an export, and gives what it returns, perhaps a promise. */
export function call(index) {
  current = entryPoints[index];
  takeOutputWasSet();
  return current.input === "none" ? current.call() : current.call(readInput(current.input));
}

/** Makes what an export returned the output; gives the plug-in's return code. */
export function settle(value) {
  const wasSet = takeOutputWasSet();
  if (value === undefined) return 0;
  if (typeof value === "number" && (current.output === "code" || wasSet)) return value;
  if (typeof value === "string") native.outputText(value);
  else {
    const bytes = bytesOf(value);
    if (bytes !== undefined) native.outputBytes(bytes);
    else native.outputText(typeof value === "bigint" ? String(value) : toJSON(value, `what \`${current.name}\` returned`));
  }
  return 0;
}
