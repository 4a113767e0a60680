'use strict';

// Where plug-ins come from: from what a program gives to what the addon takes.

const { fileURLToPath } = require('node:url');
const { types } = require('node:util');

const { PluginError } = require('./errors');

/** The manifest's fields by their names in options. */
const FIELDS = {
  allowedHosts: 'allowed_hosts',
  allowedPaths: 'allowed_paths',
  timeoutMs: 'timeout_ms',
};

/** The fields of a manifest's memory by their names in options. */
const MEMORY_FIELDS = {
  maxPages: 'max_pages',
  maxHttpResponseBytes: 'max_http_response_bytes',
  maxVarBytes: 'max_var_bytes',
};

/**
 * The bytes of a buffer or a view, without what else may be in its memory.
 *
 * @param {unknown} value
 * @returns {Uint8Array | undefined}
 */
function bytesOf(value) {
  if (types.isUint8Array(value)) return value;
  if (types.isAnyArrayBuffer(value)) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return undefined;
}

/** Compiled code. */
class TrustedCode {
  /** @param {Uint8Array} code */
  constructor(code) {
    this.code = code;
  }
}

/**
 * Compiled code as a source, trusted like a program: nothing checks it.
 *
 * @param {Uint8Array | ArrayBuffer} code
 * @returns {TrustedCode}
 */
function trustedCompiledCode(code) {
  const bytes = bytesOf(code);
  if (bytes === undefined) throw new TypeError('compiled code is bytes');
  return new TrustedCode(bytes);
}

const isResponse = (value) => typeof value?.arrayBuffer === 'function' && typeof value.status === 'number';

/** The bytes that a server responded with. */
async function responseBytes(response) {
  if (!response.ok) {
    const message = `the server responded to ${response.url || 'a request for a plug-in'} with status ${response.status}`;
    throw new PluginError({ kind: 'Load', message });
  }
  return new Uint8Array(await response.arrayBuffer());
}

const refuseModule = () => {
  throw new TypeError('a WebAssembly.Module does not tell what it was compiled from; give the bytes, or use compile()');
};

/** An object with its fields under other names. */
function renamed(object, names) {
  const pairs = Object.entries(object).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(pairs.map(([key, value]) => [names[key] ?? key, value]));
}

/** A module of a manifest, as JSON has it. */
function moduleJson(item, index) {
  if (item === null || typeof item !== 'object') throw new TypeError(`wasm[${index}] of the manifest is not an object`);
  if (item.module !== undefined) refuseModule();
  const json = { ...item };
  if (json.response !== undefined) {
    throw new TypeError(`wasm[${index}] of the manifest is a Response, for which a plug-in has to be loaded by a promise`);
  }
  const bytes = bytesOf(json.data);
  if (bytes !== undefined) {
    json.data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  }
  if (json.url instanceof URL) json.url = json.url.href;
  if (typeof json.url === 'string' && json.url.startsWith('file:')) {
    json.path = fileURLToPath(json.url);
    delete json.url;
  }
  return json;
}

/** A manifest as JSON text. */
function manifestBytes(manifest) {
  if (!Array.isArray(manifest.wasm)) {
    throw new TypeError('a manifest has a list of modules, `wasm`; this object is no manifest');
  }
  const json = renamed(manifest, FIELDS);
  json.wasm = manifest.wasm.map(moduleJson);
  if (json.memory !== undefined) json.memory = renamed(json.memory, MEMORY_FIELDS);
  if (manifest.allowedPaths) {
    // As in options they are given by the guest's, in the contract's manifest by the host's.
    const paths = Object.entries(manifest.allowedPaths).map(([guest, host]) => [host, guest]);
    json.allowed_paths = Object.fromEntries(paths);
  }
  return Buffer.from(JSON.stringify(json));
}

/** Whether text is a manifest in JSON. */
const isJson = (text) => /^\s*\{/.test(text);

/** A manifest's text as an object; `undefined` where the runtime is to say what is wrong with it. */
function parsedManifest(text) {
  try {
    const manifest = JSON.parse(text);
    return Array.isArray(manifest.wasm) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a field of a manifest is named as in options. */
const hasOptionNames = ({ memory, ...manifest }) =>
  Object.keys(FIELDS).some((name) => name in manifest) || Object.keys(MEMORY_FIELDS).some((name) => name in Object(memory));

/** A manifest's text as the runtime takes it. */
function jsonBytes(text) {
  const manifest = parsedManifest(text);
  return manifest !== undefined && hasOptionNames(manifest) ? manifestBytes(manifest) : Buffer.from(text);
}

/**
 * The addon's source for what a program gives.
 *
 * @param {unknown} source
 * @returns {object}
 */
function toSource(source) {
  if (typeof source === 'string') {
    if (isJson(source)) return { bytes: jsonBytes(source) };
    if (source.startsWith('file:')) return { path: fileURLToPath(source) };
    return /^https?:\/\//.test(source) ? { url: source } : { path: source };
  }
  if (source instanceof URL) return toSource(source.href);
  const bytes = bytesOf(source);
  if (bytes !== undefined) return { bytes };
  if (source instanceof TrustedCode) return { compiled: source.code };
  if (source instanceof WebAssembly.Module) refuseModule();
  if (isResponse(source)) {
    throw new TypeError('a Response is read by a promise; use the function that returns one');
  }
  if (source !== null && typeof source === 'object') return { bytes: manifestBytes(source) };
  throw new TypeError('a plug-in comes from a path, a URL, bytes, a Response or a manifest');
}

/**
 * Like `toSource`, with what has to be waited for: promises, responses, and what `fetch` gets if a program gives its own.
 *
 * @param {unknown} source
 * @param {typeof fetch} [fetch]
 * @returns {Promise<object>}
 */
async function toSourceLater(source, fetch) {
  source = await source;
  if (fetch && isUrl(source)) source = textOrBytes(await responseBytes(await fetch(source)));
  else if (isResponse(source)) source = textOrBytes(await responseBytes(source));
  if (fetch && typeof source === 'string' && isJson(source)) source = parsedManifest(source) ?? source;
  if (source !== null && typeof source === 'object' && Array.isArray(source.wasm)) {
    source = { ...source, wasm: await Promise.all(source.wasm.map((item) => moduleLater(item, fetch))) };
  }
  return toSource(source);
}

/** A manifest as text, everything else as it is. */
function textOrBytes(bytes) {
  const text = bytes[0] === 0 ? '' : Buffer.from(bytes).toString();
  return isJson(text) ? text : bytes;
}

/** A module of a manifest, with the bytes of what has to be waited for. */
async function moduleLater(item, fetch) {
  if (fetch && isUrl(item?.url)) {
    // They are about the request, which is made here.
    const { url, method, headers, ...others } = item;
    item = { ...others, response: fetch(url, { method, headers }) };
  }
  const response = await item?.response;
  if (response === undefined) return item;
  const { response: _response, ...rest } = item;
  return { ...rest, data: await responseBytes(response) };
}

const isUrl = (value) =>
  (value instanceof URL && value.protocol !== 'file:') || (typeof value === 'string' && /^https?:\/\//.test(value));

module.exports = { bytesOf, toSource, toSourceLater, trustedCompiledCode };
