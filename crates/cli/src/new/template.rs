//! The files of a new project, but for its development kit.

use crate::language::Language;

/// What stands in a template for the plug-in's name.
const NAME: &str = "{{name}}";

/// A file of a project: its path, and what it holds.
type File = (&'static str, &'static str);

/// Reads a template of a language.
macro_rules! template {
    ($path:literal) => {
        include_str!(concat!("../../templates/", $path))
    };
}

/// The files of a project, with their contents.
pub(super) fn files(name: &str, language: Language, with_host_fn: bool) -> Vec<(&'static str, String)> {
    let template = Template::of(language);
    let variant = if with_host_fn { template.with_host_fn } else { template.plain };
    let mut files: Vec<(&str, String)> =
        template.common.iter().chain(variant).map(|(path, text)| (*path, text.replace(NAME, name))).collect();
    if with_host_fn {
        files.push(("host.wat", template!("host.wat").to_owned()));
    }
    files.push(("README.md", readme(name, language, with_host_fn)));
    files
}

/// What is particular to a language.
struct Template {
    common: &'static [File],
    plain: &'static [File],
    with_host_fn: &'static [File],
    /// What must be installed.
    needs: &'static str,
    /// The command that runs the project's test.
    test: &'static str,
    /// How the test works.
    tested: &'static str,
    /// Whether the compiler makes plug-ins that need WASI.
    wasi: bool,
}

impl Template {
    fn of(language: Language) -> &'static Self {
        match language {
            Language::Rust => &RUST,
            Language::Go => &GO,
            Language::C => &C,
            Language::Zig => &ZIG,
            Language::AssemblyScript => &ASSEMBLYSCRIPT,
            Language::JavaScript => &JAVASCRIPT,
            Language::TypeScript => &TYPESCRIPT,
        }
    }
}

const RUST: Template = Template {
    common: &[
        ("Cargo.toml", template!("rust/manifest.toml")),
        ("plugwright.toml", template!("rust/plugwright.toml")),
        (".gitignore", template!("rust/gitignore")),
    ],
    plain: &[("src/lib.rs", template!("rust/plain/lib.rs"))],
    with_host_fn: &[("src/lib.rs", template!("rust/host-fn/lib.rs"))],
    needs: "Rust 1.85 or later, and `rustup target add wasm32-unknown-unknown`",
    test: "cargo test",
    tested: "The test calls the function on your own machine, without WebAssembly, against a host in the same process.",
    wasi: false,
};

const GO: Template = Template {
    common: &[
        ("go.mod", template!("go/module.txt")),
        ("plugwright.toml", template!("go/plugwright.toml")),
        (".gitignore", template!("go/gitignore")),
    ],
    plain: &[
        ("main.go", template!("go/plain/main.go")),
        ("main_test.go", template!("go/plain/main_test.go")),
    ],
    with_host_fn: &[
        ("main.go", template!("go/host-fn/main.go")),
        ("host.go", template!("go/host-fn/host.go")),
        ("host_native.go", template!("go/host-fn/host_native.go")),
        ("main_test.go", template!("go/host-fn/main_test.go")),
    ],
    needs: "Go 1.24 or later",
    test: "go test ./...",
    tested: "The test calls the function on your own machine, without WebAssembly, against a host in the same process.",
    wasi: true,
};

const C: Template = Template {
    common: &[("plugwright.toml", template!("c/plugwright.toml")), (".gitignore", template!("c/gitignore"))],
    plain: &[("plugin.c", template!("c/plain/plugin.c")), ("test.sh", template!("c/plain/test.sh"))],
    with_host_fn: &[
        ("plugin.c", template!("c/host-fn/plugin.c")),
        ("test.sh", template!("c/host-fn/test.sh")),
    ],
    needs: "Zig, as a compiler of C, or clang and lld with the target wasm32",
    test: "sh test.sh",
    tested: "The test builds the plug-in and calls it by `plugwright call`.",
    wasi: false,
};

const ZIG: Template = Template {
    common: &[
        ("plugwright.toml", template!("zig/plugwright.toml")),
        (".gitignore", template!("zig/gitignore")),
    ],
    plain: &[
        ("plugin.zig", template!("zig/plain/plugin.zig")),
        ("build.zig", template!("zig/plain/build.zig")),
    ],
    with_host_fn: &[
        ("plugin.zig", template!("zig/host-fn/plugin.zig")),
        ("build.zig", template!("zig/host-fn/build.zig")),
    ],
    needs: "Zig 0.17",
    test: "zig build test",
    tested: "The test builds the plug-in and calls it by `plugwright call`.",
    wasi: false,
};

const ASSEMBLYSCRIPT: Template = Template {
    common: &[
        ("package.json", template!("assemblyscript/package.json")),
        ("asconfig.json", template!("assemblyscript/asconfig.json")),
        ("assembly/tsconfig.json", template!("assemblyscript/tsconfig.json")),
        ("plugwright.toml", template!("assemblyscript/plugwright.toml")),
        (".gitignore", template!("assemblyscript/gitignore")),
    ],
    plain: &[
        ("assembly/index.ts", template!("assemblyscript/plain/index.ts")),
        ("test/greet.test.js", template!("assemblyscript/plain/greet.test.js")),
    ],
    with_host_fn: &[
        ("assembly/index.ts", template!("assemblyscript/host-fn/index.ts")),
        ("test/greet.test.js", template!("assemblyscript/host-fn/greet.test.js")),
    ],
    needs: "Node 20 or later, and `npm install` in this folder",
    test: "npm test",
    tested: "The test calls the built plug-in by `plugwright call`.",
    wasi: false,
};

const JAVASCRIPT: Template = Template {
    common: &[
        ("package.json", template!("js/package.json")),
        ("plugwright.toml", template!("js/plugwright.toml")),
        ("jsconfig.json", template!("js/jsconfig.json")),
        (".gitignore", template!("js/gitignore")),
    ],
    plain: &[
        ("plugin.js", template!("js/plain/plugin.js")),
        ("test/greet.test.js", template!("js/plain/greet.test.js")),
    ],
    with_host_fn: &[
        ("plugin.js", template!("js/host-fn/plugin.js")),
        ("host.d.ts", template!("js/host.d.ts")),
        ("test/greet.test.js", template!("js/host-fn/greet.test.js")),
    ],
    needs: "nothing to build it; for the test Node 20 or later",
    test: "node --test",
    tested: "The test calls the built plug-in by `plugwright call`.",
    wasi: false,
};

const TYPESCRIPT: Template = Template {
    common: &[
        ("package.json", template!("ts/package.json")),
        ("plugwright.toml", template!("ts/plugwright.toml")),
        ("tsconfig.json", template!("ts/tsconfig.json")),
        (".gitignore", template!("ts/gitignore")),
    ],
    plain: &[
        ("plugin.ts", template!("ts/plain/plugin.ts")),
        ("test/greet.test.js", template!("ts/plain/greet.test.js")),
    ],
    with_host_fn: &[
        ("plugin.ts", template!("ts/host-fn/plugin.ts")),
        ("host.d.ts", template!("ts/host.d.ts")),
        ("test/greet.test.js", template!("ts/host-fn/greet.test.js")),
    ],
    needs: "nothing to build it; for the test Node 20 or later",
    test: "node --test",
    tested: "The test calls the built plug-in by `plugwright call`.",
    wasi: false,
};

fn readme(name: &str, language: Language, with_host_fn: bool) -> String {
    let template = Template::of(language);
    let (does, example, host) = if with_host_fn {
        (
            "with the greeting that the host keeps for it",
            " --link extism:host/user=host.wat --input Ada",
            template!("README.host-fn.md"),
        )
    } else {
        ("with the greeting of its config", " --input Ada --config greeting=Hi", "")
    };
    [template!("README.md"), host]
        .concat()
        .replace("{{does}}", does)
        .replace("{{call}}", &format!("{}{example}", if template.wasi { " --wasi" } else { "" }))
        .replace("{{wasi}}", if template.wasi { "\n    .wasi(true)" } else { "" })
        .replace("{{needs}}", template.needs)
        .replace("{{tested}}", template.tested)
        .replace("{{test}}", template.test)
        .replace("{{language}}", &language.to_string())
        .replace(NAME, name)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::{Language, files};

    #[test]
    fn nothing_of_a_template_remains() {
        for &language in Language::value_variants() {
            for with_host_fn in [false, true] {
                let files = files("count-vowels", language, with_host_fn);
                for (path, text) in &files {
                    assert!(!text.contains("{{") || path.ends_with(".js"), "{language}: {path}: {text}");
                    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{language}: {path}");
                }
                assert!(files.iter().any(|(_, text)| text.contains("count-vowels")), "{language}");
                let mentions = files.iter().filter(|(_, text)| text.contains("kv_read")).count();
                assert_eq!(mentions > 0, with_host_fn, "{language}");
            }
        }
    }
}
