// fetch, Headers, Request and Response (fetch.spec.whatwg.org), on the contract's requests: whole bodies, one after the other.
import * as native from "plugwright:native";
import { send } from "./host.js";
import { bytesOf, define, tag } from "./values.js";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function headerName(name) {
  const text = String(name);
  if (!TOKEN.test(text)) throw new TypeError(`\`${text}\` cannot be a header's name`);
  return text.toLowerCase();
}

function headerValue(name, value) {
  const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (/[\0\n\r]/.test(text)) throw new TypeError(`the value of the header \`${name}\` has a line break or a zero`);
  return text;
}

class Headers {
  #values = new Map();

  constructor(init) {
    if (init === undefined || init === null) return;
    if (typeof init !== "object") throw new TypeError("Headers are made from an object, from pairs or from Headers");
    const pairs = typeof init[Symbol.iterator] === "function" ? init : Object.entries(init);
    for (const pair of pairs) {
      const [name, value, ...more] = [...pair];
      if (value === undefined || more.length > 0) throw new TypeError("Headers: each item must be a pair of name and value");
      this.append(name, value);
    }
  }
  append(name, value) {
    const key = headerName(name);
    const before = this.#values.get(key);
    const text = headerValue(key, value);
    this.#values.set(key, before === undefined ? text : `${before}, ${text}`);
  }
  delete(name) {
    this.#values.delete(headerName(name));
  }
  get(name) {
    return this.#values.get(headerName(name)) ?? null;
  }
  has(name) {
    return this.#values.has(headerName(name));
  }
  set(name, value) {
    const key = headerName(name);
    this.#values.set(key, headerValue(key, value));
  }
  getSetCookie() {
    const value = this.get("set-cookie");
    return value === null ? [] : [value];
  }
  forEach(callback, self) {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }
  *entries() {
    yield* [...this.#values].sort(([one], [other]) => (one < other ? -1 : 1));
  }
  *keys() {
    for (const [name] of this) yield name;
  }
  *values() {
    for (const [, value] of this) yield value;
  }
  [Symbol.iterator]() {
    return this.entries();
  }
}

/** A body's bytes and its type, from what fetch accepts as one. */
function bodyFrom(value) {
  if (value === null || value === undefined) return { bytes: null, type: null };
  if (value instanceof URLSearchParams) {
    return { bytes: native.encodeUtf8(String(value)), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  }
  const bytes = bytesOf(value);
  if (bytes !== undefined) return { bytes: bytes.slice(), type: null };
  return { bytes: native.encodeUtf8(String(value)), type: "text/plain;charset=UTF-8" };
}

/** The bytes of a body without using them up; `null` if there are none. */
let peek;

/** What Request and Response have in common. */
class Body {
  #bytes;
  #used = false;

  constructor(bytes) {
    this.#bytes = bytes;
  }
  get bodyUsed() {
    return this.#used;
  }
  static {
    peek = (body) => {
      if (body.#used) throw new TypeError("the body has been read already");
      return body.#bytes;
    };
  }
  #take() {
    const bytes = peek(this);
    this.#used = bytes !== null;
    return bytes ?? new Uint8Array(0);
  }
  async arrayBuffer() {
    return this.#take().slice().buffer;
  }
  async bytes() {
    return this.#take().slice();
  }
  async json() {
    return JSON.parse(new TextDecoder().decode(this.#take()));
  }
  async text() {
    return new TextDecoder().decode(this.#take());
  }
}

const UPPER_CASE = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];

function methodOf(value) {
  const text = String(value);
  if (!TOKEN.test(text)) throw new TypeError(`\`${text}\` is not a method`);
  const upper = text.toUpperCase();
  if (["CONNECT", "TRACE", "TRACK"].includes(upper)) throw new TypeError(`fetch does not send ${upper}`);
  return UPPER_CASE.includes(upper) ? upper : text;
}

class Request extends Body {
  constructor(input, init = {}) {
    const from = input instanceof Request ? input : undefined;
    const method = methodOf(init.method ?? from?.method ?? "GET");
    const given = init.body === undefined && from !== undefined ? { bytes: peek(from), type: null } : bodyFrom(init.body);
    if (given.bytes !== null && (method === "GET" || method === "HEAD")) throw new TypeError(`a ${method} request has no body`);
    super(given.bytes);
    this.method = method;
    this.url = from === undefined ? new URL(input).href : from.url;
    this.headers = new Headers(init.headers ?? from?.headers);
    if (given.type !== null && !this.headers.has("content-type")) this.headers.set("content-type", given.type);
  }
  clone() {
    return new Request(this);
  }
}

/** Statuses whose responses have no body. */
const WITHOUT_BODY = [101, 103, 204, 205, 304];

class Response extends Body {
  constructor(body, init = {}) {
    const status = init.status ?? 200;
    if (!Number.isInteger(status) || status < 200 || status > 599) throw new RangeError(`a response's status is from 200 to 599, not ${status}`);
    const given = bodyFrom(body);
    if (given.bytes !== null && WITHOUT_BODY.includes(status)) throw new TypeError(`a response with status ${status} has no body`);
    super(given.bytes);
    this.status = status;
    this.statusText = String(init.statusText ?? "");
    this.headers = new Headers(init.headers);
    if (given.type !== null && !this.headers.has("content-type")) this.headers.set("content-type", given.type);
    this.url = "";
    this.type = "default";
    this.redirected = false;
  }
  get ok() {
    return this.status >= 200 && this.status <= 299;
  }
  clone() {
    const copy = new Response(peek(this), this);
    copy.url = this.url;
    copy.type = this.type;
    return copy;
  }
  static json(data, init = {}) {
    const headers = new Headers(init.headers);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return new Response(JSON.stringify(data), { ...init, headers });
  }
  static error() {
    const response = new Response();
    response.status = 0;
    response.type = "error";
    return response;
  }
  static redirect(url, status = 302) {
    return new Response(null, { status, headers: { location: new URL(url).href } });
  }
}

/** Sends a request. One that the host refuses, or that gets no answer, ends the whole call: the contract has no other way. */
async function fetch(input, init) {
  const request = new Request(input, init);
  const { url, method } = request;
  const answer = send({ url, method, headers: Object.fromEntries(request.headers) }, peek(request));
  // The status may be one that authors cannot make, such as 101.
  const response = new Response(WITHOUT_BODY.includes(answer.status) ? null : answer.bytes);
  response.status = answer.status;
  response.url = url;
  response.type = "basic";
  for (const [name, value] of Object.entries(answer.headers)) response.headers.set(name, value);
  return response;
}

tag(Headers);
tag(Request);
tag(Response);
define("Headers", Headers);
define("Request", Request);
define("Response", Response);
define("fetch", fetch);
