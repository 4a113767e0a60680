// URL and URLSearchParams, on the parser of url_parser.js.
import { parseHost, parseURL, pathOf, percentEncode, SETS, serialise } from "./url_parser.js";
import { define, tag } from "./values.js";
import * as native from "plugwright:native";

/** application/x-www-form-urlencoded. */
function encodeForm(text) {
  return percentEncode(text, SETS.form).replaceAll("%20", "+");
}

function decodeForm(text) {
  const bytes = native.encodeUtf8(text.replaceAll("+", " "));
  const decoded = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const hex = bytes[i] === 0x25 ? String.fromCharCode(bytes[i + 1] ?? 0, bytes[i + 2] ?? 0) : "";
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      decoded[length++] = parseInt(hex, 16);
      i += 2;
    } else decoded[length++] = bytes[i];
  }
  return native.decodeUtf8(decoded.subarray(0, length));
}

function pairsOf(text) {
  return text.split("&").filter((part) => part !== "").map((part) => {
    const equals = part.indexOf("=");
    return equals < 0 ? [decodeForm(part), ""] : [decodeForm(part.slice(0, equals)), decodeForm(part.slice(equals + 1))];
  });
}

function pairsFrom(init) {
  if (init === undefined || init === null) return [];
  if (typeof init !== "object") return pairsOf(String(init).replace(/^\?/, ""));
  if (typeof init[Symbol.iterator] !== "function") return Object.entries(init).map(([name, value]) => [name, String(value)]);
  return [...init].map((pair) => {
    const [name, value, ...more] = [...pair];
    if (value === undefined || more.length > 0) throw new TypeError("URLSearchParams: each item must be a pair of name and value");
    return [String(name), String(value)];
  });
}

/** Sets what the parameters of a URL tell of a change, and replaces them all. */
let link;
let reset;

class URLSearchParams {
  #pairs;
  /** Tells the URL that it belongs to of a change. */
  #changed = () => undefined;

  constructor(init) {
    this.#pairs = pairsFrom(init);
  }
  static {
    link = (params, changed) => {
      params.#changed = () => changed(params.toString());
    };
    reset = (params, text) => {
      params.#pairs = pairsOf(text);
    };
  }
  get size() {
    return this.#pairs.length;
  }
  append(name, value) {
    this.#pairs.push([String(name), String(value)]);
    this.#changed();
  }
  delete(name, value) {
    this.#pairs = this.#pairs.filter((pair) => pair[0] !== String(name) || (value !== undefined && pair[1] !== String(value)));
    this.#changed();
  }
  get(name) {
    return this.#pairs.find((pair) => pair[0] === String(name))?.[1] ?? null;
  }
  getAll(name) {
    return this.#pairs.filter((pair) => pair[0] === String(name)).map((pair) => pair[1]);
  }
  has(name, value) {
    return this.#pairs.some((pair) => pair[0] === String(name) && (value === undefined || pair[1] === String(value)));
  }
  set(name, value) {
    const first = this.#pairs.findIndex((pair) => pair[0] === String(name));
    if (first < 0) this.#pairs.push([String(name), String(value)]);
    else {
      this.#pairs[first] = [String(name), String(value)];
      this.#pairs = this.#pairs.filter((pair, i) => i <= first || pair[0] !== String(name));
    }
    this.#changed();
  }
  sort() {
    this.#pairs.sort((one, other) => (one[0] < other[0] ? -1 : one[0] > other[0] ? 1 : 0));
    this.#changed();
  }
  forEach(callback, self) {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }
  *entries() {
    for (let i = 0; i < this.#pairs.length; i++) yield [...this.#pairs[i]];
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
  toString() {
    return this.#pairs.map(([name, value]) => `${encodeForm(name)}=${encodeForm(value)}`).join("&");
  }
}

class URL {
  #url;
  #params = new URLSearchParams();

  constructor(url, base) {
    const parsed = URL.#parsed(url, base);
    if (parsed === null) {
      throw new TypeError(base === undefined ? `Invalid URL: ${url}` : `Invalid URL: ${url} (base: ${base})`);
    }
    this.#url = parsed;
    reset(this.#params, parsed.query ?? "");
    link(this.#params, (text) => {
      this.#url.query = text === "" ? null : text;
    });
  }
  static #parsed(url, base) {
    if (base === undefined) return parseURL(String(url), null);
    const against = parseURL(String(base), null);
    return against === null ? null : parseURL(String(url), against);
  }
  static canParse(url, base) {
    return URL.#parsed(url, base) !== null;
  }
  static parse(url, base) {
    return URL.canParse(url, base) ? new URL(url, base) : null;
  }
  /** Whether the URL has a host whose credentials and port can be set. */
  get #hasAuthority() {
    return this.#url.host !== null && this.#url.host !== "" && this.#url.scheme !== "file";
  }
  /** Parses this URL with one of its parts replaced; an invalid part changes nothing. */
  #replace(change) {
    const parts = { ...this.#url, path: this.#url.path };
    change(parts);
    const parsed = parseURL(serialise(parts), null);
    if (parsed !== null) this.#url = parsed;
  }
  get href() {
    return serialise(this.#url);
  }
  set href(value) {
    const parsed = parseURL(String(value), null);
    if (parsed === null) throw new TypeError(`Invalid URL: ${value}`);
    this.#url = parsed;
    reset(this.#params, parsed.query ?? "");
  }
  get origin() {
    if (this.#url.scheme === "blob") {
      const inner = URL.parse(this.pathname);
      return inner !== null && /^https?:$/.test(inner.protocol) ? inner.origin : "null";
    }
    return ["http", "https", "ws", "wss", "ftp"].includes(this.#url.scheme) ? `${this.#url.scheme}://${this.host}` : "null";
  }
  get protocol() {
    return `${this.#url.scheme}:`;
  }
  set protocol(value) {
    const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):?/.exec(String(value))?.[1].toLowerCase();
    const isSpecial = (name) => ["http", "https", "ws", "wss", "ftp", "file"].includes(name);
    if (scheme === undefined || isSpecial(scheme) !== isSpecial(this.#url.scheme)) return;
    if (scheme === "file" && (this.#url.username !== "" || this.#url.password !== "" || this.#url.port !== null)) return;
    this.#replace((parts) => (parts.scheme = scheme));
  }
  get username() {
    return this.#url.username;
  }
  set username(value) {
    if (this.#hasAuthority) this.#url.username = percentEncode(String(value), SETS.userinfo);
  }
  get password() {
    return this.#url.password;
  }
  set password(value) {
    if (this.#hasAuthority) this.#url.password = percentEncode(String(value), SETS.userinfo);
  }
  get host() {
    const { host, port } = this.#url;
    return host === null ? "" : port === null ? host : `${host}:${port}`;
  }
  set host(value) {
    if (this.#url.opaque) return;
    const [, host, port] = /^((?:\[[^\]]*\])|[^:/?#\\]*)(?::([0-9]*))?/.exec(String(value));
    this.hostname = host;
    if (port !== undefined && port !== "") this.port = port;
  }
  get hostname() {
    return this.#url.host ?? "";
  }
  set hostname(value) {
    if (this.#url.opaque) return;
    const text = /^((?:\[[^\]]*\])|[^:/?#\\]*)/.exec(String(value))[1];
    const host = parseHost(text, this.#url.scheme);
    if (host !== null && host !== "") this.#url.host = host;
  }
  get port() {
    return this.#url.port === null ? "" : String(this.#url.port);
  }
  set port(value) {
    if (!this.#hasAuthority) return;
    const digits = /^[0-9]*/.exec(String(value))[0];
    if (String(value) !== "" && digits === "") return;
    this.#replace((parts) => (parts.port = digits === "" ? null : digits));
  }
  get pathname() {
    return pathOf(this.#url);
  }
  set pathname(value) {
    if (this.#url.opaque) return;
    const path = percentEncode(String(value).replaceAll("?", "%3F").replaceAll("#", "%23"), SETS.path);
    this.#replace((parts) => (parts.path = path.replace(/^[/\\]/, "").split("/")));
  }
  get search() {
    return this.#url.query === null || this.#url.query === "" ? "" : `?${this.#url.query}`;
  }
  set search(value) {
    const text = String(value).replace(/^\?/, "").replaceAll("#", "%23");
    this.#replace((parts) => (parts.query = text === "" ? null : text));
    reset(this.#params, this.#url.query ?? "");
  }
  get searchParams() {
    return this.#params;
  }
  get hash() {
    return this.#url.fragment === null || this.#url.fragment === "" ? "" : `#${this.#url.fragment}`;
  }
  set hash(value) {
    const text = String(value).replace(/^#/, "");
    this.#replace((parts) => (parts.fragment = text === "" ? null : text));
  }
  toString() {
    return this.href;
  }
  toJSON() {
    return this.href;
  }
}

tag(URL);
tag(URLSearchParams);
define("URL", URL);
define("URLSearchParams", URLSearchParams);
