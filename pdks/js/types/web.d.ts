// What a plug-in has of the Web and of Node. Not for projects that use TypeScript's "DOM".

declare const console: {
  trace(...values: unknown[]): void;
  debug(...values: unknown[]): void;
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  assert(condition: unknown, ...values: unknown[]): void;
  count(label?: string): void;
  countReset(label?: string): void;
  dir(value: unknown): void;
  dirxml(...values: unknown[]): void;
  group(...values: unknown[]): void;
  groupCollapsed(...values: unknown[]): void;
  groupEnd(): void;
  table(data: unknown, columns?: string[]): void;
  time(label?: string): void;
  timeLog(label?: string, ...values: unknown[]): void;
  timeEnd(label?: string): void;
};

declare class TextEncoder {
  readonly encoding: string;
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(encoding?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(init?: string | Record<string, string> | Iterable<[string, string]>);
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  set(name: string, value: string): void;
  sort(): void;
  forEach(callback: (value: string, name: string, parent: URLSearchParams) => void): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  toString(): string;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

declare class URL {
  constructor(url: string | URL, base?: string | URL);
  static canParse(url: string | URL, base?: string | URL): boolean;
  static parse(url: string | URL, base?: string | URL): URL | null;
  href: string;
  readonly origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  readonly searchParams: URLSearchParams;
  hash: string;
  toString(): string;
  toJSON(): string;
}

type HeadersInit = Headers | Record<string, string> | Iterable<[string, string]>;
type BodyInit = string | ArrayBuffer | ArrayBufferView | URLSearchParams;

declare class Headers implements Iterable<[string, string]> {
  constructor(init?: HeadersInit);
  append(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  /** The host joins several headers of this name, so it is one value at most. */
  getSetCookie(): string[];
  has(name: string): boolean;
  set(name: string, value: string): void;
  forEach(callback: (value: string, name: string, parent: Headers) => void): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

interface PlugwrightBody {
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  json(): Promise<any>;
  text(): Promise<string>;
}

interface RequestInit {
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
}

interface Request extends PlugwrightBody {}
declare class Request {
  constructor(input: string | URL | Request, init?: RequestInit);
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  clone(): Request;
}

interface Response extends PlugwrightBody {}
declare class Response {
  constructor(body?: BodyInit | null, init?: { status?: number; statusText?: string; headers?: HeadersInit });
  static error(): Response;
  static redirect(url: string | URL, status?: number): Response;
  static json(value: unknown, init?: { status?: number; statusText?: string; headers?: HeadersInit }): Response;
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly url: string;
  readonly type: "default" | "basic" | "error";
  readonly redirected: boolean;
  readonly headers: Headers;
  clone(): Response;
}

declare function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;

declare const crypto: {
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  randomUUID(): string;
  readonly subtle: {
    digest(algorithm: string | { name: string }, data: ArrayBuffer | ArrayBufferView): Promise<ArrayBuffer>;
  };
};

declare const performance: { now(): number; readonly timeOrigin: number; toJSON(): { timeOrigin: number } };

declare function structuredClone<T>(value: T, options?: { transfer?: unknown[] }): T;
declare function atob(text: string): string;
declare function btoa(text: string): string;
declare function queueMicrotask(callback: () => void): void;
declare function setTimeout<T extends unknown[]>(callback: (...values: T) => void, milliseconds?: number, ...values: T): number;
declare function setInterval<T extends unknown[]>(callback: (...values: T) => void, milliseconds?: number, ...values: T): number;
declare function setImmediate<T extends unknown[]>(callback: (...values: T) => void, ...values: T): number;
declare function clearTimeout(id: number | undefined): void;
declare function clearInterval(id: number | undefined): void;
declare function clearImmediate(id: number | undefined): void;

/** What packages ask of Node's. The environment is not the host's: `NODE_ENV` is `production`, and that is all. */
declare const process: {
  env: Record<string, string | undefined>;
  argv: string[];
  platform: string;
  browser: boolean;
  nextTick<T extends unknown[]>(callback: (...values: T) => void, ...values: T): void;
};

type BufferEncoding = "utf8" | "utf-8" | "hex" | "base64" | "base64url" | "ascii" | "latin1" | "binary" | "utf16le" | "ucs2";

declare class Buffer extends Uint8Array<ArrayBuffer> {
  static from(text: string, encoding?: BufferEncoding): Buffer;
  static from(bytes: ArrayBuffer | ArrayLike<number> | Iterable<number>): Buffer;
  static alloc(length: number, fill?: number | string): Buffer;
  static concat(parts: Uint8Array[], length?: number): Buffer;
  static isBuffer(value: unknown): value is Buffer;
  static byteLength(value: string | ArrayBuffer | ArrayBufferView, encoding?: BufferEncoding): number;
  toString(encoding?: BufferEncoding, start?: number, end?: number): string;
  equals(other: Uint8Array): boolean;
  write(text: string, offset?: number, length?: number, encoding?: BufferEncoding): number;
}

declare module "buffer" {
  export import Buffer = globalThis.Buffer;
  export import atob = globalThis.atob;
  export import btoa = globalThis.btoa;
  const exported: { Buffer: typeof Buffer; atob: typeof atob; btoa: typeof btoa };
  export default exported;
}
declare module "node:buffer" {
  export * from "buffer";
  export { default } from "buffer";
}

declare module "url" {
  export import URL = globalThis.URL;
  export import URLSearchParams = globalThis.URLSearchParams;
  const exported: { URL: typeof URL; URLSearchParams: typeof URLSearchParams };
  export default exported;
}
declare module "node:url" {
  export * from "url";
  export { default } from "url";
}

declare module "process" {
  const exported: typeof process;
  export const env: typeof exported.env;
  export const argv: typeof exported.argv;
  export const platform: typeof exported.platform;
  export const browser: typeof exported.browser;
  export const nextTick: typeof exported.nextTick;
  export default exported;
}
declare module "node:process" {
  export * from "process";
  export { default } from "process";
}
