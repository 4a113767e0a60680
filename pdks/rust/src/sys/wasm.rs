//! The host's functions as imports.

#![allow(unsafe_code)]

// SAFETY: the contract gives these imports these types. Each takes any number: an offset or a length that means nothing
// is ignored, reads as 0, or ends the call. None touches the plug-in's own memory.
#[link(wasm_import_module = "extism:host/env")]
unsafe extern "C" {
    pub safe fn alloc(length: u64) -> u64;
    pub safe fn free(offset: u64);
    pub safe fn length(offset: u64) -> u64;
    pub safe fn length_unsafe(offset: u64) -> u64;
    pub safe fn load_u8(offset: u64) -> u8;
    pub safe fn load_u64(offset: u64) -> u64;
    pub safe fn store_u8(offset: u64, value: u8);
    pub safe fn store_u64(offset: u64, value: u64);
    pub safe fn input_length() -> u64;
    pub safe fn input_offset() -> u64;
    pub safe fn input_load_u8(index: u64) -> u8;
    pub safe fn input_load_u64(index: u64) -> u64;
    pub safe fn output_set(offset: u64, length: u64);
    pub safe fn error_set(offset: u64);
    pub safe fn error_get() -> u64;
    pub safe fn config_get(key: u64) -> u64;
    pub safe fn var_get(key: u64) -> u64;
    pub safe fn var_set(key: u64, value: u64);
    #[cfg(feature = "http")]
    pub safe fn http_request(request: u64, body: u64) -> u64;
    #[cfg(feature = "http")]
    pub safe fn http_status_code() -> i32;
    #[cfg(feature = "http")]
    pub safe fn http_headers() -> u64;
    pub safe fn log_trace(message: u64);
    pub safe fn log_debug(message: u64);
    pub safe fn log_info(message: u64);
    pub safe fn log_warn(message: u64);
    pub safe fn log_error(message: u64);
    pub safe fn get_log_level() -> i32;
}

// SAFETY: as above.
#[link(wasm_import_module = "plugwright:host/env")]
unsafe extern "C" {
    pub safe fn host_error_take() -> u64;
}

// SAFETY: as above. A plug-in imports only those that it uses.
#[link(wasm_import_module = "extism:host/user")]
unsafe extern "C" {
    pub safe fn kv_get(key: u64) -> u64;
    pub safe fn kv_set(key: u64, value: u64, time_to_live: u64) -> u64;
    pub safe fn kv_delete(key: u64) -> u64;
    pub safe fn kv_increment(key: u64, delta: u64) -> u64;
    pub safe fn kv_compare_and_swap(key: u64, expected: u64, new: u64, time_to_live: u64) -> u64;
    pub safe fn kv_list(prefix: u64, cursor: u64, limit: u64) -> u64;
    pub safe fn sql_query(statement: u64, params: u64) -> u64;
    pub safe fn sql_execute(statement: u64, params: u64) -> u64;
    pub safe fn sql_begin() -> u64;
    pub safe fn sql_commit() -> u64;
    pub safe fn sql_rollback() -> u64;
    pub safe fn messaging_publish(subject: u64, payload: u64, headers: u64) -> u64;
    pub safe fn messaging_request(subject: u64, payload: u64, timeout_ms: u64) -> u64;
}

#[cfg(feature = "bulk")]
mod mem {
    #[link(wasm_import_module = "plugwright:host/mem")]
    unsafe extern "C" {
        pub(super) fn read(to: *mut u8, offset: u64, length: u64);
        pub(super) fn write(offset: u64, from: *const u8, length: u64);
    }
}

/// Fills `to` with kernel memory from `offset`.
#[cfg(feature = "bulk")]
pub fn mem_read(to: &mut [u8], offset: u64) {
    // SAFETY: the host writes `to.len()` bytes at `to` of this plug-in's memory, all of them inside the slice, or ends the call.
    unsafe { mem::read(to.as_mut_ptr(), offset, to.len() as u64) }
}

/// Writes `from` to kernel memory at `offset`.
#[cfg(feature = "bulk")]
pub fn mem_write(offset: u64, from: &[u8]) {
    // SAFETY: the host reads `from.len()` bytes at `from` of this plug-in's memory, all of them inside the slice.
    unsafe { mem::write(offset, from.as_ptr(), from.len() as u64) }
}
