// Plug-ins in AssemblyScript, in one file and without any package.
//
//   import { Host } from "./pdk/plugwright";
//
//   export function greet(): i32 {
//     Host.outputString("Hello, " + Host.inputString() + "!");
//     return 0;
//   }
//
// Build it by `asc greet.ts --outFile greet.wasm -Osize --use abort=pdk/plugwright/abort`: the last option names the
// function `abort` of this file, without which a failed check or a `throw` has no message, and the plug-in an import that
// hosts do not have.
//
// An exported function that takes nothing and returns `i32`, or nothing, can be called by the host. Another code than 0
// makes the call fail; see `error`. A `throw` ends the call with its message.
//
// Words: *kernel memory* is what host and plug-in exchange bytes through. A *block*, here `Memory`, is a piece of it.
// Other functions of this file copy between it and AssemblyScript's memory, so that most plug-ins never see a block.
//
// An empty value and a missing one are the same to the host. What the host refuses (a variable that does not fit, a
// forbidden HTTP request, ...) ends the call. So does a copy into kernel memory when there is none left.

/** How much a message matters. */
export enum LogLevel {
  Trace = 0,
  Debug = 1,
  Info = 2,
  Warn = 3,
  Error = 4,
}

/** The call's input and output, and the host's log. */
export class Host {
  /** The call's input. */
  static input(): Uint8Array {
    return read(env.input_offset(), env.input_length());
  }

  /** The call's input as text. */
  static inputString(): string {
    return decode(Host.input());
  }

  /** Makes a copy of the bytes the call's output. */
  static output(bytes: Uint8Array): void {
    Host.outputMemory(Memory.allocateBytes(bytes));
  }

  /** Makes the text the call's output. */
  static outputString(text: string): void {
    Host.outputMemory(Memory.allocateString(text));
  }

  /** Makes a block the call's output, which must not be freed before the call has returned. */
  static outputMemory(memory: Memory): void {
    env.output_set(memory.offset, memory.length);
  }

  /** Whether anybody reads messages of this level: ask before putting together one that is costly. */
  static logEnabled(level: LogLevel): bool {
    return <i32>level >= env.get_log_level();
  }

  /** Logs text; copies nothing when nobody reads that level. */
  static log(level: LogLevel, text: string): void {
    if (Host.logEnabled(level)) Host.logMemory(level, Memory.allocateString(text));
  }

  /** Logs the text in a block, which the host takes: it must not be used any more. */
  static logMemory(level: LogLevel, memory: Memory): void {
    switch (level) {
      case LogLevel.Trace: { env.log_trace(memory.offset); break; }
      case LogLevel.Debug: { env.log_debug(memory.offset); break; }
      case LogLevel.Info: { env.log_info(memory.offset); break; }
      case LogLevel.Warn: { env.log_warn(memory.offset); break; }
      default: { env.log_error(memory.offset); }
    }
  }

  /**
   * The message of the last fallible host function that failed in this call, null when there is none. Asking clears it.
   * A plug-in that uses this runs on hosts that know Plugwright's functions, and no others.
   */
  static takeError(): string | null {
    return text(Memory.at(plugwright_env.host_error_take()).take());
  }
}

/** Logs text at level Info. */
export function log(text: string): void {
  Host.log(LogLevel.Info, text);
}

/**
 * Makes the call fail with a message, and a code other than 0 (1 to 125 by custom): `return error("no such key");`.
 * Returns the code, or 1 for code 0, which would be success.
 */
export function error(message: string, code: i32 = 1): i32 {
  env.error_set(Memory.allocateString(message).offset);
  return code == 0 ? 1 : code;
}

/** What the host configured. */
export class Config {
  /** The value under a key, null when it is unset or empty. */
  static get(key: string): string | null {
    const value = Config.getMemory(key);
    return value === null ? null : text(value.take());
  }

  /** The value's block, null when it is unset or empty. */
  static getMemory(key: string): Memory | null {
    return Memory.find(env.config_get(Memory.allocateString(key).offset));
  }
}

/** Variables: bytes that live as long as the plug-in. */
export class Var {
  /** The variable's value, null when it is unset or empty. */
  static get(key: string): Uint8Array | null {
    const value = Var.getMemory(key);
    return value === null ? null : value.take();
  }

  /** A block with the variable's value, null when it is unset or empty. Writing to it does not change the variable. */
  static getMemory(key: string): Memory | null {
    return Memory.find(env.var_get(Memory.allocateString(key).offset));
  }

  /** The variable's value as text, null when it is unset or empty. */
  static getString(key: string): string | null {
    return text(Var.get(key));
  }

  /** Sets a variable. No bytes remove it: an empty variable and a missing one are the same. */
  static set(key: string, value: Uint8Array): void {
    const name = Memory.allocateString(key);
    env.var_set(name.offset, Memory.allocateBytes(value).offset);
  }

  /** Sets a variable to text; see `set`. */
  static setString(key: string, value: string): void {
    Var.set(key, encode(value));
  }

  /** Removes a variable, if it is set. */
  static remove(key: string): void {
    env.var_set(Memory.allocateString(key).offset, 0);
  }
}

/** A request. Its URL's host must be among those that the host allows. */
export class HttpRequest {
  method: string = "GET";
  headers: Map<string, string> = new Map();

  constructor(public url: string) {}
}

/** A response, whatever its status. */
export class HttpResponse {
  constructor(
    public status: i32,
    /** The body's bytes. */
    public body: Uint8Array,
    /** Headers by name in lower case; none unless the host shows headers. */
    public headers: Map<string, string>,
  ) {}

  /** The body as text. */
  text(): string {
    return decode(this.body);
  }
}

/** Outgoing HTTP. */
export class Http {
  /** Sends a request and waits for the response. A request that is forbidden, malformed or not answered ends the call. */
  static request(request: HttpRequest, body: Uint8Array | null = null): HttpResponse {
    let json = '{"url":' + quote(request.url) + ',"method":' + quote(request.method) + ',"headers":{';
    const names = request.headers.keys();
    for (let i = 0; i < names.length; i++) {
      if (i > 0) json += ",";
      json += quote(names[i]) + ":" + quote(request.headers.get(names[i]));
    }
    const head = Memory.allocateString(json + "}}");
    const content = body === null ? Memory.at(0) : Memory.allocateBytes(body);
    const received = Memory.at(env.http_request(head.offset, content.offset)).take();
    const headers = text(Memory.at(env.http_headers()).take());
    return new HttpResponse(
      env.http_status_code(),
      received === null ? new Uint8Array(0) : received,
      headers === null ? new Map<string, string>() : parseHeaders(headers),
    );
  }

  /** Gets a URL. */
  static get(url: string): HttpResponse {
    return Http.request(new HttpRequest(url));
  }
}

/**
 * A block of kernel memory, as host functions take and return it, by its offset:
 *
 *   @external("extism:host/user", "kv_read")
 *   declare function kv_read(key: u64): u64;
 *
 *   const value = Memory.at(kv_read(Memory.allocateString("tea").offset)).toString();
 *
 * By custom the plug-in keeps the blocks that it passes, and owns the block that it gets. All blocks are freed when the
 * plug-in's next call begins; none may be kept for it.
 */
export class Memory {
  constructor(
    /** Where it starts in kernel memory; 0 is no block, and the block of an empty value. */
    public offset: u64,
    /** Its bytes. */
    public length: u64,
  ) {}

  /** The block that starts at `offset`. */
  static at(offset: u64): Memory {
    return new Memory(offset, env.length(offset));
  }

  /** The block that starts at `offset`, null when it has no bytes. */
  static find(offset: u64): Memory | null {
    const memory = Memory.at(offset);
    return memory.length == 0 ? null : memory;
  }

  /** A new block, whose content is unspecified. Ends the call when no kernel memory is left. */
  static allocate(length: u64): Memory {
    const offset = env.alloc(length);
    if (offset == 0 && length != 0) {
      throw new Error("no kernel memory left: the plug-in needs a higher memory limit (max_pages)");
    }
    return new Memory(offset, length);
  }

  /** A new block with a copy of the bytes. */
  static allocateBytes(bytes: Uint8Array): Memory {
    const memory = Memory.allocate(bytes.length);
    memory.store(bytes);
    return memory;
  }

  /** A new block with the text. */
  static allocateString(text: string): Memory {
    return Memory.allocateBytes(encode(text));
  }

  /** Fills the buffer with its first bytes. Ends the call when there are less. */
  load(buffer: Uint8Array): void {
    this.hasRoomFor(buffer);
    readTo(buffer.dataStart, this.offset, buffer.length);
  }

  /** Makes the bytes its first ones. Ends the call when there are more than it has room for. */
  store(data: Uint8Array): void {
    this.hasRoomFor(data);
    write(this.offset, data.dataStart, data.length);
  }

  private hasRoomFor(bytes: Uint8Array): void {
    if (<u64>bytes.length > this.length) {
      throw new RangeError("a block of " + this.length.toString() + " bytes has no " + bytes.length.toString());
    }
  }

  /** A copy of its bytes. */
  toUint8Array(): Uint8Array {
    return read(this.offset, this.length);
  }

  /** Its bytes as text. */
  toString(): string {
    return decode(this.toUint8Array());
  }

  /** A copy of its bytes, null when there are none. The block is freed. */
  take(): Uint8Array | null {
    if (this.length == 0) return null;
    const bytes = this.toUint8Array();
    this.free();
    return bytes;
  }

  /** Frees it. */
  free(): void {
    env.free(this.offset);
    this.offset = 0;
    this.length = 0;
  }
}

let aborting = false;

/** Makes the message, with its file and line, the call's error, and traps. The compiler calls this: `--use abort=...`. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  // Kernel memory may be what is lacking: a second failure has no message.
  if (!aborting) {
    aborting = true;
    const what = message === null ? "aborted" : message;
    const where = file === null ? "" : " (" + file + ":" + line.toString() + ":" + column.toString() + ")";
    error(what + where);
  }
  unreachable();
}

/** Text as a JSON string: in quotes, with quotes, backslashes and control characters escaped. */
export function quote(text: string): string {
  let json = '"';
  let plain = 0; // where the characters begin that need no escape and are not in `json` yet
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x20 && unit != 0x22 && unit != 0x5c) continue;
    json += text.substring(plain, i);
    json += unit < 0x20 ? "\\u00" + (unit >> 4).toString() + "0123456789abcdef".charAt(unit & 15) : "\\" + text.charAt(i);
    plain = i + 1;
  }
  return json + text.substring(plain) + '"';
}

/** The strings of a JSON object of strings; what else it may hold is left out. */
export function parseHeaders(json: string): Map<string, string> {
  const headers = new Map<string, string>();
  let name: string | null = null;
  let i = 0;
  while (i < json.length) {
    const unit = json.charCodeAt(i++);
    if (unit == 0x2c) name = null; // a comma: a name follows
    if (unit != 0x22) continue;
    let value = "";
    let plain = i;
    while (i < json.length && json.charCodeAt(i) != 0x22) {
      if (json.charCodeAt(i) != 0x5c) {
        i++;
        continue;
      }
      value += json.substring(plain, i) + unescape(json, i + 1);
      i += json.charCodeAt(i + 1) == 0x75 ? 6 : 2;
      plain = i;
    }
    value += json.substring(plain, i++);
    if (name === null) name = value;
    else headers.set(name, value);
  }
  return headers;
}

/** What a JSON escape means, whose letter is at index `at`. */
function unescape(json: string, at: i32): string {
  switch (json.charCodeAt(at)) {
    case 0x75: return String.fromCharCode(<i32>parseInt(json.substring(at + 1, at + 5), 16));
    case 0x6e: return "\n";
    case 0x74: return "\t";
    case 0x72: return "\r";
    case 0x62: return "\b";
    case 0x66: return "\f";
    default: return json.charAt(at);
  }
}

function encode(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

function decode(bytes: Uint8Array): string {
  return String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length);
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : decode(bytes);
}

/** Copies kernel memory to a new array. */
function read(offset: u64, length: u64): Uint8Array {
  if (length > <u64>i32.MAX_VALUE) throw new Error("more bytes than AssemblyScript can hold");
  const bytes = new Uint8Array(<i32>length);
  readTo(bytes.dataStart, offset, bytes.length);
  return bytes;
}

/** Copies kernel memory to bytes. */
function readTo(to: usize, offset: u64, length: usize): void {
  if (isDefined(PLUGWRIGHT_BULK)) {
    plugwright_mem.read(to, offset, length);
    return;
  }
  let i: usize = 0;
  for (; length - i >= 8; i += 8) store<u64>(to + i, env.load_u64(offset + i));
  for (; i < length; i++) store<u8>(to + i, env.load_u8(offset + i));
}

/** Copies bytes to kernel memory. */
function write(offset: u64, from: usize, length: usize): void {
  if (isDefined(PLUGWRIGHT_BULK)) {
    plugwright_mem.write(offset, from, length);
    return;
  }
  let i: usize = 0;
  for (; length - i >= 8; i += 8) env.store_u64(offset + i, load<u64>(from + i));
  for (; i < length; i++) env.store_u8(offset + i, load<u8>(from + i));
}

/**
 * The contract's own functions, for what the rest of this file does not do; docs/contract.md describes each. "Takes" means
 * that the host frees the block, and the plug-in must not use it any more.
 */
export namespace env {
  /** 0 when the length is 0 or no kernel memory is left. */
  @external("extism:host/env", "alloc") export declare function alloc(length: u64): u64;
  @external("extism:host/env", "free") export declare function free(offset: u64): void;
  @external("extism:host/env", "length") export declare function length(offset: u64): u64;
  @external("extism:host/env", "load_u8") export declare function load_u8(offset: u64): u32;
  @external("extism:host/env", "load_u64") export declare function load_u64(offset: u64): u64;
  @external("extism:host/env", "store_u8") export declare function store_u8(offset: u64, value: u32): void;
  @external("extism:host/env", "store_u64") export declare function store_u64(offset: u64, value: u64): void;
  @external("extism:host/env", "input_length") export declare function input_length(): u64;
  @external("extism:host/env", "input_offset") export declare function input_offset(): u64;
  @external("extism:host/env", "output_set") export declare function output_set(offset: u64, length: u64): void;
  @external("extism:host/env", "error_set") export declare function error_set(message: u64): void;
  /** Takes the key. */
  @external("extism:host/env", "config_get") export declare function config_get(key: u64): u64;
  /** Takes the key. */
  @external("extism:host/env", "var_get") export declare function var_get(key: u64): u64;
  /** Takes both. */
  @external("extism:host/env", "var_set") export declare function var_set(key: u64, value: u64): void;
  /** Takes both. */
  @external("extism:host/env", "http_request") export declare function http_request(request: u64, body: u64): u64;
  @external("extism:host/env", "http_status_code") export declare function http_status_code(): i32;
  @external("extism:host/env", "http_headers") export declare function http_headers(): u64;
  /** Takes the message, as do the next four. */
  @external("extism:host/env", "log_trace") export declare function log_trace(message: u64): void;
  @external("extism:host/env", "log_debug") export declare function log_debug(message: u64): void;
  @external("extism:host/env", "log_info") export declare function log_info(message: u64): void;
  @external("extism:host/env", "log_warn") export declare function log_warn(message: u64): void;
  @external("extism:host/env", "log_error") export declare function log_error(message: u64): void;
  @external("extism:host/env", "get_log_level") export declare function get_log_level(): i32;
}

namespace plugwright_env {
  @external("plugwright:host/env", "host_error_take") export declare function host_error_take(): u64;
}

namespace plugwright_mem {
  @external("plugwright:host/mem", "read") export declare function read(to: usize, offset: u64, length: u64): void;
  @external("plugwright:host/mem", "write") export declare function write(offset: u64, from: usize, length: u64): void;
}
