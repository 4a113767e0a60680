// The engine under a host of this file: a plug-in is built and called without a snapshot.
import { readFileSync, readdirSync } from "node:fs";

const PRELUDE = new URL("../prelude/", import.meta.url);

export const prelude = readdirSync(PRELUDE)
  .filter((name) => name.endsWith(".js"))
  .map((name) => ({ name, source: readFileSync(new URL(name, PRELUDE), "utf8") }));

let compiled;

/** Compiles the engine once. */
export function useEngine(path) {
  compiled = new WebAssembly.Module(readFileSync(path));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a plug-in imports, in memory of this process: the contract, clock and chance. */
class Host {
  blocks = new Map();
  next = 16n;
  kernel = new DataView(new ArrayBuffer(64 << 20));
  input = new Uint8Array(0);
  output = new Uint8Array(0);
  error = null;
  config = {};
  vars = new Map();
  logs = [];
  requests = [];
  slept = 0;

  put(bytes) {
    if (bytes.length === 0) return 0n;
    const at = this.alloc(BigInt(bytes.length));
    new Uint8Array(this.kernel.buffer).set(bytes, Number(at));
    return at;
  }
  get(offset) {
    const length = this.blocks.get(offset) ?? 0;
    return new Uint8Array(this.kernel.buffer).slice(Number(offset), Number(offset) + length);
  }
  take(offset) {
    const bytes = this.get(offset);
    this.blocks.delete(offset);
    return bytes;
  }
  alloc(length) {
    const at = this.next;
    this.next += (length + 31n) & ~15n;
    if (this.next > BigInt(this.kernel.byteLength)) return 0n;
    this.blocks.set(at, Number(length));
    return at;
  }
  text(offset) {
    return decoder.decode(this.take(offset));
  }
  contract() {
    const log = (level) => (block) => this.logs.push(`${level}: ${this.text(block)}`);
    const view = () => this.kernel;
    const inputView = () => new DataView(this.input.buffer, this.input.byteOffset, this.input.length);
    return {
      alloc: (length) => this.alloc(length),
      free: (offset) => void this.blocks.delete(offset),
      length: (offset) => BigInt(this.blocks.get(offset) ?? 0),
      load_u8: (at) => view().getUint8(Number(at)),
      load_u64: (at) => view().getBigUint64(Number(at), true),
      store_u8: (at, value) => view().setUint8(Number(at), value),
      store_u64: (at, value) => view().setBigUint64(Number(at), value, true),
      input_length: () => BigInt(this.input.length),
      input_load_u8: (at) => this.input[Number(at)],
      input_load_u64: (at) => inputView().getBigUint64(Number(at), true),
      output_set: (at, length) => (this.output = new Uint8Array(this.kernel.buffer).slice(Number(at), Number(at + length))),
      error_set: (block) => (this.error = decoder.decode(this.get(block))),
      config_get: (key) => this.put(encoder.encode(this.config[this.text(key)] ?? "")),
      var_get: (key) => this.put(this.vars.get(this.text(key)) ?? new Uint8Array(0)),
      var_set: (key, value) => void (value === 0n ? this.vars.delete(this.text(key)) : this.vars.set(this.text(key), this.take(value))),
      http_request: (request, body) => {
        this.requests.push({ ...JSON.parse(this.text(request)), body: body === 0n ? null : decoder.decode(this.take(body)) });
        return this.put(encoder.encode(this.answer ?? ""));
      },
      http_status_code: () => this.status ?? 200,
      http_headers: () => this.put(encoder.encode(JSON.stringify(this.headers ?? {}))),
      log_trace: log("trace"), log_debug: log("debug"), log_info: log("info"), log_warn: log("warn"), log_error: log("error"),
    };
  }
}

export class Plugin {
  raw;
  #functions;

  /** `files` by name: a source, or {kind, source, map}. The first is the entry. */
  constructor(files, { links = {}, hostFunctions = [], exports = {}, offers = true } = {}) {
    this.host = new Host();
    let now = 1000n;
    const memory = () => new DataView(this.raw.memory.buffer);
    const wasi = {
      clock_time_get: (clock, _, at) => {
        if (!offers) return 52;
        memory().setBigUint64(at, (clock === 0 ? 1_700_000_000_000n : 0n) * 1_000_000n + now * 1_000_000n, true);
        return 0;
      },
      random_get: (at, length) => (offers ? (crypto.getRandomValues(new Uint8Array(this.raw.memory.buffer, at, length)), 0) : 52),
      poll_oneoff: (subscriptions) => {
        // Time passes by what is waited for.
        const milliseconds = memory().getBigUint64(subscriptions + 24, true) / 1_000_000n + 1n;
        now += milliseconds;
        this.host.slept += Number(milliseconds);
        return 0;
      },
    };
    const host_call = (index, slots) => hostFunctions[index].call.call(this.host, new DataView(this.raw.memory.buffer, slots));
    const imports = { "extism:host/env": this.host.contract(), wasi_snapshot_preview1: wasi, "plugwright:js": { host_call } };
    this.raw = new WebAssembly.Instance(compiled, imports).exports;
    this.raw._initialize();
    const list = Object.entries(files).map(([name, file]) => ({ name, ...(typeof file === "string" ? { kind: "esm", source: file } : file) }));
    const request = { prelude, files: list, links, entry: list[0].name, exports, host_functions: hostFunctions.map(({ call, ...rest }) => rest) };
    const bytes = encoder.encode(JSON.stringify(request));
    const at = this.raw.plugwright_js_buffer(bytes.length);
    new Uint8Array(this.raw.memory.buffer).set(bytes, at);
    const failed = this.raw.plugwright_js_build(bytes.length);
    const [from, length] = [this.raw.plugwright_js_result(), this.raw.plugwright_js_result_length()];
    const result = JSON.parse(decoder.decode(new Uint8Array(this.raw.memory.buffer, from, length)));
    if (failed) throw Object.assign(new Error(`${result.error.message}\n${result.error.stack}`), { built: result.error });
    this.exports = result.exports;
    this.#functions = new Map(result.exports.map((name, index) => [name, index]));
    this.raw.plugwright_js_finish();
  }

  get memory() {
    return new Uint8Array(this.raw.memory.buffer);
  }

  /** Calls an export; the output as text, or an exception with the call's error. */
  call(name, input = "") {
    return decoder.decode(this.callBytes(name, encoder.encode(input)));
  }
  callBytes(name, input) {
    const { host } = this;
    host.blocks.clear();
    host.next = 16n;
    host.input = input;
    host.output = new Uint8Array(0);
    host.error = null;
    host.logs = [];
    if (!this.#functions.has(name)) throw new Error(`no export ${name}: ${this.exports}`);
    const code = this.raw.plugwright_js_call(this.#functions.get(name));
    if (code !== 0) throw Object.assign(new Error(host.error ?? ""), { code });
    return host.output;
  }
}
