//! Pools: several plug-ins of the same code, for many threads.

use std::ffi::c_char;
use std::ptr;

use runtime::Pool;

use crate::boundary::{guard, reference};
use crate::call::timeout;
use crate::compiled::ExtismCompiledPlugin;
use crate::error::{Failure, or_message};
use crate::function::ExtismSize;
use crate::plugin::{ExtismPlugin, Instance, extism_plugin_free};

/// Plug-ins of the same code, at most a fixed number at a time, handed out first come, first served. Threads may use it at the
/// same time.
pub struct PlugwrightPool(Pool);

/// Makes a pool of at most `max` plug-ins of this code, which may be freed before the pool; 0 is taken as 1. Plug-ins are made
/// when they are needed. It is freed by `plugwright_pool_free`. Null for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_pool_new(
    compiled: *const ExtismCompiledPlugin,
    max: ExtismSize,
) -> *mut PlugwrightPool {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller promises valid arguments; there is no message to be written.
        unsafe {
            or_message(ptr::null_mut(), || {
                let compiled = reference(compiled);
                let compiled = compiled.ok_or_else(|| Failure::argument("the compiled plug-in is null"))?;
                let max = usize::try_from(max).unwrap_or(usize::MAX);
                Ok(PlugwrightPool(Pool::new(compiled.0.clone(), max)))
            })
        }
    })
}

/// Takes a plug-in, waiting for one to become free for at most `timeout_ms` milliseconds, or for ever for `UINT64_MAX`. It is given
/// back by `plugwright_pool_release`; all functions for plug-ins can be used with it until then.
///
/// What belongs to a plug-in stays with it from one borrower to the next: variables, changed config, and whether it sees the headers of
/// HTTP responses.
///
/// Returns null if there is an error, which goes to `errmsg` as with `extism_plugin_new`: of kind `PoolTimeout` if none became
/// free in time. It is one if `pool` is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_pool_acquire(
    pool: *const PlugwrightPool,
    timeout_ms: u64,
    errmsg: *mut *mut c_char,
) -> *mut ExtismPlugin {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller promises valid arguments.
        unsafe {
            or_message(errmsg, || {
                let pool = reference(pool).ok_or_else(|| Failure::argument("the pool is null"))?;
                let plugin = pool.0.acquire(timeout(timeout_ms))?;
                Ok(ExtismPlugin::new(pool.0.compiled().clone(), Instance::Pooled(plugin)))
            })
        }
    })
}

/// Gives a plug-in back to its pool, which may have been freed already. It is the same as `extism_plugin_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_pool_release(plugin: *mut ExtismPlugin) {
    // SAFETY: the caller promises the same.
    unsafe { extism_plugin_free(plugin) };
}

/// The most plug-ins that are out at a time; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_pool_max(pool: *const PlugwrightPool) -> ExtismSize {
    guard(0, || {
        // SAFETY: the caller promises a pool that is not freed meanwhile, or null.
        unsafe { reference(pool) }.map_or(0, |pool| pool.0.max() as ExtismSize)
    })
}

/// How many plug-ins could be taken now without waiting; 0 for null. It is an estimate while other threads use the pool.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_pool_available(pool: *const PlugwrightPool) -> ExtismSize {
    guard(0, || {
        // SAFETY: the caller promises a pool that is not freed meanwhile, or null.
        unsafe { reference(pool) }.map_or(0, |pool| pool.0.available() as ExtismSize)
    })
}

/// Frees a pool. Plug-ins that are out can still be used, and are given back as otherwise.
///
/// Nothing happens for null. A pool is freed once, and no thread may be waiting for a plug-in of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_pool_free(pool: *mut PlugwrightPool) {
    guard((), || {
        if !pool.is_null() {
            // SAFETY: the caller got it from `plugwright_pool_new`, and nobody uses it any more.
            drop(unsafe { Box::from_raw(pool) });
        }
    });
}
