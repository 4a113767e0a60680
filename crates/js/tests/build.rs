//! Whole builds: sources in, a plug-in out, which is then called.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::fs;
use std::path::Path;

use plugwright::inspect::inspect;
use plugwright::{ErrorKind, Plugin};
use plugwright_js::{Error, build};
use tempfile::TempDir;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The plug-in of the first of these files.
fn built(files: &[(&str, &str)]) -> Vec<u8> {
    let folder = folder(files);
    build(&folder.path().join(files[0].0)).unwrap_or_else(|error| panic!("{error}")).wasm
}

fn plugin(wasm: Vec<u8>) -> Plugin {
    Plugin::builder(wasm).wasi(true).build().unwrap()
}

/// The output of a call.
#[track_caller]
fn call(files: &[(&str, &str)], function: &str, input: &str) -> String {
    plugin(built(files)).call(function, input).unwrap()
}

/// The message of a build that fails, all of whose words must be there; its excerpts, if it has some.
#[track_caller]
fn fails(files: &[(&str, &str)], words: &[&str]) -> String {
    let folder = folder(files);
    let error = build(&folder.path().join(files[0].0)).unwrap_err();
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "no `{word}` in: {message}");
    }
    assert_eq!(message.lines().count(), 1, "{message}");
    error.excerpts().unwrap_or_default()
}

#[test]
fn the_same_sources_give_the_same_bytes_anywhere() {
    let files = [
        (
            "plugin.ts",
            "import { a } from './a';\nconst t = Date.now();\nexport function f() { return a + t; }\n",
        ),
        ("a.ts", "export const a: number = new Map([[1, {}], [2, []]]).size;\n"),
    ];
    assert!(built(&files) == built(&files));
}

#[test]
fn exports_in_every_form() {
    for (source, functions) in [
        (
            "export function a() {} export const b = () => 1; const c = 1; export { c, a as d };",
            &["a", "b", "d"][..],
        ),
        ("module.exports = { a() {}, b: 1 };", &["a"]),
        ("exports.a = () => 1; exports.b = function () {};", &["a", "b"]),
        ("export default function () {}", &["default"]),
        ("export default { x() {}, y: 1 };", &["x"]),
        ("export * from './other.mjs';", &["other"]),
        ("export async function a() {}", &["a"]),
    ] {
        let wasm = built(&[("plugin.js", source), ("other.mjs", "export function other() {}")]);
        let inspection = inspect(&wasm).unwrap();
        let found: Vec<&str> =
            inspection.callable_exports.iter().map(|export| export.name.as_str()).collect();
        assert_eq!(found, functions, "{source}");
    }
}

#[test]
fn files_of_every_kind() {
    let files = [
        (
            "src/plugin.ts",
            "import d from '../data.json';\nimport t from './t.txt';\nimport c, { named } from './c.cjs';\nimport p from 'p';\nimport { q } from '@s/q/sub';\nexport const all = () => [d.n, t.trim(), c.named, named, p, q].join();\n",
        ),
        ("data.json", r#"{"n": 1}"#),
        ("src/t.txt", "text\n"),
        ("src/c.cjs", "exports.named = require('../data').n + 1;"),
        ("package.json", "{}"),
        ("node_modules/p/package.json", r#"{"main": "./m.js"}"#),
        ("node_modules/p/m.js", "module.exports = 'p';"),
        ("node_modules/@s/q/package.json", r#"{"exports": {"./sub": {"import": "./s.mjs"}}}"#),
        ("node_modules/@s/q/s.mjs", "export const q = 'q';"),
    ];
    assert_eq!(call(&files, "all", ""), "1,text,2,2,p,q");
}

#[test]
fn types_say_what_the_input_is() {
    let source = "type Pair = { a: number; b: number };\n\
        export function sum({ a, b }: Pair) { return a + b; }\n\
        export function length(bytes: Uint8Array): number { return bytes.length; }\n\
        export function text(t: string | null): string { return typeof t; }\n\
        export const twice = (n: number): number => n * 2;\n\
        export function code(): I32 { return 3; }\ntype I32 = number;\n";
    let mut plugin = plugin(built(&[("plugin.ts", source)]));
    assert_eq!(plugin.call::<_, String>("sum", r#"{"a": 1, "b": 2}"#).unwrap(), "3");
    assert_eq!(plugin.call::<_, String>("length", "💛").unwrap(), "4");
    assert_eq!(plugin.call::<_, String>("text", "x").unwrap(), "string");
    assert_eq!(plugin.call::<_, String>("twice", "21").unwrap(), "42");
}

#[test]
fn types_of_other_files_count_for_what_is_exported_of_them() {
    let files = [
        (
            "plugin.ts",
            "import { bytes as b } from './a';\nimport c from './c';\nimport { lent as l } from 'extism:host/user';\n\
             export * from './a';\nexport { sum, l, b, c };\nexport { lent } from 'extism:host/user';\n\
             import sum from './b';\n",
        ),
        (
            "a.ts",
            "export const bytes = (b: Uint8Array): string => `${b.length} ${b instanceof Uint8Array}`;\nexport * from './plugin';\n",
        ),
        ("b.ts", "export default (n: { a: number; b: number }) => n.a + n.b;\n"),
        ("c.ts", "export default ((n: number) => n + 1) satisfies unknown;\n"),
        (
            "host.d.ts",
            "declare module 'extism:host/user' { export function lent(bytes: Uint8Array): string }",
        ),
    ];
    let mut plugin = Plugin::builder(built(&files))
        .wasi(true)
        .host_fn("lent", |bytes: Vec<u8>| format!("lent {}", bytes.len()))
        .build()
        .unwrap();
    for (function, input, output) in [
        ("bytes", "💛", "4 true"),
        ("b", "💛", "4 true"),
        ("sum", r#"{"a": 1, "b": 2}"#, "3"),
        ("c", "1", "2"),
        ("lent", "💛", "lent 4"),
        ("l", "💛", "lent 4"),
    ] {
        assert_eq!(plugin.call::<_, String>(function, input).unwrap(), output, "{function}");
    }
    let object = "export default { length(b: Uint8Array) { return b.length; }, twice: (n: number) => n * 2, 'add one': add };\n\
                  function add(n: number) { return n + 1; }\n";
    let mut plugin = self::plugin(built(&[("plugin.ts", object)]));
    for (function, input, output) in [("length", "💛", "4"), ("twice", "4", "8"), ("add one", "4", "5")] {
        assert_eq!(plugin.call::<_, String>(function, input).unwrap(), output, "{function}");
    }
}

#[test]
fn all_of_typescript_that_is_not_a_type() {
    let source = "enum E { A = 1, B }\nconst enum C { X = 'x' }\nnamespace N { export const v = 1; }\n\
        class P { constructor(public readonly n: number, private m = 2) {} get sum() { return this.n + this.m; } }\n\
        abstract class Q<T> { declare t: T; abstract f(): void; g?(): void; }\n\
        function over(a: string): string; function over(a: any) { return a!; }\n\
        export const f = () => [E.B, E[1], C.X, N.v, new P(1).sum, over('o'), <number>1, Q.name].join();\n";
    assert_eq!(call(&[("plugin.ts", source)], "f", ""), "2,A,x,1,3,o,1,Q");
}

#[test]
fn stacks_name_the_authors_lines() {
    let files = [
        (
            "plugin.ts",
            "interface A {\n  a: number;\n}\nimport { g } from './lib';\nexport function f(): void {\n  g();\n}\n",
        ),
        ("lib.ts", "type X = string;\n\n\nexport const g = (): never => {\n  throw new Error('here');\n};\n"),
    ];
    let error = plugin(built(&files)).call::<_, String>("f", "").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Guest { .. }));
    for word in ["Error: here", "at g (lib.ts:5:", "at f (plugin.ts:6:"] {
        assert!(error.message().contains(word), "{error}");
    }
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let excerpt = fails(
        &[("plugin.js", "export function f() {\n  let a = ;\n}\n")],
        &["`plugin.js`, line 2, column 11"],
    );
    assert!(excerpt.contains("2 |   let a = ;\n  |           ^"), "{excerpt}");
    fails(&[("plugin.ts", "let x: = 1;\n")], &["`plugin.ts`, line 1, column 8"]);
    fails(
        &[("plugin.ts", "import './lib';\nexport {}"), ("lib.ts", "const a = 1;\nconst a = 2;\n")],
        &["`lib.ts`, line 1", "`a`"],
    );
    fails(
        &[("plugin.ts", "@d class A {}\nexport {}")],
        &["decorators are not supported", "line 1, column 1"],
    );
    let excerpt = fails(
        &[("plugin.js", "import a from './nowhere';\nimport b from 'no-package';\nexport {}")],
        &["cannot find `./nowhere`", "`plugin.js`, line 1, column 15", "another mistake"],
    );
    assert!(excerpt.contains("cannot find `no-package`") && excerpt.contains("npm install"), "{excerpt}");
    fails(&[("plugin.js", "import 'node:fs';")], &["`node:fs`", "no module of Node"]);
    fails(
        &[
            ("plugin.js", "import { x } from './a.js';\nexport function f() { x(); }"),
            ("a.js", "export const y = 1;"),
        ],
        &["x", "a.js"],
    );
    fails(&[("plugin.js", "import { kv } from 'extism:host/user';")], &["`extism:host/user`", ".d.ts"]);
}

#[test]
fn what_is_no_plugin_is_said() {
    fails(&[("plugin.js", "const a = 1;")], &["`plugin.js` exports no function", "export function hello"]);
    fails(&[("plugin.js", "export function memory() {}")], &["`memory`", "another name"]);
    fails(
        &[
            ("plugin.js", "export function a() {}"),
            ("plugin.d.ts", "declare module 'main' { export function b(): I32 }"),
        ],
        &["`plugin.d.ts` declares the function `b`", "`plugin.js` does not export"],
    );
    let declared = "declare module 'extism:host/user' { export function f(n: number): void }";
    fails(&[("plugin.js", "export function a() {}"), ("h.d.ts", declared)], &["`f` has a parameter", "I32"]);
    assert!(matches!(build(Path::new("no-such.js")), Err(Error::File { .. })));
}

#[test]
fn the_top_level_runs_once_without_a_host() {
    for (source, words) in [
        ("const c = Config.get('x');", &["reads the config", "in a function"][..]),
        ("const r = Math.random();", &["random numbers"]),
        ("await fetch('http://x');", &["HTTP request"]),
        ("const i = Host.inputString();", &["reads the input"]),
        ("Var.set('a', 'b');", &["variables"]),
        ("throw new TypeError('oh');", &["TypeError: oh", "plugin.js"]),
    ] {
        fails(&[("plugin.js", &format!("{source}\nexport function f() {{}}"))], words);
    }
    let folder =
        folder(&[("plugin.js", "console.log('said'); let n = 0; n++; export function f() { return n; }")]);
    let plugin = build(&folder.path().join("plugin.js")).unwrap();
    assert_eq!(plugin.said, ["said"]);
    assert_eq!(self::plugin(plugin.wasm).call::<_, String>("f", "").unwrap(), "1");
}

#[test]
fn only_what_is_needed_is_imported() {
    let imports = |source: &str| -> Vec<String> {
        let wasm = built(&[
            ("plugin.js", source),
            (
                "host.d.ts",
                "declare module 'extism:host/user' { export function one(a: string): string; export function two(): I32 }",
            ),
        ]);
        let inspection = inspect(&wasm).unwrap();
        let modules = inspection.imports.iter();
        modules.flat_map(|module| module.imports.iter().map(|import| import.name.clone())).collect()
    };
    let few = imports("export function f() { return 'x'; }");
    assert!(
        few.iter()
            .all(|name| !matches!(&**name, "http_request" | "random_get" | "clock_time_get" | "one" | "two")),
        "{few:?}"
    );
    let more = imports(
        "import { one } from 'extism:host/user';\nexport function f() { return one(String(Date.now())); }",
    );
    assert!(
        more.iter().any(|name| name == "one") && more.iter().any(|name| name == "clock_time_get"),
        "{more:?}"
    );
    assert!(!more.iter().any(|name| name == "two"), "{more:?}");
}

#[test]
fn values_cross_to_the_host_and_back() {
    let files = [
        (
            "plugin.ts",
            "import { both, maybe, sum } from 'extism:host/user';\nexport function f(name: string) {\n  return JSON.stringify([both(name, new Uint8Array([1, 2])), maybe('no'), sum(1, 2n, 0.5, 0.25)]);\n}\n",
        ),
        (
            "host.d.ts",
            "declare module 'extism:host/user' {\n  type Name = string;\n  export function both(name: Name, bytes: Uint8Array): { n: number };\n  export function maybe(key: string): string | null;\n  export function sum(a: I32, b: I64, c: F32, d: F64): F64;\n}\n",
        ),
    ];
    let mut plugin = Plugin::builder(built(&files))
        .wasi(true)
        .host_fn("both", |name: String, bytes: Vec<u8>| format!("{{\"n\": {}}}", name.len() + bytes.len()))
        .host_fn("maybe", |_: String| None::<String>)
        .host_fn("sum", |a: i32, b: i64, c: f32, d: f64| f64::from(a) + b as f64 + f64::from(c) + d)
        .build()
        .unwrap();
    assert_eq!(plugin.call::<_, String>("f", "Ada").unwrap(), r#"[{"n":5},null,3.75]"#);
}

#[test]
fn a_folder_is_a_package() {
    let folder = folder(&[
        ("package.json", r#"{"name": "x", "type": "module", "main": "./lib/p.js"}"#),
        ("lib/p.js", "import u from './u.js';\nexport const f = () => u;\n"),
        ("lib/u.js", "export default 'u';"),
    ]);
    let mut plugin = plugin(build(folder.path()).unwrap().wasm);
    assert_eq!(plugin.call::<_, String>("f", "").unwrap(), "u");
}

#[test]
fn types_of_inputs_may_be_named_in_other_files() {
    let files = [
        (
            "plugin.ts",
            "import type { Name, Pair } from './types';\nimport { type Bytes as B, twice } from './types.js';\n\
             export const text = (name: Name) => name + twice(1);\nexport const length = (bytes: B) => bytes.length;\n\
             export function sum(pair: Pair) { return pair.a + pair.b; }\n",
        ),
        (
            "types.ts",
            "export type Name = string;\ntype Bytes = Uint8Array;\nexport type { Bytes };\nexport interface Pair { a: number; b: number }\n\
             export const twice = (n: number) => 2 * n;\n",
        ),
    ];
    let mut plugin = plugin(built(&files));
    for (function, input, output) in
        [("text", "Ada", "Ada2"), ("length", "💛", "4"), ("sum", r#"{"a": 1, "b": 2}"#, "3")]
    {
        assert_eq!(plugin.call::<_, String>(function, input).unwrap(), output, "{function}");
    }
}

#[test]
fn names_that_are_not_exported_are_shown_where_they_are() {
    let excerpt = fails(
        &[
            (
                "plugin.js",
                "import d, { x as local, star } from './a.js';\nimport c, { made } from './c.cjs';\nexport { y, z as w } from './a.js';\nexport { d, local, star, c, made };\n",
            ),
            ("a.js", "export const { y, ...rest } = {};\nexport * from './b.js';\n"),
            ("b.js", "const f = () => 1;\nexport { f as star };\nexport default 1;\n"),
            ("c.cjs", "module.exports = { made() {} };"),
        ],
        &["`a.js` does not export `default`", "`plugin.js`, line 1, column 8", "it exports `rest`, `y`"],
    );
    assert!(
        excerpt.contains("1 | import d, { x as local, star } from './a.js';\n  |             ^\n"),
        "{excerpt}"
    );
    assert!(excerpt.contains("3 | export { y, z as w } from './a.js';\n  |             ^\n"), "{excerpt}");
    assert_eq!(excerpt.matches("does not export").count(), 3, "{excerpt}");
    fails(
        &[
            ("plugin.js", "import { kv_raed } from 'extism:host/user';\nexport const f = kv_raed;"),
            ("h.d.ts", "declare module 'extism:host/user' { export function kv_read(key: string): string }"),
        ],
        &["`extism:host/user` does not export `kv_raed`", "it exports `kv_read`", "column 10"],
    );
}
