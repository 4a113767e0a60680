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
    fs::write(folder.path().join("wrong.ts"), "Host.outputString(1); Var.set('a', 2); Config.get();\n")?;
    let found = tsc().output()?;
    let found = String::from_utf8_lossy(&found.stdout).matches("wrong.ts").count();
    ensure!(found == 3, "TypeScript finds {found} of 3 mistakes");
    Ok(())
}
