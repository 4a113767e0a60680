/// <reference path="./capabilities.d.ts" />
/// <reference path="./web.d.ts" />

// What a plug-in talks to its host with. In tsconfig.json: "types": ["@plugwright/js-pdk"] and "lib": ["ES2023"].

/** A number in WebAssembly, for the types of exports and of host functions. As a result of an export: the return code, 0 for success. */
type I32 = number;
/** A number, or a bigint beyond 2^53. As a parameter of a host function also a value, which gets a block of memory. */
type I64 = number | bigint;
type F32 = number;
type F64 = number;

/** Bytes in any form. */
type PlugwrightBytes = ArrayBuffer | ArrayBufferView;

/** The call: its input and output. */
declare const Host: {
  /** The input as bytes. */
  inputBytes(): ArrayBuffer;
  /** The input as text. */
  inputString(): string;
  /** The input as JSON. */
  inputJSON(): any;
  outputBytes(bytes: PlugwrightBytes): void;
  outputString(text: string): void;
  outputJSON(value: unknown): void;
  /** The functions of the host that a `.d.ts` declares, by name, with the types that it gives them. */
  getFunctions(): PlugwrightHostFunctions;
  arrayBufferToBase64(bytes: PlugwrightBytes): string;
  base64ToArrayBuffer(text: string): ArrayBuffer;
};

// Projects add to these what their host lends, in either form: `interface user { name(key: I64): I64 }` or `export function name(key: string): string`.
declare module "extism:host" {
  interface user {}
}
declare module "extism:host/user" {}

type PlugwrightDeclared = import("extism:host").user & typeof import("extism:host/user");

/** What `Host.getFunctions()` returns. Functions of other modules than `extism:host/user` can be added here. */
interface PlugwrightHostFunctions extends PlugwrightDeclared {}

/** What the host configured. */
declare const Config: {
  /** The value of a key; `null` if the host gave none. */
  get(key: string): string | null;
};

/** Variables: they live as long as the plug-in, and calls share them. */
declare const Var: {
  /** The value as text; `null` if there is none. */
  get(key: string): string | null;
  getString(key: string): string | null;
  getBytes(key: string): ArrayBuffer | null;
  /** `null` removes it. */
  set(key: string, value: string | PlugwrightBytes | null): void;
};

interface HttpRequest {
  url: string;
  /** `GET` unless something else is said. */
  method?: string;
  headers?: Record<string, string>;
}

interface HttpResponse {
  status: number;
  /** Empty unless the host shows them. */
  headers: Record<string, string>;
  /** The body as text. */
  body: string;
  bytes: Uint8Array;
}

/** Requests to hosts that the plug-in is allowed to reach. `fetch` does the same. */
declare const Http: {
  request(request: HttpRequest, body?: string | PlugwrightBytes): HttpResponse;
};

/** A block of memory that host and plug-in share, for host functions that take offsets. */
declare class MemoryHandle {
  constructor(offset: number, length: number);
  offset: number;
  /** In bytes. */
  len: number;
  readString(): string;
  readBytes(): ArrayBuffer;
  readBuffer(): ArrayBuffer;
  readJsonObject(): any;
  readUInt32(): number;
  readUInt64(): bigint;
  readFloat32(): number;
  readFloat64(): number;
  free(): void;
}

declare const Memory: {
  fromString(text: string): MemoryHandle;
  fromBuffer(bytes: PlugwrightBytes): MemoryHandle;
  fromJsonObject(value: unknown): MemoryHandle;
  allocUInt32(number: number): MemoryHandle;
  allocUInt64(number: number | bigint): MemoryHandle;
  allocFloat32(number: number): MemoryHandle;
  allocFloat64(number: number): MemoryHandle;
  /** The block at an offset; `null` if none starts there. */
  find(offset: number | bigint): MemoryHandle | null;
  readString(offset: number | bigint): string;
  readBytes(offset: number | bigint): ArrayBuffer;
};
