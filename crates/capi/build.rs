//! Names the shared library: programs that link it ask the system for `libplugwright.so.0`, whatever the file is called. And keeps it
//! in memory once it is loaded: it has threads and signal handlers, whose code must not go when a binding closes the library.

use std::env;

/// Changes when a program that was linked with an older library would not run with this one.
const ABI: &str = "0";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let system = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    match system.as_str() {
        "linux" | "android" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" => {
            println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libplugwright.so.{ABI}");
            println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
        }
        "macos" | "ios" => {
            println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libplugwright.{ABI}.dylib");
        }
        // Windows has no such names.
        _ => {}
    }
}
