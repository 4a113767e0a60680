//! WASI preview 1 for plug-ins, by `wasmtime-wasi`.

use plugwright_manifest::AllowedPath;
use wasmtime::Linker;
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtxBuilder, WasiView};

use crate::engine::Flavor;
use crate::error::{Error, ErrorKind, Result};
use crate::state::State;

mod blocking;
mod stdio;

pub use stdio::Stdio;
pub(crate) use stdio::{Capture, Stdin};

/// The module that WASI's functions are imported from.
pub(crate) const MODULE: &str = "wasi_snapshot_preview1";

/// The most files, folders and streams that a plug-in has open: the process's own are few.
const MAX_DESCRIPTORS: usize = 256;

/// The most random bytes that a plug-in gets at a time, since making them cannot be interrupted.
const MAX_RANDOM_BYTES: u64 = 4 << 20;

/// What of the system a plug-in sees.
#[derive(Debug, Clone, Default)]
pub(crate) struct WasiSettings {
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) paths: Vec<AllowedPath>,
    pub(crate) stdin: Stdin,
    pub(crate) stdout: Stdio,
    pub(crate) stderr: Stdio,
}

impl WasiSettings {
    /// A fresh view of the system for an instance.
    ///
    /// # Errors
    ///
    /// `Load` when a folder of `allowed_paths` cannot be opened.
    pub(crate) fn context(&self, captured: &Capture) -> Result<WasiP1Ctx> {
        let mut builder = WasiCtxBuilder::new();
        // Whatever may block does so on another thread, so that the call's deadline ends the wait.
        builder.allow_blocking_current_thread(false);
        builder.max_random_size(MAX_RANDOM_BYTES);
        builder.args(&self.args).envs(&self.env);
        self.stdin.apply(&mut builder);
        match self.stdout {
            Stdio::Closed => {}
            Stdio::Inherit => drop(builder.inherit_stdout()),
            Stdio::Capture => drop(builder.stdout(captured.stdout.clone())),
        }
        match self.stderr {
            Stdio::Closed => {}
            Stdio::Inherit => drop(builder.inherit_stderr()),
            Stdio::Capture => drop(builder.stderr(captured.stderr.clone())),
        }
        for path in &self.paths {
            let perms = if path.read_only { FsPerms::ReadOnly } else { FsPerms::ReadWrite };
            builder.preopened_dir(&path.host, path.guest.to_string_lossy(), perms).map_err(|error| {
                let host = path.host.display();
                Error::new(
                    ErrorKind::Load,
                    format!("cannot open the folder `{host}` of `allowed_paths`: {error}"),
                )
            })?;
        }
        let mut wasi = builder.build_p1();
        wasi.ctx().table.set_max_capacity(MAX_DESCRIPTORS);
        Ok(wasi)
    }
}

pub(crate) fn add_to_linker(linker: &mut Linker<State>, flavor: Flavor) -> wasmtime::Result<()> {
    match flavor {
        Flavor::Blocking => blocking::add_to_linker(linker),
        Flavor::Async => wasmtime_wasi::p1::add_to_linker_async(linker, |state| match &mut state.wasi {
            Some(wasi) => wasi,
            None => unreachable!("WASI is linked only for plug-ins with WASI settings"),
        }),
    }?;
    // Any code is an exit code, where the library knows 0 to 125.
    linker.allow_shadowing(true);
    linker.func_wrap(MODULE, "proc_exit", |code: i32| -> wasmtime::Result<()> {
        Err(wasmtime::Error::new(I32Exit(code)))
    })?;
    linker.allow_shadowing(false);
    Ok(())
}
