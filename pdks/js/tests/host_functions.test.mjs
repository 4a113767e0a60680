import assert from "node:assert/strict";
import { test } from "node:test";
import { Plugin } from "./setup.mjs";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const module = "extism:host/user";

/** The host functions of the tests; `this` is the host, `slots` a DataView on the arguments. */
const hostFunctions = [
  { module, name: "echo", parameters: ["string"], result: "string", call(slots) {
    slots.setBigUint64(0, this.put(encoder.encode(`${decoder.decode(this.get(slots.getBigUint64(0, true)))}!`)), true);
  } },
  { module, name: "mix", parameters: ["i32", "i64", "f32", "f64"], result: "f64", call(slots) {
    slots.setFloat64(0, slots.getInt32(0, true) + Number(slots.getBigInt64(8, true)) + slots.getFloat32(16, true) + slots.getFloat64(24, true), true);
  } },
  { module, name: "raw", parameters: ["i64"], result: "i64", call(slots) {
    slots.setBigUint64(0, this.put(this.get(slots.getBigUint64(0, true)).reverse()), true);
  } },
  { module, name: "object", parameters: ["json", "bytes"], result: "json", call(slots) {
    const value = JSON.parse(decoder.decode(this.get(slots.getBigUint64(0, true))));
    const bytes = [...this.get(slots.getBigUint64(8, true))];
    slots.setBigUint64(0, this.put(encoder.encode(JSON.stringify({ value, bytes }))), true);
  } },
  { module: "env", name: "nothing", parameters: [], result: "string?", call(slots) {
    slots.setBigUint64(0, 0n, true);
  } },
  { module: "env", name: "large", parameters: ["i64"], result: "i64", call() {} },
  { module: "env", name: "quiet", parameters: ["i32"], result: null, call() {} },
];

const made = new Plugin({
  "plugin.js": `import { echo, mix, object } from "extism:host/user";
const { raw, nothing, large, quiet } = Host.getFunctions();
export const typed = (x) => echo(x);
export const numbers = () => mix(-1, 2n, 0.5, 4);
export function byHand(x) { const memory = Memory.fromString(x); const offset = raw(memory.offset); memory.free(); return Memory.find(offset).readString(); }
export const byValue = () => [raw("abc"), raw(Uint8Array.of(1, 2)), raw({ a: 1 })].map((offset) => Memory.readString(offset));
export const values = () => object({ a: [1] }, new Uint16Array([513]));
export const missing = () => ({ value: nothing() });
export const big = () => String(large(2n ** 62n)) + typeof large(2n ** 62n) + typeof large(5n) + large(-7);
export const tooFew = () => echo();
export const wrong = () => object(undefined, new Uint8Array(1));
export const none = () => String(quiet(1)) + quiet.name;
export const noBlock = () => Memory.find(12345);
export const handles = () => { const m = Memory.allocUInt64(2n ** 40n); const j = Memory.fromJsonObject({ a: 1 }); return [m.len, String(m.readUInt64()), j.readJsonObject().a, Memory.allocFloat32(1.5).readFloat32()]; };`,
  "extism:host/user": { kind: "host" },
}, { hostFunctions, links: { "plugin.js": { "extism:host/user": "extism:host/user" } } });

test("values are converted on the way there and back", () => {
  assert.equal(made.call("typed", "grüezi"), "grüezi!");
  assert.equal(made.call("numbers"), "5.5");
  assert.equal(made.call("values"), '{"value":{"a":[1]},"bytes":[1,2]}');
  assert.equal(made.call("missing"), '{"value":null}');
  assert.equal(made.call("big"), "4611686018427387904bigintnumber-7");
  assert.equal(made.call("none"), "undefinedquiet");
});

test("blocks by hand, and values for offsets", () => {
  assert.equal(made.call("byHand", "abc"), "cba");
  assert.equal(made.call("byValue"), '["cba","\\u0002\\u0001","}1:\\"a\\"{"]');
  assert.equal(made.call("noBlock"), "null");
  assert.equal(made.call("handles"), '[8,"1099511627776",1,1.5]');
});

test("arguments that do not fit are errors", () => {
  assert.throws(() => made.call("tooFew"), /TypeError: the host function `echo` has 1 parameters \(string\), 0 were given/);
  assert.throws(() => made.call("wrong"), /TypeError: argument 1 of `object` cannot be written as JSON/);
});

test("the blocks that are made for arguments are freed", () => {
  made.call("typed", "x");
  // The input's is not the plug-in's, and the output is read later.
  assert.equal(made.host.blocks.size, 1);
});
