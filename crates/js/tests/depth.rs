//! Recursions without end: every way in which functions call each other ends in an error of JavaScript that a function can catch, before the
//! host's stack does.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::fs;

use plugwright::Plugin;
use plugwright_js::build;

const SOURCE: &str = r#"
let depth = 0;
const ways = {
  plain() { depth++; return 1 + ways.plain(); },
  parameters(a = 1, b = 2, c = 3, d = 4, e = 5) { depth++; const x = a + b; return x + ways.parameters(a, b, c, d, e); },
  callback() { depth++; return [1].map(ways.callback); },
  comparison() { depth++; return [2, 1].sort(ways.comparison); },
  replacement() { depth++; return "a".replace(/a/, ways.replacement); },
  construction() { class A { constructor() { depth++; this.a = new A(); } } return new A(); },
  inheritance() { class E extends Error { constructor() { depth++; super(new E()); } } return new E(); },
  getter() { const o = { get x() { depth++; return this.x; } }; return o.x; },
  setter() { const o = { set x(v) { depth++; o.x = v; } }; o.x = 1; },
  proxy() { const p = new Proxy({}, { get(t, k, r) { depth++; return r[k]; } }); return p.x; },
  definition() { const p = new Proxy({}, { defineProperty(t, k, d) { depth++; return Reflect.defineProperty(p, k, d); } }); p.a = 1; },
  json() { const o = { toJSON() { depth++; return JSON.stringify(o); } }; return JSON.stringify(o); },
  reviver() { const f = () => { depth++; return JSON.parse("[1]", f); }; return f(); },
  text() { const o = { toString() { depth++; return "" + o; } }; return "" + o; },
  bound() { const f = () => { depth++; return g(); }; const g = f.bind(null); return g(); },
  applied() { const f = () => { depth++; return Reflect.apply(f, null, []); }; return f(); },
  spread() { const f = (...a) => { depth++; return f(...a); }; return f(1, 2, 3); },
  generator() { function* g() { depth++; yield* g(); } return [...g()]; },
  iterator() { const o = { [Symbol.iterator]() { depth++; return [...o]; } }; return [...o]; },
  membership() { class C { static [Symbol.hasInstance](v) { depth++; return v instanceof C; } } return 1 instanceof C; },
  evaluated() { depth++; return eval("ways.evaluated()"); },
  nested_list() { let o = []; for (let i = 0; i < 1e5; i++) o = [o]; depth = Infinity; return JSON.stringify(o); },
  nested_json() { depth = Infinity; return JSON.parse("[".repeat(1e5) + "]".repeat(1e5)); },
  cloned() { let o = []; for (let i = 0; i < 1e5; i++) o = [o]; depth = Infinity; return structuredClone(o); },
};
export const names = () => Object.keys(ways);
export function run(way) {
  depth = 0;
  try { ways[way](); return "it ended"; } catch (error) { return `${depth} ${error.name}`; }
}
"#;

#[test]
fn every_recursion_without_end_is_an_error_of_javascript() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plugin.js");
    fs::write(&file, SOURCE).unwrap();
    let mut plugin = Plugin::builder(build(&file).unwrap().wasm).wasi(true).build().unwrap();
    let names: Vec<String> = serde_json::from_str(plugin.call("names", "").unwrap()).unwrap();
    let mut all = String::new();
    for name in &names {
        let found: String = plugin.call("run", name).unwrap_or_else(|error| panic!("{name}: {error}"));
        all += &format!("{name} {found}\n");
        let (depth, error) = found.split_once(' ').unwrap();
        assert_eq!(error, "RangeError", "{name}");
        let least = if name == "plain" { 600.0 } else { 100.0 };
        let depth = depth.replace("Infinity", "inf").parse::<f64>().unwrap();
        assert!(depth >= least, "{all}");
    }
}
