/**
 * The surface of the first Node.js SDK of Extism, for programs that are written for it: only their `import` changes.
 * New programs use the package's own surface.
 */

import { PluginError } from './index.js';

export { PluginError };

/** Types of values. `V128`, `FuncRef` and `ExternRef` have numbers, but no host function can have them. */
export enum ValType {
  I32 = 0,
  I64 = 1,
  F32 = 2,
  F64 = 3,
  V128 = 4,
  FuncRef = 5,
  ExternRef = 6,
}

/** A number with its type. */
export interface Val {
  readonly t: ValType;
  readonly v: {
    /** Set it to a whole number, signed or unsigned. */
    i32: number;
    /** A number where that is exact, else a BigInt. Set it to either, signed or unsigned. */
    get i64(): number | bigint;
    set i64(value: number | bigint);
    f32: number;
    f64: number;
  };
}

/** Where a block of the plug-in's memory begins. */
export type Offset = number | bigint;

/** The plug-in that calls a host function, for as long as the function runs; after that, each method throws. */
export interface CurrentPlugin {
  /**
   * A view of the block that begins at `offset`: the plug-in finds in the block what is written to the view. When the host
   * function ends, the view ends with it: each method throws, and so does `length`, and there are no bytes (`view[0]` is `undefined`).
   * Copy what is to be kept (`Buffer.from(view)`).
   *
   * At offset 0 there is an empty block. Throws a `PluginError` of kind `Contract` where no block begins.
   */
  memory(offset: Offset): Buffer;
  /** A new block of so many bytes; its offset. Throws a `PluginError` of kind `OutOfMemory` when the plug-in may not have it. */
  memoryAlloc(bytes: number): number;
  /** The bytes of the block that begins at `offset`, 0 where none begins. */
  memoryLength(offset: Offset): number;
  /** Frees the block that begins at `offset`, and ends its view; nothing where none begins. */
  memoryFree(offset: Offset): void;
  /** `memory(input.v.i64)` */
  inputBytes(input: Val): Buffer;
  /** The block that an input points to, as text. */
  inputString(input: Val): string;
  /** Makes a block of bytes, and an output its offset. */
  returnBytes(output: Val, bytes: Uint8Array): void;
  /** Makes a block of a text, and an output its offset. */
  returnString(output: Val, text: string): void;
}

/**
 * What a plug-in calls. It sets the values in `outputs`, which are 0 until then. It may return a promise: the plug-in waits, and the event
 * loop does not. What it throws, or rejects with, ends the call with a `PluginError` of kind `HostFunction`, as its `cause`.
 */
export type HostFunctionCallback<UserData extends unknown[] = any[]> = (
  plugin: CurrentPlugin,
  inputs: Val[],
  outputs: Val[],
  ...userData: UserData
) => unknown;

/** A function of the program that plug-ins may call. */
export class HostFunction<UserData extends unknown[] = any[]> {
  /**
   * @param inputs the types of what the plug-in passes: `ValType.I64` for a block
   * @param outputs the types of what it gets
   * @param userData what the callback gets after the values
   */
  constructor(
    name: string,
    inputs: ValType[],
    outputs: ValType[],
    callback: HostFunctionCallback<UserData>,
    ...userData: UserData
  );
  readonly name: string;
  readonly userData: UserData;
  /**
   * Chooses the module that plug-ins import the function from, and no other. Without it, the function is found in
   * `extism:host/user` and in `env`.
   */
  setNamespace(name: string): void;
  /** The same, and returns the function. */
  withNamespace(name: string): this;
  /** No more plug-ins can be made with the function. Those that have it keep it. */
  free(): void;
}

/** Values by key. */
export type PluginConfig = Map<string, string> | Record<string, string>;

/** A module in a manifest. */
export type ManifestWasm = ({ path: string } | { data: Uint8Array } | { url: string }) & { name?: string; hash?: string };

/** What a plug-in is made of, and what it may do. */
export interface Manifest {
  wasm: ManifestWasm[];
  memory?: { max_pages?: number; max_http_response_bytes?: number; max_var_bytes?: number };
  config?: PluginConfig;
  allowed_hosts?: string[];
  allowed_paths?: Record<string, string>;
  timeout_ms?: number;
}

/** Cancels calls of a plug-in. */
export interface CancelHandle {
  /** Ends the calls that were made and have not ended with a `PluginError` of kind `Cancelled`; says whether there was one. */
  cancel(): boolean;
}

/** A plug-in. Its calls wait for each other. */
export class Plugin {
  /**
   * @param manifest a manifest, or a text or bytes: of WebAssembly, or of a manifest in JSON or TOML
   * @param wasi whether it gets WASI
   * @throws PluginError when the plug-in cannot be loaded, or imports what nobody offers
   */
  constructor(
    manifest: Manifest | Uint8Array | string,
    wasi?: boolean,
    functions?: HostFunction[],
    config?: PluginConfig | null,
  );
  /** Makes another plug-in of this object: nothing of the old one stays. Returns true. */
  update(
    manifest: Manifest | Uint8Array | string,
    wasi?: boolean,
    functions?: HostFunction[],
    config?: PluginConfig | null,
  ): boolean;
  /**
   * Calls a function. The output belongs to the program.
   *
   * Rejects with a `PluginError`, where the first SDK rejects with a text.
   *
   * @param input a text or bytes; nothing is an empty input
   */
  call(name: string, input?: string | Uint8Array | null): Promise<Buffer>;
  /** Whether there is a function that can be called. */
  functionExists(name: string): boolean;
  /** Sets values of the config, and removes those that are `null`; the others stay. It holds for calls that are made from then on. */
  setConfig(config: Map<string, string | null> | Record<string, string | null>): void;
  /** What ends calls, whether they were made before it or after. */
  cancelHandle(): CancelHandle;
  /** Frees the plug-in. Calls after that are rejected; freeing it once more does nothing. */
  free(): void;
}

/** What plug-ins are made in, and freed with. */
export class Context {
  /** Makes a plug-in; see the constructor of `Plugin`. */
  plugin(
    manifest: Manifest | Uint8Array | string,
    wasi?: boolean,
    functions?: HostFunction[],
    config?: PluginConfig | null,
  ): Plugin;
  /** Frees the plug-ins. */
  reset(): void;
  /** Frees the plug-ins; the context makes no more. */
  free(): void;
}

/** Makes a context for a function, and frees it whatever the function does. */
export function withContext<T>(action: (context: Context) => Promise<T> | T): Promise<T>;

/** The version of this package. */
export function extismVersion(): string;

/**
 * Lets the plug-ins that are made from now on log to a file.
 *
 * @param level the least severe messages that are wanted, `info` when it is not said
 */
export function setLogFile(file: string, level?: 'trace' | 'debug' | 'info' | 'warn' | 'error'): void;
