//! The host's functions, the same on WebAssembly and on the native target.
//!
//! On WebAssembly each is an import. On the native target, where a plug-in's tests run, each asks the test's host. Nothing
//! else in this crate knows which it is. Offsets and lengths are in bytes of kernel memory; offset 0 means "nothing".

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod wasm;

#[cfg(not(target_family = "wasm"))]
use native as host;
#[cfg(target_family = "wasm")]
use wasm as host;

#[cfg(not(target_family = "wasm"))]
pub use host::call_host_fn;
pub use host::{
    alloc, config_get, error_get, error_set, free, get_log_level, host_error_take, input_length,
    input_load_u8, input_load_u64, input_offset, length, length_unsafe, load_u8, load_u64, log_debug,
    log_error, log_info, log_trace, log_warn, output_set, store_u8, store_u64, var_get, var_set,
};
#[cfg(any(feature = "http", not(target_family = "wasm")))]
pub use host::{http_headers, http_request, http_status_code};
pub use host::{kv_compare_and_swap, kv_delete, kv_get, kv_increment, kv_list, kv_set};
#[cfg(any(feature = "bulk", not(target_family = "wasm")))]
pub use host::{mem_read, mem_write};
pub use host::{messaging_publish, messaging_request};
pub use host::{sql_begin, sql_commit, sql_execute, sql_query, sql_rollback};
