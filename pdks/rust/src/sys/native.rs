//! The contract's functions on the machine that tests run on: those of the test's [`Host`](crate::testing::Host).
//!
//! The same functions with the same types as for WebAssembly. What ends a call on a host unwinds the stack here.

use crate::LogLevel;
use crate::testing::Range;
use crate::testing::current::{self, with};

/// A new block, or 0.
pub fn alloc(length: u64) -> u64 {
    with(|host| Ok(host.blocks.alloc(length)))
}

/// Frees a block.
pub fn free(offset: u64) {
    with(|host| host.free(offset));
}

/// The length of a block, or 0.
pub fn length(offset: u64) -> u64 {
    with(|host| Ok(host.blocks.length(offset)))
}

/// The same: a mock has no reason to be unsafe.
pub fn length_unsafe(offset: u64) -> u64 {
    length(offset)
}

/// The byte at an offset.
pub fn load_u8(offset: u64) -> u8 {
    with(|host| host.load("load_u8", offset).map(u8::from_le_bytes))
}

/// The 8 bytes from an offset, little-endian.
pub fn load_u64(offset: u64) -> u64 {
    with(|host| host.load("load_u64", offset).map(u64::from_le_bytes))
}

/// Writes a byte.
pub fn store_u8(offset: u64, value: u8) {
    with(|host| host.blocks.write("store_u8", offset, &[value]));
}

/// Writes 8 bytes, little-endian.
pub fn store_u64(offset: u64, value: u64) {
    with(|host| host.blocks.write("store_u64", offset, &value.to_le_bytes()));
}

/// Bytes of the input.
pub fn input_length() -> u64 {
    with(|host| Ok(host.input().length))
}

/// The input's block, or 0.
pub fn input_offset() -> u64 {
    with(|host| Ok(host.input().offset))
}

/// The byte at an index of the input.
pub fn input_load_u8(index: u64) -> u8 {
    with(|host| host.load_input("input_load_u8", index).map(u8::from_le_bytes))
}

/// The 8 bytes from an index of the input.
pub fn input_load_u64(index: u64) -> u64 {
    with(|host| host.load_input("input_load_u64", index).map(u64::from_le_bytes))
}

/// Makes a range the output.
pub fn output_set(offset: u64, length: u64) {
    with(|host| host.output_set(Range { offset, length }));
}

/// Makes a block the error message.
pub fn error_set(offset: u64) {
    with(|host| host.error_set(offset));
}

/// The block of the error message, or 0.
pub fn error_get() -> u64 {
    with(|host| Ok(host.error_get()))
}

/// A block with a config value, or 0.
pub fn config_get(key: u64) -> u64 {
    with(|host| host.config_get(key))
}

/// A block with a variable's value, or 0.
pub fn var_get(key: u64) -> u64 {
    with(|host| host.var_get(key))
}

/// Sets or removes a variable.
pub fn var_set(key: u64, value: u64) {
    with(|host| host.var_set(key, value));
}

/// A block with the body of a response, or 0.
pub fn http_request(request: u64, body: u64) -> u64 {
    current::http_request(request, body)
}

/// The last response's status, or 0.
pub fn http_status_code() -> i32 {
    with(|host| Ok(host.http_status_code()))
}

/// A block with the last response's headers, or 0.
pub fn http_headers() -> u64 {
    with(|host| host.http_headers())
}

/// Logs a message.
pub fn log_trace(message: u64) {
    with(|host| host.log(LogLevel::Trace, "log_trace", message));
}

/// Logs a message.
pub fn log_debug(message: u64) {
    with(|host| host.log(LogLevel::Debug, "log_debug", message));
}

/// Logs a message.
pub fn log_info(message: u64) {
    with(|host| host.log(LogLevel::Info, "log_info", message));
}

/// Logs a message.
pub fn log_warn(message: u64) {
    with(|host| host.log(LogLevel::Warn, "log_warn", message));
}

/// Logs a message.
pub fn log_error(message: u64) {
    with(|host| host.log(LogLevel::Error, "log_error", message));
}

/// The least severe level that somebody listens to.
pub fn get_log_level() -> i32 {
    with(|host| Ok(host.get_log_level()))
}

/// A block with the message of the fallible host function that failed last, or 0.
pub fn host_error_take() -> u64 {
    with(|host| Ok(host.host_error_take()))
}

/// Copies out of kernel memory.
pub fn mem_read(to: &mut [u8], offset: u64) {
    with(|host| host.read(to, offset));
}

/// Copies into kernel memory.
pub fn mem_write(offset: u64, from: &[u8]) {
    with(|host| host.blocks.write("plugwright:host/mem write", offset, from));
}

/// Calls a host function; parameters and result are WebAssembly values in 64 bits each.
pub fn call_host_fn(module: &str, name: &str, values: &[u64]) -> u64 {
    current::call_host_fn(module, name, values)
}

/// The module of the functions of capabilities.
const CAPABILITIES: &str = "extism:host/user";

/// A reply with the value of a key.
pub fn kv_get(key: u64) -> u64 {
    call_host_fn(CAPABILITIES, "kv_get", &[key])
}

/// A reply after setting the value of a key.
pub fn kv_set(key: u64, value: u64, time_to_live: u64) -> u64 {
    call_host_fn(CAPABILITIES, "kv_set", &[key, value, time_to_live])
}

/// A reply after deleting a key.
pub fn kv_delete(key: u64) -> u64 {
    call_host_fn(CAPABILITIES, "kv_delete", &[key])
}

/// A reply with the sum.
pub fn kv_increment(key: u64, delta: u64) -> u64 {
    call_host_fn(CAPABILITIES, "kv_increment", &[key, delta])
}

/// A reply that says whether the value was swapped.
pub fn kv_compare_and_swap(key: u64, expected: u64, new: u64, time_to_live: u64) -> u64 {
    call_host_fn(CAPABILITIES, "kv_compare_and_swap", &[key, expected, new, time_to_live])
}

/// A reply with a page of keys.
pub fn kv_list(prefix: u64, cursor: u64, limit: u64) -> u64 {
    call_host_fn(CAPABILITIES, "kv_list", &[prefix, cursor, limit])
}

/// A reply with the rows of a query.
pub fn sql_query(statement: u64, params: u64) -> u64 {
    call_host_fn(CAPABILITIES, "sql_query", &[statement, params])
}

/// A reply with the number of rows that a statement has changed.
pub fn sql_execute(statement: u64, params: u64) -> u64 {
    call_host_fn(CAPABILITIES, "sql_execute", &[statement, params])
}

/// A reply after beginning a transaction.
pub fn sql_begin() -> u64 {
    call_host_fn(CAPABILITIES, "sql_begin", &[])
}

/// A reply after committing a transaction.
pub fn sql_commit() -> u64 {
    call_host_fn(CAPABILITIES, "sql_commit", &[])
}

/// A reply after rolling a transaction back.
pub fn sql_rollback() -> u64 {
    call_host_fn(CAPABILITIES, "sql_rollback", &[])
}

/// A reply after publishing a message.
pub fn messaging_publish(subject: u64, payload: u64, headers: u64) -> u64 {
    call_host_fn(CAPABILITIES, "messaging_publish", &[subject, payload, headers])
}

/// A reply with an answer.
pub fn messaging_request(subject: u64, payload: u64, timeout_ms: u64) -> u64 {
    call_host_fn(CAPABILITIES, "messaging_request", &[subject, payload, timeout_ms])
}
