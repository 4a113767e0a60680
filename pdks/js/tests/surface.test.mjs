import assert from "node:assert/strict";
import { test } from "node:test";
import { Plugin, plugin } from "./setup.mjs";

test("the plug-in of the workshop", () => {
  const made = plugin(`export function hello() {
  const name = Host.inputString();
  console.log("💛 Hello " + name);
  Host.outputString(JSON.stringify({ message: "💛 Hello " + name, from: "js" }));
}`);
  assert.equal(made.call("hello", "Jane"), '{"message":"💛 Hello Jane","from":"js"}');
  assert.deepEqual(made.host.logs, ["info: 💛 Hello Jane"]);
});

test("what is returned is the output, by its type", () => {
  const made = plugin(`
export const text = (name) => "hi " + name;
export const object = (name) => ({ name });
export const bytes = () => Uint8Array.of(104, 105);
export const buffer = () => Uint8Array.of(104, 105).buffer;
export const number = () => 42;
export const large = () => 2n ** 70n;
export const nothing = () => {};
export const later = async (name) => { await null; return name + "!"; };
export const symbol = () => Symbol("s");
`);
  assert.equal(made.call("text", "é"), "hi é");
  assert.equal(made.call("object", "x"), '{"name":"x"}');
  assert.equal(made.call("bytes"), "hi");
  assert.equal(made.call("buffer"), "hi");
  assert.equal(made.call("number"), "42");
  assert.equal(made.call("large"), "1180591620717411303424");
  assert.equal(made.call("nothing"), "");
  assert.equal(made.call("later", "x"), "x!");
  assert.throws(() => made.call("symbol"), /TypeError: what `symbol` returned cannot be written as JSON: it is a symbol/);
});

test("a number is the return code after Host.output*, and where it is declared to be", () => {
  const made = plugin(`
export function own() { Host.outputString("x"); return 0; }
export function failing() { Host.outputString("x"); return 3; }
export function code() { return 0; }
`, { exports: { code: { output: "code" } } });
  assert.equal(made.call("own"), "x");
  assert.throws(() => made.call("failing"), { code: 3 });
  assert.equal(made.call("code"), "");
});

test("parameters get the input as declared, text otherwise", () => {
  const made = plugin(`
export const text = (input) => typeof input + input.length;
export const bytes = (input) => input.constructor.name + input.length;
export const json = (input) => input.a + 1;
export const none = () => Host.inputString();
export const defaulted = (input = "nobody") => input;
export const empty = (input) => String(input);
`, { exports: { bytes: { input: "bytes" }, json: { input: "json" }, defaulted: { input: "string" }, empty: { input: "json" } } });
  assert.equal(made.call("text", "äöü"), "string3");
  assert.equal(made.call("bytes", "äöü"), "Uint8Array6");
  assert.equal(made.call("json", '{"a": 2}'), "3");
  assert.equal(made.call("none", "x"), "x");
  assert.equal(made.call("defaulted", "x"), "x");
  assert.equal(made.call("empty", ""), "undefined");
  assert.throws(() => made.call("json", '{"a": '), /SyntaxError/);
});

test("input and output of all kinds and sizes", () => {
  const made = plugin(`
export function bytes() { Host.outputBytes(Host.inputBytes()); }
export function json() { Host.outputJSON(Host.inputJSON()); }
export function view() { Host.outputBytes(new Uint16Array([0x6968])); }
export function wrong() { Host.outputBytes("text"); }
`);
  for (const length of [0, 1, 7, 8, 9, 63, 65536, 1_000_001]) {
    const input = Uint8Array.from({ length }, (_, i) => i * 7);
    assert.deepEqual(made.callBytes("bytes", input), input);
  }
  assert.equal(made.call("json", ' {"a" : [1, "é", null]} '), '{"a":[1,"é",null]}');
  assert.equal(made.call("view"), "hi");
  assert.throws(() => made.call("wrong"), /TypeError: what Host.outputBytes writes must be an ArrayBuffer/);
});

test("text that is no Unicode is repaired on the way out and in", () => {
  const made = plugin(`export const out = () => "a\\ud800b"; export const back = (x) => x;`);
  assert.equal(made.call("out"), "a\ufffdb");
  assert.equal(new TextDecoder().decode(made.callBytes("back", Uint8Array.of(0x61, 0xff, 0x62))), "a\ufffdb");
});

test("config and variables", () => {
  const made = plugin(`
export const config = (key) => JSON.stringify(Config.get(key));
export function count() { const n = Number(Var.get("n") ?? "0") + 1; Var.set("n", String(n)); return String(n); }
export function bytes() { Var.set("b", Uint8Array.of(1, 2, 255)); return [...new Uint8Array(Var.getBytes("b"))]; }
export function removed() { Var.set("b", null); return { value: Var.getBytes("b") }; }
`);
  made.host.config = { greeting: "grüezi" };
  assert.equal(made.call("config", "greeting"), '"grüezi"');
  assert.equal(made.call("config", "other"), "null");
  assert.equal(made.call("count"), "1");
  assert.equal(made.call("count"), "2");
  assert.equal(made.call("bytes"), "[1,2,255]");
  assert.equal(made.call("removed"), '{"value":null}');
});

test("globals live as long as the instance", () => {
  const made = plugin("let n = 0; export const next = () => ++n;");
  assert.deepEqual([1, 2, 3].map(() => made.call("next")), ["1", "2", "3"]);
});

test("a plug-in of CommonJS", () => {
  const made = new Plugin({
    "index.cjs": { kind: "cjs", source: `const { twice } = require("./lib"); exports.f = (x) => twice(x); exports.lazy = () => require("./lazy").value; exports.notAFunction = 1;` },
    "lib/index.js": { kind: "cjs", source: `module.exports = { twice: (x) => x + x, file: __filename };` },
    "lazy.js": { kind: "cjs", source: `exports.value = "late";` },
  }, { links: { "index.cjs": { "./lib": "lib/index.js", "./lazy": "lazy.js" } } });
  assert.deepEqual(made.exports, ["f", "lazy"]);
  assert.equal(made.call("f", "ab"), "abab");
  assert.equal(made.call("lazy"), "late");
});

test("ES modules import CommonJS, JSON, text, built-in modules, and what is imported late", () => {
  const made = new Plugin({
    "main.mjs": `import lib, { named } from "lib"; import data from "./data.json"; import text from "./note.txt"; import { Buffer as B } from "node:buffer";
export { f as renamed } from "./other.js";
export const sum = () => [lib.named, named, data.a, text, B.from("x").toString("hex")];
export const late = async () => (await import("./late.js")).value;
export default { nested: () => "nested" };
export class NotAFunction {}`,
    "lib.js": { kind: "cjs", source: "exports.named = 5" },
    "data.json": { kind: "json", source: '{"a": [1]}' },
    "note.txt": { kind: "text", source: "note" },
    "other.js": "export function f() { return 'f'; }",
    "late.js": "export const value = 'late';",
  }, { links: { "main.mjs": { lib: "lib.js", "./data.json": "data.json", "./note.txt": "note.txt", "./other.js": "other.js", "./late.js": "late.js" } } });
  assert.deepEqual(made.exports, ["late", "nested", "renamed", "sum"]);
  assert.equal(made.call("sum"), '[5,5,[1],"note","78"]');
  assert.equal(made.call("late"), "late");
  assert.equal(made.call("renamed"), "f");
  assert.equal(made.call("nested"), "nested");
});

test("the top level may await", () => {
  assert.equal(plugin("const x = await Promise.resolve(5); export const f = () => x;").call("f"), "5");
});

test("memory stays as it is over many calls, cycles included", () => {
  const made = plugin("let n = 0; export function churn(x) { const object = { x }; object.self = object; return { n: ++n, x }; }");
  const input = new TextEncoder().encode("x".repeat(1000));
  const calls = (count) => {
    for (let i = 0; i < count; i++) made.callBytes("churn", input);
  };
  calls(2000);
  const before = made.memory.length;
  calls(20000);
  assert.equal(made.memory.length, before);
});
