import assert from "node:assert/strict";
import { test } from "node:test";
import { Plugin, plugin } from "./setup.mjs";

const failure = (made, name, input) => {
  try {
    made.call(name, input);
  } catch (error) {
    return error;
  }
  return assert.fail(`${name} did not fail`);
};

const built = (files, options) => {
  try {
    new Plugin(files, options);
  } catch (error) {
    return error.built;
  }
  return assert.fail("it was built");
};

test("an exception is the call's error, with the author's frames", () => {
  const made = plugin(`function inner(x) {
  throw new TypeError("bad " + x);
}
export function outer(x) {
  inner(x);
}`);
  const error = failure(made, "outer", "y");
  assert.equal(error.code, 1);
  assert.equal(error.message, "TypeError: bad y\n    at inner (plugin.js:2:32)\n    at outer (plugin.js:5:9)");
});

test("causes, other values, and empty messages", () => {
  const made = plugin(`
export function caused() { throw new Error("outer", { cause: new RangeError("inner") }); }
export function text() { throw "just text"; }
export function object() { throw { code: 7 }; }
export function nothing() { throw undefined; }
export function hostile() { throw { get code() { throw new Error("no"); } }; }
`);
  assert.match(failure(made, "caused").message, /^Error: outer\n.*\nCaused by: RangeError: inner\n/s);
  assert.equal(failure(made, "text").message, "just text");
  assert.equal(failure(made, "object").message, "{ code: 7 }");
  assert.equal(failure(made, "nothing").message, "undefined");
  assert.match(failure(made, "hostile").message, /cannot be described/);
});

test("a rejected promise is the call's error, also one that nobody waits for", () => {
  const made = plugin(`
export async function awaited() { await null; throw new Error("late"); }
export function forgotten() { Promise.reject(new Error("forgotten")); return "x"; }
export function inTimer() { setTimeout(() => { throw new Error("in a timer"); }, 5); }
export function handled() { const p = Promise.reject(new Error("handled")); p.catch(() => 1); return "fine"; }
export function never() { return new Promise(() => {}); }
`);
  assert.match(failure(made, "awaited").message, /^Error: late\n/);
  assert.match(failure(made, "forgotten").message, /^Error: forgotten\n/);
  assert.match(failure(made, "inTimer").message, /^Error: in a timer\n/);
  assert.equal(made.call("handled"), "fine");
  assert.match(failure(made, "never").message, /the promise is never settled/);
});

test("a call that failed leaves nothing to the next one", () => {
  const made = plugin(`
let late = 0;
export function fails() { setTimeout(() => { late++; }, 5); throw new Error("x"); }
export const count = () => late;
`);
  failure(made, "fails");
  assert.equal(made.call("count"), "0");
});

test("recursion without end is an error, and the instance goes on", () => {
  const made = plugin(`
let depth = 0;
export function deep() { depth++; deep(); }
export function viaSort() { [2, 1].sort(() => { viaSort(); return 0; }); }
export function viaJSON() { let a = []; for (let i = 0; i < 100000; i++) a = [a]; return JSON.stringify(a); }
export const regexp = () => /(?:(a|b)*c)*d/.test("ab".repeat(20000));
export const depthReached = () => depth;
export const fine = () => "fine";
`);
  assert.match(failure(made, "deep").message, /^RangeError: Maximum call stack size exceeded/);
  assert.match(failure(made, "viaSort").message, /^RangeError: Maximum call stack size exceeded/);
  assert.match(failure(made, "viaJSON").message, /^RangeError: Maximum call stack size exceeded/);
  assert.equal(made.call("regexp"), "false");
  assert.ok(Number(made.call("depthReached")) > 400);
  assert.equal(made.call("fine"), "fine");
});

test("frames are mapped by the file's source map", () => {
  // Line 1, columns 1 and 8 of the file are line 10, columns 3 and 5 of the source.
  const file = { kind: "esm", source: "export function f() { throw new Error('x'); }", map: { version: 3, sources: ["src/a.ts"], mappings: "AASE,OAAE" } };
  assert.equal(failure(new Plugin({ "a.js": file }), "f").message, "Error: x\n    at f (src/a.ts:10:5)");
});

test("columns of the first line of CommonJS", () => {
  const made = new Plugin({ "a.cjs": { kind: "cjs", source: "exports.f = () => { null.x; };" } });
  assert.match(failure(made, "f").message, /\n {4}at \S+ \(a\.cjs:1:20\)/);
});

test("what cannot be built says where", () => {
  const syntax = built({ "src/plugin.js": "export function f() {\n  let = 5 5;\n}" });
  assert.deepEqual([syntax.name, syntax.file, syntax.line], ["SyntaxError", "src/plugin.js", 2]);
  const thrown = built({ "a.js": "\nnull.x;" });
  assert.deepEqual([thrown.name, thrown.file, thrown.line], ["TypeError", "a.js", 2]);
  const missing = built({ "a.js": "import 'left-pad'; export function f() {}" });
  assert.equal(missing.message, "`left-pad`, which a.js imports, is not part of this plug-in");
  const name = built({ "a.js": "import { nope } from './b.js'; export function f() {}", "b.js": "export const x = 1;" }, { links: { "a.js": { "./b.js": "b.js" } } });
  assert.match(name.message, /nope/);
  const waiting = built({ "a.js": "await new Promise(() => {}); export function f() {}" });
  assert.match(waiting.message, /never settled/);
  const inner = built({ "a.cjs": { kind: "cjs", source: "require('./b')" }, "b.js": { kind: "cjs", source: "}" } }, { links: { "a.cjs": { "./b": "b.js" } } });
  assert.deepEqual([inner.name, inner.file], ["SyntaxError", "b.js"]);
});

test("what is not offered says so", () => {
  const made = plugin("export const random = () => Math.random(); export const clock = () => performance.now();", { offers: false });
  assert.match(failure(made, "random").message, /random numbers: this plug-in was built without access to it/);
  assert.match(failure(made, "clock").message, /the clock: this plug-in was built without access to it/);
});
