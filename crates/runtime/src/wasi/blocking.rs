//! WASI for calls that occupy their thread.
//!
//! `wasmtime-wasi` offers its functions as futures, and a blocking form that neither obeys deadlines nor works on a
//! thread of an async runtime. Here each future is waited for on the calling thread, until the call must stop.

use wasmtime::{Caller, Error, Extern, Linker, Memory, Result};
use wasmtime_wasi::p1::wasi_snapshot_preview1::{self as abi, WasiSnapshotPreview1};
use wiggle::GuestMemory;

use super::MODULE;
use crate::executor;
use crate::state::State;

/// Defines functions of WASI: those that return at once, and those that may wait.
macro_rules! define {
    ($linker:ident; $($kind:ident $name:ident($($arg:ident: $ty:ty),*) -> $result:ty;)*) => {
        $(
            $linker.func_wrap(MODULE, stringify!($name), |mut caller: Caller<'_, State>, $($arg: $ty),*| -> Result<$result> {
                let fuel = wasmtime::AsContextMut::as_context_mut(&mut caller).hostcall_fuel();
                let memory = exported_memory(&mut caller, stringify!($name))?;
                caller.data_mut().check_interrupts().map_err(Error::new)?;
                let (bytes, state) = memory.data_and_store_mut(&mut caller);
                let (wasi, interrupts) = state.wasi_and_interrupts().map_err(Error::new)?;
                wasi.set_hostcall_fuel(fuel);
                let mut memory = GuestMemory::Unshared(bytes);
                define!(@$kind interrupts, abi::$name(wasi, &mut memory, $($arg),*))
            })?;
        )*
    };
    (@now $interrupts:ident, $call:expr) => { { let _ = $interrupts; $call } };
    (@wait $interrupts:ident, $call:expr) => {
        match executor::block_on($interrupts.race($call)) {
            Ok(Ok(result)) => result,
            Ok(Err(stopped)) | Err(stopped) => Err(Error::new(stopped)),
        }
    };
}

/// The memory that the calling module exports as `memory`.
fn exported_memory(caller: &mut Caller<'_, State>, function: &str) -> Result<Memory> {
    if let Some(memory) = caller.data().exported_memory {
        return Ok(memory);
    }
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        let message = format!("`{function}` needs the module to export its memory as `memory`");
        return Err(Error::msg(message));
    };
    // With several modules, the next caller may be another one.
    if caller.data().single {
        caller.data_mut().exported_memory = Some(memory);
    }
    Ok(memory)
}

pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    define! { linker;
        now args_get(argv: i32, buf: i32) -> i32;
        now args_sizes_get(count: i32, size: i32) -> i32;
        now environ_get(environ: i32, buf: i32) -> i32;
        now environ_sizes_get(count: i32, size: i32) -> i32;
        now clock_res_get(id: i32, resolution: i32) -> i32;
        now clock_time_get(id: i32, precision: i64, time: i32) -> i32;
        wait fd_advise(fd: i32, offset: i64, len: i64, advice: i32) -> i32;
        now fd_allocate(fd: i32, offset: i64, len: i64) -> i32;
        wait fd_close(fd: i32) -> i32;
        wait fd_datasync(fd: i32) -> i32;
        wait fd_fdstat_get(fd: i32, stat: i32) -> i32;
        now fd_fdstat_set_flags(fd: i32, flags: i32) -> i32;
        now fd_fdstat_set_rights(fd: i32, base: i64, inheriting: i64) -> i32;
        wait fd_filestat_get(fd: i32, stat: i32) -> i32;
        wait fd_filestat_set_size(fd: i32, size: i64) -> i32;
        wait fd_filestat_set_times(fd: i32, accessed: i64, modified: i64, flags: i32) -> i32;
        wait fd_pread(fd: i32, iovs: i32, count: i32, offset: i64, read: i32) -> i32;
        now fd_prestat_get(fd: i32, stat: i32) -> i32;
        now fd_prestat_dir_name(fd: i32, path: i32, len: i32) -> i32;
        wait fd_pwrite(fd: i32, iovs: i32, count: i32, offset: i64, written: i32) -> i32;
        wait fd_read(fd: i32, iovs: i32, count: i32, read: i32) -> i32;
        wait fd_readdir(fd: i32, buf: i32, len: i32, cookie: i64, used: i32) -> i32;
        wait fd_renumber(from: i32, to: i32) -> i32;
        wait fd_seek(fd: i32, offset: i64, whence: i32, position: i32) -> i32;
        wait fd_sync(fd: i32) -> i32;
        now fd_tell(fd: i32, position: i32) -> i32;
        wait fd_write(fd: i32, iovs: i32, count: i32, written: i32) -> i32;
        wait path_create_directory(fd: i32, path: i32, len: i32) -> i32;
        wait path_filestat_get(fd: i32, flags: i32, path: i32, len: i32, stat: i32) -> i32;
        wait path_filestat_set_times(
            fd: i32, flags: i32, path: i32, len: i32, accessed: i64, modified: i64, set: i32
        ) -> i32;
        wait path_link(
            from_fd: i32, flags: i32, from: i32, from_len: i32, to_fd: i32, to: i32, to_len: i32
        ) -> i32;
        wait path_open(
            fd: i32, look: i32, path: i32, len: i32, open: i32, base: i64, inheriting: i64, flags: i32, opened: i32
        ) -> i32;
        wait path_readlink(fd: i32, path: i32, len: i32, buf: i32, buf_len: i32, used: i32) -> i32;
        wait path_remove_directory(fd: i32, path: i32, len: i32) -> i32;
        wait path_rename(fd: i32, from: i32, from_len: i32, to_fd: i32, to: i32, to_len: i32) -> i32;
        wait path_symlink(from: i32, from_len: i32, fd: i32, to: i32, to_len: i32) -> i32;
        wait path_unlink_file(fd: i32, path: i32, len: i32) -> i32;
        wait poll_oneoff(subscriptions: i32, events: i32, count: i32, occurred: i32) -> i32;
        now proc_raise(signal: i32) -> i32;
        now sched_yield() -> i32;
        now random_get(buf: i32, len: i32) -> i32;
        now sock_accept(fd: i32, flags: i32, accepted: i32) -> i32;
        now sock_recv(fd: i32, iovs: i32, count: i32, flags: i32, received: i32, out_flags: i32) -> i32;
        now sock_send(fd: i32, iovs: i32, count: i32, flags: i32, sent: i32) -> i32;
        now sock_shutdown(fd: i32, how: i32) -> i32;
    }
    Ok(())
}
