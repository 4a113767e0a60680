// What the prelude has of the web's and of Node's interfaces does as Node does.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { plugin } from "./setup.mjs";

/** The expressions as JSON, in the engine and here. */
async function same(expressions) {
  const body = `const list = [${expressions.map((text) => `() => (${text})`).join(",\n")}];
const shown = async (make) => { try { return JSON.stringify(await make()) ?? "undefined"; } catch (error) { return "throws " + error.name; } };
return Promise.all(list.map(shown));`;
  const run = new (Object.getPrototypeOf(async () => undefined).constructor)(body);
  const here = await run();
  const there = JSON.parse(plugin(`export async function run() { ${body} }`).call("run"));
  for (const [i, expression] of expressions.entries()) assert.equal(there[i], here[i], expression);
}

const text = JSON.stringify;

test("URL", () => {
  const parts = (call) => `(({ href, origin, protocol, username, password, host, hostname, port, pathname, search, hash }) => [href, origin, protocol, username, password, host, hostname, port, pathname, search, hash])(${call})`;
  const alone = [
    "http://example.com", "HTTP://User:Pa%20ss@EXAMPLE.com:80/a/./b/../c?q=1&r='#frag", "https://example.com:8443", "https://example.com:443/x", "ftp://f/", "http://[2001:DB8::0:1]:3/",
    "http://1.2.3", "http://0x7f.1/", "http://256.1.1.1/", "http://1.2.3.4.5/", "http://faß.de/", "http://bücher.example/ä?ö#ü", "http://日本語.jp", "http://a b/", "http://a%20b/", "http:///x", "http:example.org",
    "mailto:a@b.c?subject=x y", "data:text/plain,hello world#x y", "javascript:alert(1)", "file:///C:/a/../b", "file://host/p", "file:c:/x", "foo://h:99/p/../q?x#y", "foo:/a/./b", "foo:bar baz ", "blob:https://a.b/c",
    "http://h/%7Efoo/%zz/ü", "http://h/a\\b\\c", "//x/y", "", "http://", "http://h:99999/", "http://h:abc/", "http://@/", "http://u@h/", "http://:p@h/", " \t\nhttp://h/ \n", "http://h?x", "http://h#x", "http://h/?", "http://h/#",
    "http://ex.com./", "http://h/a/%2e%2E/b", "http://h/..//b", "foo://", "foo:///p", "foo://h", "wss://h:443/", "http://[::1.2.3.4]", "http://[1::2::3]", "http://[::g]", "http://h/{}|`<>\"", "http://h/?{}|^`<>\"'", "http://h/#{}|^`<>\"",
  ].map((url) => parts(`new URL(${text(url)})`));
  const based = [["x", "http://h/a/b"], ["../x", "http://h/a/b/c"], ["/x", "http://h/a?q"], ["?y", "http://h/a?q#f"], ["#z", "http://h/a?q#f"], ["", "http://h/a?q#f"], ["//o/p", "https://h/a"], ["http:x", "http://h/a/b"], ["https:x", "http://h/a/b"],
    ["x", "mailto:a"], ["#x", "mailto:a"], [".", "http://h/a/b/"], ["..", "http://h/a/b/"], ["x:y", "http://h/"], ["../../../x", "http://h/a"], ["x", "foo://h/a/b"], ["x", "file:///C:/a"], ["/x", "file:///C:/a"], ["\\x", "http://h/a"]].map(([url, base]) => parts(`new URL(${text(url)}, ${text(base)})`));
  const changed = ["u.protocol = 'https'", "u.protocol = 'foo'", "u.host = 'x.y:99'", "u.hostname = 'z'", "u.port = '8080'", "u.port = ''", "u.port = '12ab'", "u.pathname = 'a b/../c'", "u.search = '?x=1#'", "u.search = ''", "u.hash = 'h h'", "u.hash = ''", "u.username = 'ü:'", "u.password = 'p@'", "u.href = 'http://new/'", "u.searchParams.append('é', 'a b&')", "u.searchParams.delete('q')", "u.search = '?n=2', u.searchParams.set('m', 3)"]
    .map((change) => `(() => { const u = new URL("http://user:pw@example.com:81/p/q?q=1#f"); ${change}; return [u.href, String(u.searchParams)]; })()`);
  return same([...alone, ...based, ...changed, "URL.canParse('x')", "URL.canParse('x', 'http://h')", "JSON.stringify(new URL('http://h'))"]);
});

test("URLSearchParams", () => same([
  "String(new URLSearchParams('?a=1&b=2&a=3&c&=d&%zz=%41+x'))", "String(new URLSearchParams({ a: 'ü ~*-._', b: 2 }))", "String(new URLSearchParams([['x', 'y'], ['x', 'z']]))", "new URLSearchParams([['x']])",
  "(() => { const p = new URLSearchParams('b=1&a=2&b=3'); p.sort(); return [String(p), p.get('b'), p.getAll('b'), p.has('b', '3'), p.get('z'), p.size, [...p.keys()], [...p.values()]]; })()",
  "(() => { const p = new URLSearchParams('a=1&b=2&a=3'); p.set('a', 'x'); p.delete('b', '9'); const seen = []; p.forEach((v, k) => seen.push(k + v)); return [String(p), seen]; })()",
]));

test("TextEncoder and TextDecoder", () => {
  const bytes = ["", "61", "c3a4", "f09f929b", "ff", "c3", "e282", "f0808080", "eda080", "efbbbf61", "61ff62c3", "f09f92", "e28261", "c0af", "80bf", "f4908080"];
  const of = (hex) => `Uint8Array.from(${text(hex)}.match(/../g) ?? [], (b) => parseInt(b, 16))`;
  return same([
    ...bytes.map((hex) => `new TextDecoder().decode(${of(hex)})`), ...bytes.map((hex) => `new TextDecoder("utf-8", { fatal: true }).decode(${of(hex)})`),
    `new TextDecoder("utf-8", { ignoreBOM: true }).decode(${of("efbbbf61")})`, `new TextDecoder("utf-16le").decode(${of("3dd89bdc00d861")})`, "new TextDecoder('nope')", "new TextDecoder('UTF8').encoding",
    ...["f09f929b61", "e282ac", "fff09f92"].flatMap((hex) => [1, 2, 3].map((at) => `(() => { const d = new TextDecoder(), b = ${of(hex)}; return [d.decode(b.subarray(0, ${at}), { stream: true }), d.decode(b.subarray(${at}))]; })()`)),
    "[...new TextEncoder().encode('a💛\\ud800')]", "new TextEncoder().encodeInto('a💛b', new Uint8Array(5))", "[...new TextEncoder().encode()]",
  ]);
});

test("what Node 20 does not do as the standards want", () => {
  const made = plugin(`export const latin1 = () => new TextDecoder("latin1").decode(Uint8Array.of(0x80, 0xe4, 0x99));
export const caret = () => new URL("http://h/^").href;`);
  assert.equal(made.call("latin1"), "€ä™");
  assert.equal(made.call("caret"), "http://h/%5E");
});

test("structuredClone", () => same([
  "structuredClone({ a: [1, , 'x'], b: new Date(5), u: undefined })", "[...structuredClone(new Map([[1, new Set([2])]]))].map(([k, v]) => [k, [...v]])", "String(structuredClone(/a+/gi))", "[...structuredClone(Uint16Array.of(1, 2)).subarray(1)]",
  "(() => { const a = {}; a.self = a; const b = structuredClone(a); return b.self === b && b !== a; })()", "(() => { const e = structuredClone(new RangeError('x')); return [e.name, e.message, e instanceof RangeError]; })()",
  "structuredClone(() => 1)", "structuredClone({ s: Symbol('x') })", "(() => { const b = new ArrayBuffer(4); const c = structuredClone(b, { transfer: [b] }); return [b.byteLength, c.byteLength]; })()", "structuredClone(new Promise(() => 1))",
]));

test("Buffer", () => same([
  ...["utf8", "hex", "base64", "base64url", "latin1", "ascii", "utf16le"].flatMap((encoding) => [`Buffer.from("grüezi💛!?").toString("${encoding}")`, `[...Buffer.from("68c3bcAf_-+/8=zz", "${encoding}")]`]),
  ...["utf8", "hex", "latin1", "utf16le"].map((encoding) => `Buffer.byteLength("grüezi", "${encoding}")`),
  "Buffer.from('x', 'nope')", "Buffer.from(5)", "Buffer.from([256, -1, 3.7])", "Buffer.concat([Buffer.from('a'), Uint8Array.of(98)])", "Buffer.concat([Buffer.from('abc')], 2).toString()", "Buffer.alloc(5, 'ab').toString()", "Buffer.from('abc').equals(Buffer.from('abc'))",
  "Buffer.compare(Buffer.from('a'), Buffer.from('b'))", "Buffer.from('hello world').slice(6).toString()", "Buffer.from('abcabc').indexOf('ca')", "Buffer.from('abcabc').lastIndexOf('ab')", "Buffer.from('abc').includes('d')", "Buffer.isBuffer(new Uint8Array(1))",
  "(() => { const b = Buffer.alloc(16); b.writeUInt32BE(0xdeadbeef, 0); b.writeInt16LE(-2, 4); b.writeDoubleBE(1.5, 6); return [b.toString('hex'), b.readUInt32LE(0), b.readInt16LE(4), b.readDoubleBE(6), b.readUIntBE(0, 3)]; })()",
  "(() => { const b = Buffer.alloc(4); return [b.write('héllo'), b.toString('hex'), b.copy(b, 1, 0, 2), b.toString('hex')]; })()", "JSON.stringify(Buffer.from('hi'))", "Buffer.from('hi') + ''", "Buffer.from(Buffer.from('xyz')).toString()",
]));

test("Headers, Request and Response", () => same([
  "[...new Headers({ B: ' x ', a: '1' })]", "new Headers({ 'b d': 'x' })", "new Headers({ a: 'x\\ny' })", "(() => { const h = new Headers([['a', '1'], ['A', '2']]); return [h.get('a'), h.has('A'), h.get('z')]; })()",
  "new Request('http://h/x', { method: 'post', body: 'é' }).text()", "new Request('nope')", "new Request('http://h', { body: 'x' })", "[...new Request('http://h', { method: 'POST', body: new URLSearchParams({ a: 1 }) }).headers]",
  "new Response('{\"a\": 1}').json()", "(async () => { const r = new Response('x'); await r.text(); return r.text(); })()", "(async () => { const r = new Response('x'), c = r.clone(); return [await r.text(), await c.text(), r.ok, r.status]; })()", "new Response(null, { status: 99 })", "new Response('x', { status: 204 })",
  "(async () => [...(await new Response(Uint8Array.of(1, 2)).arrayBuffer().then((b) => new Uint8Array(b)))])()", "[...Response.json({ a: 1 }).headers]",
]));

test("fetch and Http.request go to the host", () => {
  const made = plugin(`
export async function get(url) { const r = await fetch(url, { headers: { "X-A": "1" } }); return { status: r.status, ok: r.ok, url: r.url, body: await r.text(), type: r.headers.get("content-type") }; }
export async function post(url) { const r = await fetch(new Request(url, { method: "post", body: JSON.stringify({ a: 1 }) })); return await r.json(); }
export function plain(url) { const r = Http.request({ url, method: "PUT", headers: { a: "b" } }, "body"); return [r.status, r.body, r.headers]; }
`);
  Object.assign(made.host, { answer: '{"b":2}', status: 201, headers: { "content-type": "application/json" } });
  assert.deepEqual(JSON.parse(made.call("get", "http://h/x")), { status: 201, ok: true, url: "http://h/x", body: '{"b":2}', type: "application/json" });
  assert.equal(made.call("post", "http://h/y"), '{"b":2}');
  assert.deepEqual(JSON.parse(made.call("plain", "http://h/z")), [201, '{"b":2}', { "content-type": "application/json" }]);
  assert.deepEqual(made.host.requests, [
    { url: "http://h/x", method: "GET", headers: { "x-a": "1" }, body: null },
    { url: "http://h/y", method: "POST", headers: { "content-type": "text/plain;charset=UTF-8" }, body: '{"a":1}' },
    { url: "http://h/z", method: "PUT", headers: { a: "b" }, body: "body" },
  ]);
});

test("crypto", () => {
  const made = plugin(`
export async function digest(name) { const lengths = [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 1000]; const list = []; for (const n of lengths) list.push(Buffer.from(await crypto.subtle.digest(name, new Uint8Array(n).fill(97))).toString("hex")); return list; }
export const uuid = () => crypto.randomUUID();
export const values = () => new Set(crypto.getRandomValues(new Uint8Array(64))).size > 16 && crypto.getRandomValues(new Uint32Array(2)).length === 2;
export const floats = () => crypto.getRandomValues(new Float32Array(2));
export const many = () => crypto.getRandomValues(new Uint8Array(65537));
export const random = () => Array.from({ length: 1000 }, Math.random).every((x) => x >= 0 && x < 1);
`);
  for (const [name, own] of [["SHA-1", "sha1"], ["SHA-256", "sha256"], ["sha-384", "sha384"], ["SHA-512", "sha512"]]) {
    const expected = [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 1000].map((n) => createHash(own).update("a".repeat(n)).digest("hex"));
    assert.deepEqual(JSON.parse(made.call("digest", name)), expected);
  }
  assert.match(made.call("uuid"), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(made.call("values"), "true");
  assert.equal(made.call("random"), "true");
  assert.throws(() => made.call("floats"), /TypeMismatchError/);
  assert.throws(() => made.call("many"), /QuotaExceededError/);
});

test("timers run in order, and time passes", () => {
  const made = plugin(`
export async function order() { const seen = []; const wait = (ms, name) => new Promise((done) => setTimeout((x) => { seen.push(x); done(); }, ms, name)); queueMicrotask(() => seen.push("micro")); await Promise.all([wait(30, "c"), wait(10, "b"), wait(0, "a")]); const t = setTimeout(() => seen.push("never"), 1); clearTimeout(t); return seen; }
export async function interval() { let n = 0; await new Promise((done) => { const t = setInterval(() => { if (++n === 3) { clearInterval(t); done(); } }, 10); }); return n; }
export function afterwards() { setTimeout(() => Host.outputString("late"), 20); }
export const clock = () => { const a = performance.now(); return typeof a + (Date.now() > 1e12); };
`);
  assert.equal(made.call("order"), '["micro","a","b","c"]');
  assert.equal(made.call("interval"), "3");
  assert.equal(made.call("afterwards"), "late");
  assert.equal(made.call("clock"), "numbertrue");
  assert.ok(made.host.slept >= 80);
});

test("console goes to the log", () => {
  const made = plugin(`export function log() {
  console.debug("a", 1, { b: [1, 2n, "x"] }); console.info("%s is %d%%", "x", 5.5, true); console.warn(new Map([[1, { a: 1 }]]), new Set(["s"]), null, undefined); console.error(new TypeError("bad").message);
  console.group("g"); console.log("in\\nner"); console.groupEnd(); console.assert(false, "why"); console.count(); console.count();
  const loop = { name: "l" }; loop.self = loop; console.log(loop, [undefined, () => 1, Symbol("q")], new (class Point { x = 1; })(), new Date(0), Uint8Array.of(1));
  console.table([{ a: 1, b: "x" }, { a: 22 }]);
}`);
  made.call("log");
  assert.deepEqual(made.host.logs, [
    'debug: a 1 { b: [ 1, 2n, "x" ] }', "info: x is 5.5% true", 'warn: Map(1) { 1 => { a: 1 } } Set(1) { "s" } null undefined', "error: bad",
    "info: g", "info:   in\n  ner", "error: Assertion failed: why", "info: default: 1", "info: default: 2",
    'info: { name: "l", self: [circular] } [ undefined, [function (anonymous)], Symbol(q) ] Point { x: 1 } 1970-01-01T00:00:00.000Z Uint8Array(1) [ 1 ]',
    'info: ┌─────────┬────┬─────┐\n│ (index) │ a  │ b   │\n├─────────┼────┼─────┤\n│ 0       │ 1  │ "x" │\n│ 1       │ 22 │     │\n└─────────┴────┴─────┘',
  ]);
});
