//! The project's own commands: `cargo xtask <command>`.
#![forbid(unsafe_code)]

mod ahead;
mod bench;
mod bench_client;
mod brokers;
mod built;
mod cache;
mod capi;
mod counts;
mod deploy;
mod examples;
mod files;
mod go_checks;
mod go_clients;
mod go_sdk;
mod guests;
mod hosts;
mod java;
mod js_engine;
mod js_front;
mod js_types;
mod link_folder;
mod load;
mod node_parts;
mod node_sdk;
mod page;
mod prefix;
mod process;
mod projects;
mod python_clients;
mod python_sdk;
mod repository;
mod test;
mod toolchain;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install the guest toolchains that are missing
    Setup,
    /// Set up, then build every guest that changed into guests/build
    Guests,
    /// Write the header of the C library from its sources
    Header,
    /// Build the C library and install it with its header and pkg-config file
    Install(capi::InstallOptions),
    /// Build the C library's tests in C and run them
    Capi,
    /// Copy the sources of `pdks/` to where `plugwright new` has them from
    Pdks,
    /// Make a project in each language by `plugwright new`, and do what its README says
    Projects,
    /// Count the instructions of the operations that must stay fast, and compare with what was recorded
    Counts {
        /// Record the counts, to compare with them from now on
        #[arg(long)]
        record: bool,
    },
    /// Build, inspect and call the example plug-ins as their READMEs say
    Examples,
    /// Follow the README of the temperature alarm on MQTT
    Alarm,
    /// Follow the README of the farm of workers on NATS
    Farm,
    /// Follow the README of the to-do service
    Todo,
    /// Build and run the example programs in C and C++ as their READMEs say
    Hosts,
    /// Build the engine of JavaScript plug-ins from its sources
    JsEngine,
    /// Build the reader of JavaScript, which `plugwright build` carries, from its sources
    JsFront,
    /// Check the types of plug-ins in JavaScript and TypeScript
    JsTypes,
    /// Test the C library by the public Java SDK
    Java,
    /// Test the C library by the public Python package
    PythonClients,
    /// Run the programs in C that put load on the C library
    Load,
    /// Build the guests that changed, then check and test the Go SDK
    Go,
    /// Build the guests that changed, then test the Go SDK as its users see it: the conformance cases, programs for the public SDK, the example hosts
    GoClients,
    /// Check and test the Python SDK
    Python,
    /// Install the servers that tests talk to, and print where they are
    Brokers,
    /// Check the Dockerfile and the manifests for Kubernetes
    Deploy,
    /// Test the page of `plugwright serve` in Chromium
    Page,
    /// Run the conformance cases, the example servers and the clients for benchmarks with the Node.js SDK
    NodeParts,
    /// Build a wheel of the Python SDK into target/wheels
    Wheel(python_sdk::WheelOptions),
    /// Check and test the Node.js SDK
    Node(node_sdk::Options),
    /// Build the guests, then check and test everything
    Test(test::Options),
    /// Measure against the crate `extism` and the bare engine, and write docs/performance.md
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Setup => guests::set_up(),
        Command::Guests => guests::build(),
        Command::Header => capi::write_header(),
        Command::Install(options) => capi::install(&options),
        Command::Capi => capi::check_c_tests(),
        Command::Pdks => projects::write_kits(),
        Command::Projects => projects::check(),
        Command::Counts { record: false } => counts::check(),
        Command::Counts { record: true } => counts::record(),
        Command::Examples => examples::check(),
        Command::Alarm => examples::alarm::check(),
        Command::Farm => examples::farm::check(),
        Command::Todo => examples::todo::check(),
        Command::Hosts => hosts::check(),
        Command::JsEngine => js_engine::write(),
        Command::JsFront => js_front::write(),
        Command::JsTypes => js_types::check(),
        Command::Java => java::check(),
        Command::PythonClients => python_clients::check(),
        Command::Load => load::check(),
        Command::Go => guests::build().and_then(|()| go_sdk::check()),
        Command::GoClients => guests::build().and_then(|()| go_clients::check()),
        Command::Python => python_sdk::check(),
        Command::Brokers => brokers::show(),
        Command::Deploy => deploy::check(),
        Command::Page => page::check(),
        Command::NodeParts => node_parts::check(),
        Command::Wheel(options) => python_sdk::build_wheel(&options),
        Command::Node(options) => node_sdk::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench(options) => bench::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
