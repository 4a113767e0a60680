//! Builds and calls plug-ins in JavaScript. `cargo xtask bench --js` runs it, and compares.
//!
//! ```text
//! js-bench write <script> <plug-in>     builds a plug-in
//! js-bench build <script> <times>       builds it, again and again
//! js-bench first <plug-in> <function> <input> <output> <times>      an instance of compiled code, its first call, its end
//! js-bench call <plug-in> <function> <input> <output> <times>       a call
//! ```
//!
//! `input` and `output` are files: what the function gets, and what it must return. But for the first of them, each line on the standard input makes
//! it do so this many times, and print the nanoseconds of one.
#![forbid(unsafe_code)]

use std::fs;
use std::io::{Write, stdin, stdout};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use plugwright::{CompiledPlugin, Plugin};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["write", script, plugin] => write(script, plugin),
        ["build", script, times] => rounds(times, || {
            ensure!(!build(script)?.is_empty(), "an empty plug-in was built");
            Ok(())
        }),
        ["first", plugin, function, input, output, times] => {
            let (compiled, case) = (compile(plugin)?, Case::read(function, input, output)?);
            rounds(times, || case.call(&mut compiled.instantiate()?))
        }
        ["call", plugin, function, input, output, times] => {
            let (mut plugin, case) = (compile(plugin)?.instantiate()?, Case::read(function, input, output)?);
            rounds(times, || case.call(&mut plugin))
        }
        _ => bail!("the arguments are not as the sources of this program say"),
    }
}

fn write(script: &str, plugin: &str) -> Result<()> {
    fs::write(plugin, build(script)?).with_context(|| format!("cannot write {plugin}"))
}

fn build(script: &str) -> Result<Vec<u8>> {
    Ok(plugwright_js::build(Path::new(script))?.wasm)
}

fn compile(plugin: &str) -> Result<CompiledPlugin> {
    Ok(Plugin::builder(Path::new(plugin)).wasi(true).compile()?)
}

/// A function with an input, and what it must return.
struct Case<'a> {
    function: &'a str,
    input: String,
    output: String,
}

impl<'a> Case<'a> {
    fn read(function: &'a str, input: &str, output: &str) -> Result<Self> {
        let read = |file: &str| fs::read_to_string(file).with_context(|| format!("cannot read {file}"));
        Ok(Self { function, input: read(input)?, output: read(output)? })
    }

    fn call(&self, plugin: &mut Plugin) -> Result<()> {
        let found: &str = plugin.call(self.function, &self.input[..])?;
        ensure!(found == self.output, "`{}` returned {found:.200}", self.function);
        Ok(())
    }
}

fn rounds(times: &str, mut action: impl FnMut() -> Result<()>) -> Result<()> {
    let times: u64 = times.parse().with_context(|| format!("{times:?} is no number"))?;
    for line in stdin().lines() {
        line?;
        let start = Instant::now();
        for _ in 0..times {
            action()?;
        }
        println!("{}", start.elapsed().as_nanos() as f64 / times as f64);
        stdout().flush()?;
    }
    Ok(())
}
