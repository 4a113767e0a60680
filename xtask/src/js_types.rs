//! The types of plug-ins in JavaScript and TypeScript: those of our guests and of new projects hold, in TypeScript's strict mode.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::cache::Cache;
use crate::{guests, process, repository};

/// How TypeScript is told to look at everything.
const CONFIG: &str = r#"{
  "compilerOptions": {
    "strict": true, "noEmit": true, "target": "ES2023", "lib": ["ES2023"], "module": "ESNext", "moduleResolution": "Bundler",
    "resolveJsonModule": true, "allowSyntheticDefaultImports": true, "types": ["./types"]
  },
  "include": ["**/*.ts"]
}
"#;

/// Sources whose types must hold, each with its place.
const CHECKED: [(&str, &str); 12] = [
    ("pdks/js/types/index.d.ts", "types/index.d.ts"),
    ("pdks/js/types/capabilities.d.ts", "types/capabilities.d.ts"),
    ("pdks/js/types/web.d.ts", "types/web.d.ts"),
    ("crates/cli/templates/ts/plain/plugin.ts", "plain.ts"),
    ("crates/cli/templates/ts/host-fn/plugin.ts", "host_fn/plugin.ts"),
    ("guests/js/database.ts", "database.ts"),
    ("guests/js/kitchen.ts", "kitchen.ts"),
    ("guests/js/kv.ts", "kv.ts"),
    ("guests/js/large/plugin.ts", "large/plugin.ts"),
    ("guests/js/messages.ts", "messages.ts"),
    ("guests/js/store.ts", "store.ts"),
    ("guests/js/lib/text.ts", "lib/text.ts"),
];

/// Other files that these import.
const BESIDE: [(&str, &str); 3] = [
    ("guests/js/host.d.ts", "host.d.ts"),
    ("guests/js/large/host.d.ts", "large/host.d.ts"),
    ("guests/js/words.json", "words.json"),
];

/// What a host lends, in the public form and in ours, and how its types are passed on.
const HOST_FUNCTIONS: [(&str, &str); 3] = [
    (
        "lent/host.d.ts",
        "declare module \"extism:host\" { interface user { by_offset(block: I64): I64 } }\n\
         declare module \"extism:host/user\" { export function by_value(key: string): string | null }\n",
    ),
    (
        "lent/plugin.ts",
        "const { by_offset, by_value } = Host.getFunctions();\n\
         export function f(): string {\n\
         \x20 const block: I64 = by_offset(Memory.fromString(\"x\").offset);\n\
         \x20 return Memory.readString(block) + (by_value(\"y\") ?? \"\");\n\
         }\n\
         export { by_value, by_value as renamed } from \"extism:host/user\";\n\
         export * from \"./other\";\n",
    ),
    (
        "lent/other.ts",
        "import { by_value, f, renamed } from \"./plugin\";\n\
         export const all = (key: string): string => f() + by_value(key) + renamed(key)?.length;\n",
    ),
];

/// What plug-ins have of Node, and of the Web beyond what guests use.
const GLOBALS: &str = r#"import { Buffer as Bytes, atob as decode } from "buffer";
import buffer, { btoa } from "node:buffer";
import url, { URL as Address, URLSearchParams as Query } from "url";
import { URL as Same } from "node:url";
import process_, { env, nextTick, platform } from "process";
import same, { argv } from "node:process";

export function query(address: Address): Query {
  const made: URL = new Same(address);
  return new url.URLSearchParams(made.search);
}
export function bytes(text: Bytes): string {
  const copy: Buffer = buffer.Buffer.from(text);
  return btoa(decode(copy.toString("base64")));
}
export function cookies(): string[] {
  const failed: boolean = Response.error().type === "error";
  return failed ? [] : Response.redirect("https://example.com/", 301).headers.getSetCookie();
}
export function later(): void {
  clearImmediate(setImmediate((number: number) => console.log(number), 1));
  process.nextTick((text: string) => console.log(text), env.NODE_ENV ?? platform + argv.length);
  nextTick(() => console.log(process_.browser, same.env));
}
"#;

/// Uses that must not pass, each with one mistake a line.
const WRONG: &str = "Host.outputString(1);\n\
                     Var.set('a', 2);\n\
                     Config.get();\n\
                     Host.getFunctions().by_offset('text');\n\
                     Host.getFunctions().by_value(1);\n\
                     Host.getFunctions().no_such();\n\
                     import { renamed, all } from './lent/plugin'; renamed(1);\n\
                     all(2);\n\
                     process.nextTick(1);\n\
                     import { fill } from 'buffer';\n";

/// Checks the types, and that a mistake is found.
///
/// # Errors
/// When TypeScript cannot be installed, or does not agree.
pub(crate) fn check() -> Result<()> {
    let packages = guests::js_packages(&Cache::open()?)?;
    let folder = tempfile::tempdir()?;
    for (from, to) in CHECKED.into_iter().chain(BESIDE) {
        let to = folder.path().join(to);
        fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        fs::copy(repository::root().join(from), to).with_context(|| format!("cannot copy {from}"))?;
    }
    fs::write(folder.path().join("tsconfig.json"), CONFIG)?;
    fs::create_dir_all(folder.path().join("lent"))?;
    for (file, text) in HOST_FUNCTIONS {
        fs::write(folder.path().join(file), text)?;
    }
    fs::write(folder.path().join("globals.ts"), GLOBALS)?;
    fs::write(folder.path().join("marked.d.cts"), "export function mark(text: string): string;\n")?;
    let modules = folder.path().join("node_modules");
    fs::create_dir(&modules)?;
    let package = packages.modules().join("fastest-levenshtein");
    process::run(Command::new("cp").arg("-R").arg(package).arg(&modules))?;
    let tsc = || {
        let mut tsc = Command::new("node");
        tsc.arg(packages.modules().join("typescript/bin/tsc")).args(["-p", "."]).current_dir(folder.path());
        tsc
    };
    process::run(&mut tsc()).context("the types of pdks/js/types do not fit the guests")?;
    fs::write(folder.path().join("wrong.ts"), WRONG)?;
    let found = tsc().output()?;
    let found = String::from_utf8_lossy(&found.stdout).matches("wrong.ts").count();
    let expected = WRONG.lines().count();
    ensure!(found == expected, "TypeScript finds {found} of {expected} mistakes");
    Ok(())
}
