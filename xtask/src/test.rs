//! Checks and tests everything, in the order in which failures are cheapest to find.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;

use crate::ahead::Ahead;
use crate::{
    brokers, capi, counts, deploy, examples, go_checks, go_clients, go_sdk, guests, hosts, java, js_engine,
    js_front, js_types, load, node_parts, node_sdk, page, process, projects, python_clients, python_sdk,
    repository,
};

/// One step: its name, and what it does.
struct Step {
    name: &'static str,
    action: Action,
}

enum Action {
    /// A function of this program.
    Call(fn() -> Result<()>),
    /// Cargo with these arguments; rustdoc, if it runs, treats warnings as errors.
    Cargo(&'static [&'static str]),
    /// The same, with an environment variable.
    CargoWith(&'static [&'static str], (&'static str, &'static str)),
}

/// Unit and integration tests, and examples.
const TESTS: &[&str] = &["test", "--workspace", "--lib", "--bins", "--tests", "--examples"];

const STEPS: &[Step] = &[
    Step { name: "format", action: Action::Cargo(&["fmt", "--all", "--check"]) },
    Step {
        name: "format of the Rust guests",
        action: Action::Cargo(&["fmt", "--all", "--check", "--manifest-path", "guests/rust/Cargo.toml"]),
    },
    Step {
        name: "format of the fuzz targets",
        action: Action::Cargo(&["fmt", "--all", "--check", "--manifest-path", "fuzz/Cargo.toml"]),
    },
    Step {
        name: "format of the benchmarks",
        action: Action::Cargo(&["fmt", "--all", "--check", "--manifest-path", "benches/Cargo.toml"]),
    },
    Step {
        name: "format of the benchmark of QuickJS",
        action: Action::Cargo(&["fmt", "--all", "--check", "--manifest-path", "benches/quickjs/Cargo.toml"]),
    },
    Step {
        name: "format of the guests with our Rust PDK",
        action: Action::Cargo(&["fmt", "--all", "--check", "--manifest-path", "guests/rust_pdk/Cargo.toml"]),
    },
    Step { name: "format of the examples", action: Action::Call(examples::check_format) },
    Step { name: "Go sources and PDK", action: Action::Call(go_checks::check) },
    Step { name: "JavaScript engine", action: Action::Call(js_engine::check) },
    Step {
        name: "format of the reader of JavaScript",
        action: Action::Cargo(&["fmt", "--all", "--check", "--manifest-path", "crates/js/front/Cargo.toml"]),
    },
    Step { name: "reader of JavaScript", action: Action::Call(js_front::check) },
    Step { name: "types of JavaScript plug-ins", action: Action::Call(js_types::check) },
    Step { name: "header of the C library", action: Action::Call(capi::check_header) },
    Step { name: "Dockerfile and manifests", action: Action::Call(deploy::check) },
    Step { name: "guests", action: Action::Call(guests::build) },
    Step {
        name: "lint",
        action: Action::Cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]),
    },
    Step { name: "servers for the tests", action: Action::Call(brokers::set_up) },
    Step { name: "unit and integration tests", action: Action::Cargo(TESTS) },
    Step {
        name: "traces of the server",
        action: Action::Cargo(&[
            "test",
            "--workspace",
            "--features",
            "plugwright-cli/otlp",
            "--test",
            "otlp",
        ]),
    },
    Step { name: "page of the server in Chromium", action: Action::Call(page::check) },
    Step { name: "C library", action: Action::Call(capi::check_c_tests) },
    Step { name: "Go SDK", action: Action::Call(go_sdk::check) },
    Step { name: "Go SDK as its users see it", action: Action::Call(go_clients::check) },
    Step { name: "Python SDK", action: Action::Call(python_sdk::check) },
    Step { name: "Node.js SDK", action: Action::Call(node_sdk::check) },
    Step { name: "conformance of the Node.js SDK", action: Action::Call(node_parts::check_conformance) },
    Step { name: "servers in JavaScript do what they say", action: Action::Call(node_parts::check_servers) },
    Step { name: "examples are sound", action: Action::Call(examples::lint) },
    Step { name: "examples do what they say", action: Action::Call(examples::check) },
    Step { name: "the farm of workers does what it says", action: Action::Call(examples::farm::check) },
    Step { name: "the temperature alarm does what it says", action: Action::Call(examples::alarm::check) },
    Step { name: "the to-do service does what it says", action: Action::Call(examples::todo::check) },
    Step { name: "programs in C and C++ do what they say", action: Action::Call(hosts::check) },
    Step { name: "the public Java SDK with the C library", action: Action::Call(java::check) },
    Step {
        name: "the public Python package with the C library",
        action: Action::Call(python_clients::check),
    },
    Step { name: "the C library under load", action: Action::Call(load::check) },
    Step { name: "new projects build and pass their tests", action: Action::Call(projects::check) },
    Step {
        name: "Rust SDK without the rewrite",
        action: Action::CargoWith(
            &["test", "--workspace", "--test", "sdk"],
            ("PLUGWRIGHT_TEST_REWRITE", "off"),
        ),
    },
    // Programs in workspaces of their own share the target folder, so that what they have in common is built once.
    Step {
        name: "model of the pool",
        action: Action::Cargo(&[
            "test",
            "--manifest-path",
            "crates/runtime/tests/pool_model/Cargo.toml",
            "--target-dir",
            "target",
        ]),
    },
    Step {
        name: "fuzz targets are sound",
        action: Action::Cargo(&[
            "clippy",
            "--manifest-path",
            "fuzz/Cargo.toml",
            "--target-dir",
            "target",
            "--",
            "--deny",
            "warnings",
        ]),
    },
    Step {
        name: "benchmarks are sound",
        action: Action::Cargo(&[
            "clippy",
            "--ignore-rust-version",
            "--manifest-path",
            "benches/Cargo.toml",
            "--target-dir",
            "target",
            "--",
            "--deny",
            "warnings",
        ]),
    },
    Step {
        name: "benchmark of QuickJS is sound",
        action: Action::Cargo(&[
            "clippy",
            "--manifest-path",
            "benches/quickjs/Cargo.toml",
            "--target-dir",
            "target",
            "--",
            "--deny",
            "warnings",
        ]),
    },
    Step { name: "documentation tests", action: Action::Cargo(&["test", "--workspace", "--doc"]) },
    // With the examples, so that features are chosen as above and no dependency is checked once more. The C library has the Rust SDK's
    // name, and its header for documentation.
    Step {
        name: "documentation",
        action: Action::Cargo(&[
            "doc",
            "--workspace",
            "--exclude",
            "plugwright-capi",
            "--no-deps",
            "--lib",
            "--examples",
        ]),
    },
    Step { name: "instruction counts", action: Action::Call(counts::check) },
];

/// Where to begin.
#[derive(Args)]
pub(crate) struct Options {
    /// Begin at this step, named as the output names it, when those before it have passed already
    #[arg(long, value_name = "STEP")]
    from: Option<String>,
}

/// Runs every step, or those from one on, and stops at the first that fails.
///
/// # Errors
/// When a step fails; the message names it. When there is no such step.
pub(crate) fn run(options: &Options) -> Result<()> {
    let steps = steps_from(options.from.as_deref())?;
    let mut times = Vec::new();
    // The first steps are short, and have one thread; the engine takes minutes to compile. The counts come last, and need it as users get it.
    let mut compile = cargo(TESTS)?;
    compile.arg("--no-run");
    let _ahead = Ahead::start([(5, compile)].into_iter().chain(counts::build().map(|build| (19, build))));
    for step in steps {
        println!("== {}", step.name);
        let start = Instant::now();
        step.action.perform().with_context(|| format!("step \"{}\" failed", step.name))?;
        times.push((step.name, start.elapsed()));
    }
    print_times(&times);
    Ok(())
}

fn steps_from(name: Option<&str>) -> Result<&'static [Step]> {
    let Some(name) = name else { return Ok(STEPS) };
    let first = STEPS.iter().position(|step| step.name == name);
    Ok(&STEPS[first.with_context(|| format!("there is no step \"{name}\""))?..])
}

impl Action {
    fn perform(&self) -> Result<()> {
        match self {
            Self::Call(function) => function(),
            Self::Cargo(arguments) => process::run(&mut cargo(arguments)?),
            Self::CargoWith(arguments, (name, value)) => process::run(cargo(arguments)?.env(name, value)),
        }
    }
}

fn cargo(arguments: &[&str]) -> Result<Command> {
    let mut command = repository::cargo();
    command
        .args(arguments)
        .env("RUSTDOCFLAGS", "--deny warnings")
        // A guest that is not there fails the conformance cases that need it.
        .env("PLUGWRIGHT_ALL_GUESTS", "1")
        .env(brokers::VARIABLE, brokers::folder()?);
    Ok(command)
}

fn print_times(times: &[(&str, Duration)]) {
    println!("== {} steps of {} passed", times.len(), STEPS.len());
    for (name, time) in times {
        println!("{:>7.1} s  {name}", time.as_secs_f32());
    }
}
