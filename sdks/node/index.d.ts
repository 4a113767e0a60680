/** Run WebAssembly plug-ins written in any language: fast, safely, without glue. */

/** Bytes: of a view only those that it shows are used. */
export type Bytes = Uint8Array | ArrayBuffer | ArrayBufferView;

/** What a call takes: text is passed as UTF-8, a number as its text. */
export type Input = string | number | bigint | Bytes | null | undefined;

/** Bytes of a plug-in's: what a call returned, or a host function read. They are a copy, which is the program's own. */
export interface PluginOutput extends DataView {
  /** The value of the JSON text. Throws `SyntaxError` for what is none. */
  json(): any;
  /** The text, of UTF-8. */
  text(): string;
  /** An older name of `text`. */
  string(): string;
  /** The bytes, in the memory of `arrayBuffer`. */
  bytes(): Uint8Array;
  /** The memory that the bytes are in. */
  arrayBuffer(): ArrayBuffer;
}

// Not a class: the type parameters of `DataView` differ between versions of TypeScript.
export declare const PluginOutput: {
  new (buffer: ArrayBuffer): PluginOutput;
  readonly prototype: PluginOutput;
};

/** What happened. The names are the same in all languages; `Closed` and `Busy` are those of the SDKs for Go, Node.js and Python. */
export type ErrorKind =
  | 'InvalidManifest'
  | 'Load'
  | 'HashMismatch'
  | 'Compile'
  | 'Link'
  | 'FunctionNotFound'
  | 'Signature'
  | 'Guest'
  | 'Trap'
  | 'Contract'
  | 'Timeout'
  | 'Cancelled'
  | 'OutOfFuel'
  | 'OutOfMemory'
  | 'Exit'
  | 'Limit'
  | 'HostFunction'
  | 'Http'
  | 'Encode'
  | 'Decode'
  | 'PoolTimeout'
  | 'Incompatible'
  | 'Snapshot'
  | 'Unavailable'
  | 'Lost'
  | 'Closed'
  | 'Busy';

/** A function of the guest that was running when a call ended in the middle. */
export interface BacktraceFrame {
  readonly functionName?: string;
  readonly functionIndex: number;
  /** In bytes from the beginning of the module. */
  readonly offset?: number;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
}

/** Why a plug-in could not be loaded or called. `cause` is what a host function threw, or the reason of an `AbortSignal`. */
export declare class PluginError extends Error {
  private constructor();
  readonly kind: ErrorKind;
  /** The code of `Guest` and `Exit`; 134 for `Trap`; -1 for everything else. */
  readonly exitCode: number;
  readonly pluginName?: string;
  /** The function of the plug-in that was called. */
  readonly functionName?: string;
  /** The host function that failed. */
  readonly hostFunction?: string;
  /** What the guest said of its failure. */
  readonly guestMessage?: string;
  /** Innermost first, for calls that ended in the middle. */
  readonly backtrace?: readonly BacktraceFrame[];
  readonly cause?: unknown;
}

/** The plug-in that is calling a host function, for as long as that runs: later uses throw. */
export declare class CurrentPlugin {
  private constructor();
  /** What the caller of the plug-in gave to the call. */
  hostContext<T = any>(): T;
  /** A copy of the block at an offset; an empty one for offset 0. Throws `Contract` where no block starts. */
  read(offset: bigint | number): PluginOutput;
  /** Makes a block, which the guest gets, and returns its offset: 0 for no bytes. */
  store(value: string | Bytes): bigint;
  /** Makes a block of so many bytes, of any content, and returns its offset. Throws `OutOfMemory` when the plug-in may not have it. */
  alloc(size: bigint | number): bigint;
  /** Frees the block at an offset; nothing where none starts. */
  free(offset: bigint | number): void;
  /** The bytes of the block at an offset; 0 where none starts. */
  length(offset: bigint | number): bigint;
  /**
   * The block at an offset, to read and to write for as long as the host function runs. What is written is the plug-in's when the function
   * ends, and in what is read before. Then the buffer loses its memory: it has no bytes any more.
   */
  memory(offset: bigint | number): Buffer;
  /** A variable of the plug-in, `null` if it is not set. */
  getVariable(name: string): PluginOutput | null;
  setVariable(name: string, value: string | Bytes): void;
  deleteVariable(name: string): void;
  /** A value of the plug-in's config, `null` if there is none. */
  config(key: string): string | null;
  /** Lets the call fail with this message when it ends; `null` takes that back. What the guest itself says of its failure comes first. */
  setError(error?: string | Error | null): void;
  /** Ends the call as soon as the host function returns, as `Cancelled`. */
  cancel(): void;
  /** The least severe messages of the plug-in that are logged. Setting it throws: a plug-in is loaded with its level. */
  readonly logLevel: LogLevel;
  /** The plug-in's id, a UUID. */
  readonly id: string;
  /** The milliseconds until the call's deadline, `null` without one. */
  readonly timeLeft: number | null;
}

export type { CurrentPlugin as CallContext };

/** The types of WebAssembly values. */
export declare const ValType: Readonly<{ I32: 0; I64: 1; F32: 2; F64: 3; V128: 4 }>;
export type ValType = 0 | 1 | 2 | 3 | 4;

/**
 * A function that plug-ins call. 64-bit integers, which offsets are too, come as `bigint`, other numbers as `number`. It may return a
 * promise. A 64-bit result may be a `bigint`, a whole number, or text or bytes, which the guest gets as a block.
 */
export type HostFunction = (current: CurrentPlugin, ...params: any[]) => unknown;

/** A function with more about it. */
export interface HostFunctionDescription {
  call: HostFunction;
  /** The types, when they are not to be those of the import: a plug-in with another import is refused. */
  params?: ValType[];
  results?: ValType[];
  /** Whether the guest gets errors of the function as values, by `host_error_take`. */
  errorsAsValues?: boolean;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent' | 'off';

/** Gets the messages of a plug-in. */
export type Logger = Pick<Console, 'debug' | 'info' | 'warn' | 'error'> & Partial<Pick<Console, 'trace' | 'log'>>;

export interface MemoryOptions {
  /** Pages of 64 KiB, of all memories together: 65536 at most. */
  maxPages?: number | undefined;
  maxHttpResponseBytes?: number | undefined;
  maxVarBytes?: number | undefined;
}

/** What a WASI plug-in sees of the system. */
export interface WasiOptions {
  env?: Record<string, string>;
  args?: string[];
  stdin?: string | Bytes;
  /** `closed` by default. */
  stdout?: 'closed' | 'inherit' | 'capture';
  stderr?: 'closed' | 'inherit' | 'capture';
}

/** What a plug-in may do, and its limits. The defaults are the strictest. */
export interface PluginOptions {
  /** Names the plug-in in errors; its file's name by default. */
  name?: string;
  /** Offer WASI preview 1. By default it is offered when there is `wasi`. */
  useWasi?: boolean;
  wasi?: WasiOptions;
  config?: Record<string, string> | undefined;
  /** Globs of the names of hosts that the plug-in may send HTTP requests to. */
  allowedHosts?: string[] | undefined;
  /** Folders of the host (after `ro:` if read-only) by the guest's paths. */
  allowedPaths?: Record<string, string> | undefined;
  /** Host functions by module and name. What is in `extism:host/user` serves `env` as well. */
  functions?: Record<string, Record<string, HostFunction | HostFunctionDescription>> | undefined;
  memory?: MemoryOptions;
  /** How long a call may take. */
  timeoutMs?: number | null;
  /** How much work a call may do, roughly one unit for each instruction. */
  fuelLimit?: number;
  maxLogBytes?: number;
  maxOutputBytes?: number;
  /** `console` by default. */
  logger?: Logger;
  /** `info` when there is a logger, else `silent`. */
  logLevel?: LogLevel;
  /** Run guests on threads of their own. `call` then occupies this one at most for as long as it takes to hand it over. */
  runInWorker?: boolean;
  /** Let a WASI plug-in write to this process's standard output and error. */
  enableWasiOutput?: boolean;
  /** Show the headers of HTTP responses to the plug-in. */
  allowHttpResponseHeaders?: boolean;
  /** Where compiled code is kept: a folder, or `false` for nowhere. */
  cache?: string | boolean;
  garbageCollection?: boolean;
  compactMemory?: boolean;
  /** Gets modules from URLs, instead of the runtime. Guests' own HTTP requests remain the runtime's. */
  fetch?: typeof fetch;
  /** Taken and ignored: guests share no memory with workers of JavaScript. */
  sharedArrayBufferSize?: number;
  /** Taken and ignored: guests run on threads without JavaScript. */
  nodeWorkerArgs?: object;
}

export type ExtismPluginOptions = PluginOptions;
export type PluginConfig = Record<string, string>;
export type PluginConfigLike = Record<string, string>;

export interface ManifestWasmPath {
  path: string;
}

export interface ManifestWasmUrl {
  url: string | URL;
  method?: string;
  headers?: Record<string, string>;
}

/** Bytes, or text in Base64. */
export interface ManifestWasmData {
  data: Bytes | string;
}

export interface ManifestWasmResponse {
  response: Response | PromiseLike<Response>;
}

/** One module of a manifest. */
export type ManifestWasm = (ManifestWasmPath | ManifestWasmUrl | ManifestWasmData | ManifestWasmResponse) & {
  name?: string;
  hash?: string;
};

/** A manifest. `allowedPaths` has the guest's paths for keys, as in options; `allowed_paths` the host's, as in the contract. */
export interface Manifest {
  wasm: ManifestWasm[];
  memory?: MemoryOptions | { max_pages?: number; max_http_response_bytes?: number; max_var_bytes?: number };
  config?: Record<string, string>;
  allowedHosts?: string[];
  allowed_hosts?: string[];
  allowedPaths?: Record<string, string>;
  allowed_paths?: Record<string, string>;
  timeoutMs?: number | null;
  timeout_ms?: number;
}

/** Compiled code, as a source: see `trustedCompiledCode`. */
export interface TrustedCode {
  readonly code: Uint8Array;
}

/**
 * What `serialize` made, **trusted like a program**: it is machine code that runs with all rights of this process, and nothing checks it.
 */
export declare function trustedCompiledCode(code: Bytes): TrustedCode;

/** A path, a URL, a manifest as an object or as JSON text, or bytes: of a module, of its text, or of a manifest. */
export type Source = string | URL | Bytes | Manifest | TrustedCode;
export type ManifestLike = Source | Response;

/** What concerns one call. */
export interface CallOptions {
  /** Ends the call as `Cancelled`. */
  signal?: AbortSignal;
  /** How long this call may take, instead of what the plug-in's options say. */
  timeoutMs?: number;
}

export interface ExportDescriptor {
  name: string;
  kind: 'function' | 'memory' | 'table' | 'global' | 'tag';
}

export interface ImportDescriptor extends ExportDescriptor {
  module: string;
}

/**
 * One instance of a plug-in, with its variables. It does one thing at a time: calls wait for those before them. `callSync`, `restart`,
 * `updateConfig`, `takeStdout`, `takeStderr` and `fuelConsumed` do not wait: they throw `Busy` while a call is under way. After `close` they
 * throw `Closed`, and `call` and `reset` reject with it.
 */
export declare class Plugin {
  private constructor();
  readonly name: string;
  /** A UUID. */
  readonly id: string;
  /** Calls a function; the output is `null` if there is none. Rejects with `PluginError`. */
  call<T = unknown>(functionName: string, input?: Input, hostContext?: T, options?: CallOptions): Promise<PluginOutput | null>;
  /** Like `call`, on this thread, which waits for all but promises of host functions: those it refuses. */
  callSync<T = unknown>(
    functionName: string,
    input?: Input,
    hostContext?: T,
    options?: Pick<CallOptions, 'timeoutMs'>,
  ): PluginOutput | null;
  functionExists(functionName: string): Promise<boolean>;
  /** What the main module exports; its source is read once more for that. */
  getExports(): Promise<ExportDescriptor[]>;
  /** What the main module imports; its source is read once more for that. */
  getImports(): Promise<ImportDescriptor[]>;
  /** Rejects: plug-ins do not run in the WebAssembly of JavaScript. */
  getInstance(): Promise<never>;
  /** Whether a call is under way. */
  isActive(): boolean;
  /** Frees what calls left in the memory shared with the host; `false` when a call is under way. */
  reset(): Promise<boolean>;
  /** Discards the instance, so that the next call gets a fresh one. Variables and config stay. */
  restart(): void;
  /** Sets the keys with a value, removes those with `null`. */
  updateConfig(changes: Record<string, string | null>): void;
  /** What was written since the last time, if `wasi.stdout` is `capture`. */
  takeStdout(): Uint8Array;
  takeStderr(): Uint8Array;
  /** Of the last call; `null` without `fuelLimit`. */
  fuelConsumed(): number | null;
  /** Takes no more calls, waits for those that were made, and frees the instance. Again it waits for the same. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PoolOptions {
  /** The most instances; as many as there are processors by default. */
  max?: number;
  /** How long a call waits for an instance. As long as it takes by default. */
  acquireTimeoutMs?: number;
}

/** Instances of one plug-in, called on all processors while the event loop goes on. */
export declare class Pool {
  private constructor();
  readonly name: string;
  readonly max: number;
  /** How many calls are under way or wait for an instance. */
  readonly active: number;
  /** Calls a function of some instance; waits for one, first come, first served. */
  call<T = unknown>(functionName: string, input?: Input, hostContext?: T, options?: CallOptions): Promise<PluginOutput | null>;
  functionExists(functionName: string): Promise<boolean>;
  /** Takes no more calls, waits for those that were made, and frees the instances. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A plug-in's code, with its settings and host functions: compiled once, for any number of instances. */
export declare class CompiledPlugin {
  private constructor();
  readonly name: string;
  instantiate(): Plugin;
  createPool(options?: PoolOptions): Pool;
  functionExists(functionName: string): boolean;
  /** The compiled code. It runs on this version of the package, on processors with this one's features. */
  serialize(): Uint8Array;
}

/** Loads a plug-in. */
export declare function createPlugin(source: ManifestLike | PromiseLike<ManifestLike>, options?: PluginOptions): Promise<Plugin>;
/** Loads a plug-in on this thread, which waits for files, downloads and the compiler. */
export declare function createPluginSync(source: Source, options?: PluginOptions): Plugin;
/** Loads a plug-in for calls on all processors. */
export declare function createPool(
  source: ManifestLike | PromiseLike<ManifestLike>,
  options?: PluginOptions & PoolOptions,
): Promise<Pool>;
/** Loads and compiles a plug-in. */
export declare function compile(
  source: ManifestLike | PromiseLike<ManifestLike>,
  options?: PluginOptions,
): Promise<CompiledPlugin>;
/** Loads and compiles a plug-in on this thread. */
export declare function compileSync(source: Source, options?: PluginOptions): CompiledPlugin;
/** Loads a plug-in by its manifest, in JSON or TOML. */
export declare function fromManifestFile(path: string | URL, options?: PluginOptions): Promise<Plugin>;
/** Another name of `createPlugin`. */
export declare const newPlugin: typeof createPlugin;

/** The module that the contract's own functions are in. */
export declare const EXTISM_ENV: 'extism:host/env';
/** The module that host functions are in unless another is named. */
export declare const EXTISM_USER: 'extism:host/user';
/** The module of Plugwright's own functions. */
export declare const PLUGWRIGHT_ENV: 'plugwright:host/env';

/** What the package can do, in the words of the public SDK. */
export interface Capabilities {
  readonly supportsJSPromiseInterface: boolean;
  readonly allowSharedBufferCodec: boolean;
  readonly manifestSupportsPaths: boolean;
  readonly crossOriginChecksEnforced: boolean;
  readonly fsAccess: boolean;
  readonly hasWorkerCapability: boolean;
  readonly supportsWasiPreview1: boolean;
  readonly supportsTimeouts: boolean;
  readonly extismStdoutEnvVarSet: boolean;
}
export declare const CAPABILITIES: Capabilities;

export default createPlugin;
