//! `plugwright build`, as far as it needs no compiler: those of the tests are scripts.
//!
//! What real compilers make is a step of `cargo xtask test`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Run, World, smallest};

/// Builds by copying a file.
const COPIES: &str =
    "[build]\ncommand = [\"/bin/cp\", \"made.wasm\", \"plugin.wasm\"]\noutput = \"plugin.wasm\"\n";

/// The smallest plug-in with a section that nobody needs, and one that its author may.
fn with_sections() -> Vec<u8> {
    let mut wasm = smallest();
    wasm.extend(b"\x00\x09\x04name\x00\x02\x01\x00");
    wasm.extend(b"\x00\x05\x04mine");
    wasm
}

/// A folder with files, and a folder `bin` that is all of the PATH.
fn world(files: &[(&str, &str)]) -> World {
    let world = World::new();
    fs::create_dir(world.dir.path().join("bin")).unwrap();
    for (name, text) in files {
        world.file(name, text);
    }
    world.file("made.wasm", with_sections());
    world
}

/// Puts a script on the PATH.
fn tool(world: &World, name: &str, script: &str) {
    let file = world.file(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

fn build(world: &World, args: &[&str]) -> Run {
    let mut command = world.command();
    command.arg("build").args(args).env("PATH", world.dir.path().join("bin"));
    Run::from(command.output().unwrap())
}

fn no_plugin(world: &World) -> bool {
    !world.dir.path().join("plugin.wasm").exists()
}

#[test]
fn a_command_of_its_own() {
    let world = world(&[("plugwright.toml", COPIES)]);
    let run = build(&world, &[]);
    for line in
        ["plugin.wasm\n", "43 bytes; 54 before: stripped\n", "functions   run\n", "needs       nothing\n"]
    {
        assert!(run.ok().contains(line), "no {line:?} in: {}", run.ok());
    }
    assert_eq!(run.stderr, "");
    let mut expected = smallest();
    expected.extend(b"\x00\x05\x04mine");
    assert_eq!(world.read("plugin.wasm"), expected);
    assert_eq!(world.run(["call", "plugin.wasm", "run"]).ok(), "");
    let mode = world.dir.path().join("plugin.wasm").metadata().unwrap().permissions().mode();
    assert_ne!(mode & 0o044, 0, "others cannot read it");
}

#[test]
fn the_result_as_json() {
    let world = world(&[("plugwright.toml", COPIES)]);
    let json = build(&world, &["--json"]).json();
    assert_eq!(json["file"], "plugin.wasm");
    assert_eq!((json["size_bytes"].as_u64(), json["unoptimised_bytes"].as_u64()), (Some(43), Some(54)));
    assert_eq!(json["optimisations"], serde_json::json!(["stripped"]));
    assert_eq!(json["exports"], serde_json::json!(["run"]));
    assert_eq!((&json["needs_wasi"], &json["needs_imports"]), (&false.into(), &serde_json::json!([])));
    assert!(json["language"].is_null());
}

#[test]
fn where_it_goes() {
    let world = world(&[]);
    fs::create_dir(world.dir.path().join("greet")).unwrap();
    world.file("greet/made.wasm", with_sections());
    let config =
        "[build]\ncommand = [\"/bin/cp\", \"made.wasm\", \"other.wasm\"]\nartifact = \"other.wasm\"\n";
    world.file("greet/plugwright.toml", config);
    let run = build(&world, &["greet"]);
    assert!(run.ok().starts_with("greet/greet.wasm\n"), "{}", run.ok());
    assert_eq!(world.read("greet/greet.wasm").len(), 43);
    assert_eq!(build(&world, &["greet", "-o", "here.wasm", "--quiet"]).ok(), "");
    assert_eq!(world.read("here.wasm").len(), 43);
    build(&world, &["greet", "-o", "nowhere/x.wasm"]).fails(1, &["cannot write `nowhere/x.wasm`"]);
}

#[test]
fn debugging_keeps_everything() {
    let world = world(&[("plugwright.toml", COPIES)]);
    tool(&world, "wasm-opt", "echo called > wasm-opt-was");
    assert!(build(&world, &["--debug"]).ok().contains("54 bytes\n"));
    assert_eq!(world.read("plugin.wasm"), with_sections());
    assert!(!world.dir.path().join("wasm-opt-was").exists());
}

#[test]
fn tools_that_are_missing() {
    for (file, text, words) in [
        ("Cargo.toml", "", &["`cargo`", "Rust", "https://rustup.rs"][..]),
        ("go.mod", "", &["`go`", "Go 1.24", "https://go.dev/dl"]),
        ("plugin.c", "", &["`zig`", "clang", "https://ziglang.org/download"]),
        ("plugin.zig", "", &["`zig`", "Zig 0.17"]),
        ("asconfig.json", "{}", &["`node`", "https://nodejs.org"]),
        (
            "plugwright.toml",
            "[build]\nlanguage = \"go\"\ncompiler = \"tinygo\"\n",
            &["`tinygo`", "https://tinygo.org"],
        ),
        (
            "plugwright.toml",
            "[build]\nlanguage = \"c\"\ncompiler = \"clang\"\nsources = [\"a.c\"]\n",
            &["`clang`", "lld"],
        ),
        (
            "plugwright.toml",
            "[build]\ncommand = [\"no-such-program\"]\n",
            &["no-such-program", "plugwright.toml"],
        ),
    ] {
        let world = world(&[(file, text)]);
        build(&world, &[]).fails(1, words);
        assert_eq!(build(&world, &["--json"]).json_error()["kind"], "Build");
    }
}

#[test]
fn parts_of_tools_that_are_missing() {
    let rust = world(&[("Cargo.toml", "")]);
    tool(&rust, "cargo", "echo \"error[E0463]: can't find crate for \\`std\\`\" >&2; exit 101");
    build(&rust, &[]).fails(1, &["wasm32-unknown-unknown", "`rustup target add wasm32-unknown-unknown`"]);
    rust.file("plugwright.toml", "[build]\ntarget = \"wasm32-wasip1\"\n");
    build(&rust, &[]).fails(1, &["`rustup target add wasm32-wasip1`"]);

    let go = world(&[("go.mod", "")]);
    tool(&go, "go", "echo \"-buildmode=c-shared not supported on wasip1/wasm\" >&2; exit 2");
    build(&go, &[]).fails(1, &["Go 1.24 or later"]);

    let assemblyscript = world(&[("asconfig.json", "{}")]);
    tool(&assemblyscript, "node", "exit 0");
    build(&assemblyscript, &[]).fails(1, &["AssemblyScript's compiler", "`npm install`"]);

    let c = world(&[("plugin.c", "")]);
    tool(&c, "clang", "echo '  x86-64 - 64-bit X86'");
    build(&c, &[]).fails(1, &["there is no clang with the target wasm32"]);
}

/// A compiler that notes its arguments and writes what `-o` or `--outFile` names.
const COMPILER: &str = r#"echo "$@" >> arguments
while [ $# -gt 1 ]; do
  case "$1" in -o | --outFile) /bin/cp made.wasm "$2" ;; esac
  shift
done"#;

/// What the compiler was told to do, a command a line.
fn arguments(world: &World) -> String {
    String::from_utf8(world.read("arguments")).unwrap()
}

#[test]
fn the_flags_of_go() {
    let world = world(&[("go.mod", "")]);
    tool(&world, "go", &format!("echo \"$GOOS/$GOARCH\" >> arguments\n{COMPILER}"));
    build(&world, &[]).ok();
    let told = arguments(&world);
    assert!(
        told.starts_with("wasip1/wasm\nbuild -buildmode=c-shared -trimpath -ldflags=-s -w -o "),
        "{told}"
    );
    assert!(told.ends_with(" .\n"), "{told}");

    world.file("plugwright.toml", "[build]\ncompiler = \"tinygo\"\nsources = [\"./plugin\"]\n");
    tool(&world, "tinygo", COMPILER);
    build(&world, &["--debug"]).ok();
    let told = arguments(&world);
    let told = told.lines().last().unwrap();
    assert!(told.starts_with("build -target=wasip1 -buildmode=c-shared -o "), "{told}");
    assert!(told.ends_with(" ./plugin"), "{told}");
}

#[test]
fn the_flags_of_c() {
    let world = world(&[("plugin.c", ""), ("plugwright.toml", "[build]\nflags = [\"-DX=1\"]\n")]);
    tool(&world, "zig", COMPILER);
    build(&world, &[]).ok();
    let told = arguments(&world);
    assert!(
        told.starts_with("cc -target wasm32-freestanding ") && told.ends_with(" plugin.c -DX=1\n"),
        "{told}"
    );

    tool(&world, "clang-19", &format!("[ $1 = --print-targets ] && echo wasm32 && exit\n{COMPILER}"));
    let config =
        "[build]\nlanguage = \"c\"\ncompiler = \"clang\"\ntarget = \"wasm32-wasi\"\nsources = [\"a.cpp\"]\n";
    world.file("plugwright.toml", config);
    build(&world, &[]).ok();
    let told = arguments(&world);
    let told = told.lines().last().unwrap();
    for flag in ["--target=wasm32-wasi ", "-mexec-model=reactor ", "-fno-exceptions "] {
        assert!(told.contains(flag), "{told}");
    }
    assert!(told.ends_with(" a.cpp"), "{told}");
}

#[test]
fn the_flags_of_assemblyscript() {
    let world = world(&[("asconfig.json", r#"{"entries": ["a.ts"]}"#)]);
    fs::create_dir_all(world.dir.path().join("node_modules/assemblyscript/bin")).unwrap();
    world.file("node_modules/assemblyscript/bin/asc.js", "");
    tool(&world, "node", COMPILER);
    build(&world, &["--debug"]).ok();
    assert!(arguments(&world).contains("asc.js --target debug --outFile "));
    world.file("asconfig.json", "{}");
    build(&world, &[]).fails(1, &["assembly/index.ts", "sources = "]);
    world.file("only.ts", "");
    build(&world, &[]).ok();
    assert!(arguments(&world).contains("asc.js --target release only.ts --outFile "));
}

#[test]
fn programs_in_rust_have_wasi() {
    let world = world(&[("Cargo.toml", "[package]\nname = \"x\"\n")]);
    fs::create_dir(world.dir.path().join("src")).unwrap();
    world.file("src/main.rs", "");
    tool(&world, "cargo", COMPILER);
    for (manifest, target) in
        [("", "wasm32-wasip1"), ("[lib]\ncrate-type = [\"cdylib\"]\n", "wasm32-unknown-unknown")]
    {
        world.file("Cargo.toml", manifest);
        build(&world, &[]).fails(1, &["Cargo made no plug-in"]);
        assert!(arguments(&world).ends_with(&format!(" --target {target} --release\n")));
    }
}

#[test]
fn cargo_says_what_it_made() {
    let world = world(&[("Cargo.toml", "")]);
    let folder = world.dir.path().canonicalize().unwrap();
    let message = |name: &str| {
        format!(
            r#"{{"reason":"compiler-artifact","manifest_path":"{0}/Cargo.toml","target":{{"name":"{name}","kind":["cdylib"]}},"filenames":["{0}/made.wasm"]}}"#,
            folder.display()
        )
    };
    tool(&world, "cargo", &format!("echo '{}'", message("count_vowels")));
    assert!(build(&world, &[]).ok().starts_with("count_vowels.wasm\n"));
    tool(&world, "cargo", &format!("echo '{}'\necho '{}'", message("one"), message("two")));
    build(&world, &[]).fails(1, &["`one`, `two`", "--package"]);
    tool(&world, "cargo", "exit 0");
    build(&world, &[]).fails(1, &["crate-type = [\"cdylib\"]"]);
}

#[test]
fn a_tool_that_fails_is_heard() {
    let fails = "[build]\ncommand = [\"/bin/sh\", \"-c\", \"echo to you; echo line 7 is wrong >&2; exit 3\"]\noutput = \"plugin.wasm\"\n";
    let world = world(&[("plugwright.toml", fails), ("plugin.wasm", "from before")]);
    for flags in [&[][..], &["--verbose"]] {
        let run = build(&world, flags);
        run.fails(1, &["`sh -c 'echo to you;", "exit status: 3", "above"]);
        assert_eq!(run.stderr.matches("line 7 is wrong\n").count(), 1, "{}", run.stderr);
        assert_eq!(run.stderr.matches("to you\n").count(), 1, "{}", run.stderr);
    }
    assert_eq!(world.read("plugin.wasm"), b"from before");
}

#[test]
fn what_tools_say_is_shown_when_asked_for() {
    let talks = "[build]\ncommand = [\"/bin/sh\", \"-c\", \"echo hello >&2; /bin/cp made.wasm plugin.wasm\"]\noutput = \"plugin.wasm\"\n";
    let world = world(&[("plugwright.toml", talks)]);
    assert_eq!(build(&world, &[]).stderr, "");
    let run = build(&world, &["-v"]);
    assert!(run.stderr.contains("running `sh -c ") && run.stderr.contains("\nhello\n"), "{}", run.stderr);
}

#[test]
fn what_is_built_must_be_a_plugin() {
    let world = world(&[("plugwright.toml", COPIES)]);
    world.file("made.wasm", "no WebAssembly");
    build(&world, &[]).fails(1, &["what was built of `.`", "not a valid WebAssembly module"]);
    let nothing = "[build]\ncommand = [\"/bin/sh\", \"-c\", \"exit 0\"]\nartifact = \"x.wasm\"\n";
    world.file("plugwright.toml", nothing);
    build(&world, &[]).fails(1, &["cannot read", "x.wasm"]);

    world.file("plugwright.toml", COPIES);
    world.file("made.wasm", b"\0asm\x01\0\0\0");
    let run = build(&world, &[]);
    assert!(run.ok().contains("functions   nothing\n"));
    assert!(run.stderr.starts_with("warning: `plugin.wasm` exports no function"), "{}", run.stderr);
}

#[test]
fn folders_without_a_plugin() {
    let empty = world(&[]);
    build(&empty, &[]).fails(1, &["no source of a plug-in", "plugwright new"]);
    build(&empty, &["nowhere"]).fails(1, &["cannot read `nowhere`"]);
    build(&empty, &["made.wasm"]).fails(1, &["`made.wasm` is no source of a plug-in"]);
    let both = world(&[("go.mod", ""), ("build.zig", "")]);
    build(&both, &[])
        .fails(1, &["Go (`go.mod`) or Zig (`build.zig`)", "language = \"go\"", "plugwright.toml"]);
}

#[test]
fn mistakes_in_the_config() {
    for (text, words) in [
        ("[build]\nlanguag = \"c\"\n", &["languag", "line 2"][..]),
        ("[build]\ncommand = [\"make\"]\nflags = [\"-j\"]\n", &["`flags`", "`command`"]),
        ("[build]\nlanguage = \"rust\"\nsources = [\"x.rs\"]\n", &["`sources`", "Rust"]),
        (
            "[build]\nlanguage = \"c\"\ntarget = \"wasm64\"\nsources = [\"x.c\"]\n",
            &["wasm64", "wasm32-freestanding"],
        ),
    ] {
        let world = world(&[("plugwright.toml", text)]);
        let error = build(&world, &[]);
        error.fails(1, words);
        assert!(error.stderr.contains("plugwright.toml` is not valid"), "{}", error.stderr);
        assert!(no_plugin(&world));
    }
}

#[test]
fn wasm_opt_is_used_where_it_helps() {
    let world = world(&[("plugwright.toml", COPIES)]);
    world.file("small.wasm", smallest());
    // It writes to its last argument.
    tool(&world, "wasm-opt", "for last; do :; done; echo \"$@\" > arguments; /bin/cp small.wasm \"$last\"");
    assert!(build(&world, &[]).ok().contains("36 bytes; 54 before: wasm-opt -Oz\n"));
    assert_eq!(world.read("plugin.wasm"), smallest());
    assert!(String::from_utf8(world.read("arguments")).unwrap().starts_with("-Oz --enable-bulk-memory "));
}

#[test]
fn wasm_opt_is_not_trusted() {
    for (made, words) in [
        (&b"\0asm\x01\0\0\0"[..], "changed the plug-in's exports"),
        (b"broken", "not a valid WebAssembly module"),
    ] {
        let world = world(&[("plugwright.toml", COPIES)]);
        world.file("small.wasm", made);
        tool(&world, "wasm-opt", "for last; do :; done; /bin/cp small.wasm \"$last\"");
        let run = build(&world, &[]);
        assert!(run.ok().contains("43 bytes; 54 before: stripped\n"), "{}", run.ok());
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    let world = world(&[("plugwright.toml", COPIES)]);
    tool(&world, "wasm-opt", "echo '[parse exception]' >&2; exit 1");
    let run = build(&world, &[]);
    assert!(run.ok().contains("43 bytes; 54 before: stripped\n"));
    assert!(
        run.stderr.contains("wasm-opt failed") && run.stderr.contains("[parse exception]"),
        "{}",
        run.stderr
    );
}

#[test]
fn javascript_needs_no_tool() {
    let world = world(&[(
        "plugin.ts",
        "export function hello(name: string) { return { message: 'Hello ' + name }; }",
    )]);
    let run = build(&world, &["plugin.ts"]);
    assert!(
        run.ok().contains("functions   hello\n") && run.ok().contains("needs       nothing\n"),
        "{}",
        run.ok()
    );
    let run = world.run(["call", "plugin.wasm", "hello", "--input", "Ada"]);
    assert_eq!(run.ok(), r#"{"message":"Hello Ada"}"#);
    assert!(build(&world, &["bin"]).stderr.contains("no source of a plug-in"));
    build(&world, &["made.wasm"]).fails(1, &["`made.wasm` is no source", "JavaScript"]);
}

#[test]
fn mistakes_in_javascript_are_shown() {
    let world = world(&[
        ("plugin.js", "let a = 1;\nlet b = ;\n"),
        ("plugwright.toml", "[build]\nlanguage = \"js\"\n"),
    ]);
    let run = build(&world, &[]);
    run.fails(1, &["`plugin.js`, line 2, column 9"]);
    assert!(run.stderr.contains("2 | let b = ;\n  |         ^"), "{}", run.stderr);
    let error = build(&world, &["--json"]).json_error();
    assert_eq!(error["kind"], "Build");
    assert!(error["message"].as_str().unwrap().contains("line 2"), "{error}");
}
