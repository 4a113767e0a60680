// Modules for what the host may grant a plug-in: `import * as kv from "plugwright/kv"`.

declare module "plugwright/kv" {
  /** Why something was not done. */
  export class CapabilityError extends Error {
    readonly code: "invalid" | "forbidden" | "too_large" | "rate_limited" | "conflict" | "unavailable" | "timeout" | "no_responders" | "wrong_type" | "internal";
  }

  interface Lifetime {
    /** How long the value lives, in milliseconds; without end if absent. */
    ttl?: number;
  }

  /** Some keys. There may be none, and yet more to come. */
  interface Page {
    keys: string[];
    /** To be given for the next page; `null` after the last one. */
    cursor: string | null;
  }

  /** The value of a key as text; `null` if it has none. */
  export function get(key: string): string | null;
  /** The value of a key as bytes; `null` if it has none. */
  export function getBytes(key: string): Uint8Array | null;
  export function set(key: string, value: string | ArrayBuffer | ArrayBufferView, options?: Lifetime): void;
  /** Deletes a key; whether it was there. */
  export function remove(key: string): boolean;
  /** Adds to the number of a key (1 by default), and gives the sum: a bigint beyond 2^53. */
  export function increment(key: string, delta?: number | bigint): number | bigint;
  /** Sets the value of a key if it has the expected one; whether it was set. `null` stands for no value. */
  export function compareAndSwap(
    key: string,
    expected: string | ArrayBufferView | ArrayBuffer | null,
    value: string | ArrayBufferView | ArrayBuffer | null,
    options?: Lifetime,
  ): boolean;
  /** About `limit` keys (1 to 1000, 100 by default) that begin with a prefix. */
  export function list(prefix?: string, options?: { cursor?: string | null; limit?: number }): Page;
}

declare module "plugwright/sql" {
  import { CapabilityError } from "plugwright/kv";
  export { CapabilityError };

  /** A parameter: bytes are passed as such, a bigint is an integer, other objects are JSON. */
  type Param = null | undefined | boolean | number | bigint | string | ArrayBuffer | ArrayBufferView | object;

  /** The rows of a query, each an object with the columns' names. Bytes are `{ base64 }`. Parameters are `$1`, `$2`, … in the statement. */
  export function query<Row = Record<string, unknown>>(statement: string, params?: Param[]): Row[];
  /** How many rows a statement has changed. */
  export function execute(statement: string, params?: Param[]): number;
  /** Does something as one transaction, which is rolled back if `work` throws. `work` must not be async. */
  export function transaction<T>(work: () => T): T;
}

declare module "plugwright/messaging" {
  export { CapabilityError } from "plugwright/kv";

  type Payload = string | ArrayBuffer | ArrayBufferView;

  /** Publishes a message. MQTT 3.1.1 has no headers. */
  export function publish(subject: string, payload: Payload, options?: { headers?: Record<string, string> }): void;
  /** Publishes a message and waits for an answer, so many milliseconds at most; the answer as text. */
  export function request(subject: string, payload: Payload, options?: { timeout?: number }): string;
  /** The same; the answer as bytes. */
  export function requestBytes(subject: string, payload: Payload, options?: { timeout?: number }): Uint8Array;
}
