use std::fs;
use std::path::Path;

use super::{Resolved, Resolver};

/// A folder with these files; `package.json` files have a text, others none.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[track_caller]
fn check(folder: &Path, from: &str, specifier: &str, require: bool, expected: &str) {
    let root = folder.canonicalize().unwrap();
    let found = match Resolver::default().resolve(specifier, &root.join(from), require).unwrap() {
        Resolved::File(path) => path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(),
        Resolved::Empty => "(empty)".to_owned(),
        Resolved::Missing => "(missing)".to_owned(),
    };
    assert_eq!(found, expected, "{specifier} from {from:?}");
}

#[test]
fn relative_names() {
    let folder = folder(&[
        ("a.js", ""),
        ("src/b.ts", ""),
        ("src/both.js", ""),
        ("src/both.ts", ""),
        ("src/data.json", "{}"),
        ("src/lib/index.js", ""),
        ("src/pkg/package.json", r#"{"main": "x/y"}"#),
        ("src/pkg/x/y.js", ""),
        ("src/m.mts", ""),
    ]);
    for (specifier, expected) in [
        ("../a.js", "a.js"),
        ("../a", "a.js"),
        ("./b", "src/b.ts"),
        ("./b.js", "src/b.ts"),
        ("./m.mjs", "src/m.mts"),
        ("./both", "src/both.ts"),
        ("./both.js", "src/both.js"),
        ("./data", "src/data.json"),
        ("./lib", "src/lib/index.js"),
        ("./pkg", "src/pkg/x/y.js"),
        (".", "(missing)"),
        ("./none", "(missing)"),
        ("none", "(missing)"),
        ("", "(missing)"),
    ] {
        check(folder.path(), "src", specifier, false, expected);
    }
}

#[test]
fn packages() {
    let folder = folder(&[
        ("node_modules/plain/index.js", ""),
        ("node_modules/main/package.json", r#"{"main": "lib/m.js", "module": "lib/m.mjs"}"#),
        ("node_modules/main/lib/m.js", ""),
        ("node_modules/main/lib/m.mjs", ""),
        (
            "node_modules/@s/p/package.json",
            r#"{"exports": {".": {"import": "./e.mjs", "require": "./e.cjs"}, "./sub": "./s.js"}}"#,
        ),
        ("node_modules/@s/p/e.mjs", ""),
        ("node_modules/@s/p/e.cjs", ""),
        ("node_modules/@s/p/s.js", ""),
        ("node_modules/@s/p/hidden.js", ""),
        ("node_modules/out/package.json", r#"{"exports": "../../secret.js"}"#),
        ("secret.js", ""),
        ("a/node_modules/plain/index.js", ""),
        ("node_modules/stale/package.json", r#"{"main": "gone.js"}"#),
        ("node_modules/stale/index.js", ""),
    ]);
    check(folder.path(), "", "plain", false, "node_modules/plain/index.js");
    check(folder.path(), "a/b", "plain", false, "a/node_modules/plain/index.js");
    check(folder.path(), "a", "main", false, "node_modules/main/lib/m.mjs");
    check(folder.path(), "a", "main", true, "node_modules/main/lib/m.js");
    check(folder.path(), "a", "main/lib/m", true, "node_modules/main/lib/m.js");
    check(folder.path(), "", "@s/p", false, "node_modules/@s/p/e.mjs");
    check(folder.path(), "", "@s/p", true, "node_modules/@s/p/e.cjs");
    check(folder.path(), "", "@s/p/sub", true, "node_modules/@s/p/s.js");
    check(folder.path(), "", "@s/p/hidden.js", true, "(missing)");
    check(folder.path(), "", "stale", false, "node_modules/stale/index.js");
    // A package does not reach outside of its folder.
    check(folder.path(), "", "out", false, "(missing)");
}

#[test]
fn own_names_and_files_for_browsers() {
    let folder = folder(&[
        (
            "package.json",
            r##"{"name": "me", "exports": {"./x": "./src/x.js"}, "imports": {"#y": "./src/y.js", "#p": "p"}}"##,
        ),
        ("src/x.js", ""),
        ("src/y.js", ""),
        (
            "node_modules/p/package.json",
            r#"{"main": "n.js", "browser": {"./n.js": "./b.js", "fs": false, "path": "./path.js", "./no.js": false}}"#,
        ),
        ("node_modules/p/n.js", ""),
        ("node_modules/p/b.js", ""),
        ("node_modules/p/no.js", ""),
        ("node_modules/p/path.js", ""),
    ]);
    check(folder.path(), "src", "me/x", false, "src/x.js");
    check(folder.path(), "src", "me", false, "(missing)");
    check(folder.path(), "src", "#y", false, "src/y.js");
    check(folder.path(), "src", "#p", false, "node_modules/p/b.js");
    check(folder.path(), "node_modules/p", "fs", true, "(empty)");
    check(folder.path(), "node_modules/p", "path", true, "node_modules/p/path.js");
    check(folder.path(), "node_modules/p", "./no", true, "(empty)");
    check(folder.path(), "src", "fs", true, "(missing)");
}

#[test]
fn invalid_packages_are_named() {
    let folder = folder(&[("node_modules/bad/package.json", "{"), ("node_modules/bad/index.js", "")]);
    let error = Resolver::default().resolve("bad", folder.path(), false).unwrap_err().to_string();
    assert!(error.contains("bad") && error.contains("package.json"), "{error}");
}

#[test]
fn names_of_a_tsconfig() {
    let folder = folder(&[
        (
            "tsconfig.json",
            r#"{"compilerOptions": {"paths": {"@/*": ["./lib/*", "./src/*"], "pkg": ["./missing"]}}}"#,
        ),
        ("src/a.ts", ""),
        ("lib/b/index.ts", ""),
        ("node_modules/pkg/index.js", ""),
    ]);
    check(folder.path(), "src", "@/a", false, "src/a.ts");
    check(folder.path(), "src", "@/b", false, "lib/b/index.ts");
    check(folder.path(), "src", "@/c", false, "(missing)");
    check(folder.path(), "src", "pkg", false, "node_modules/pkg/index.js");
    check(folder.path(), "node_modules/pkg", "@/a", false, "(missing)");
}
