//! Runs a script in QuickJS as it is compiled for this machine: what plug-ins in JavaScript are measured by.
//!
//! `quickjs-bench <script> <function> <input> <output> <times>` calls a function that the script exports, with the text of a file; it must return
//! that of another. Each line on the standard input makes it do so this many times, and print the nanoseconds of a call.

use std::fs;
use std::io::{Write, stdin, stdout};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};
use rquickjs::{CatchResultExt, Ctx, Function, Module};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [script, function, input, output, times] = &arguments[..] else {
        bail!("usage: quickjs-bench <script> <function> <input> <output> <times>");
    };
    let read = |file: &String| fs::read_to_string(file).with_context(|| format!("cannot read {file}"));
    let (source, input, output) = (read(script)?, read(input)?, read(output)?);
    let times: u64 = times.parse().with_context(|| format!("{times:?} is no number"))?;
    let runtime = rquickjs::Runtime::new()?;
    rquickjs::Context::full(&runtime)?.with(|ctx| {
        let (module, evaluated) = Module::declare(ctx.clone(), script.as_str(), source)?.eval()?;
        evaluated.finish::<()>()?;
        let exported: Function<'_> = module.get(function.as_str())?;
        for line in stdin().lines() {
            line?;
            let start = Instant::now();
            for _ in 0..times {
                ensure!(call(&ctx, &exported, &input)? == output, "`{function}` returned something else");
            }
            println!("{}", start.elapsed().as_nanos() as f64 / times as f64);
            stdout().flush()?;
        }
        Ok(())
    })
}

fn call(ctx: &Ctx<'_>, function: &Function<'_>, input: &str) -> Result<String> {
    let returned = function.call((input,)).catch(ctx);
    returned.map_err(|error| anyhow!("{error}"))
}
