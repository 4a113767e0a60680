//! The host of a test, in this process.

pub fn alloc(_length: u64) -> u64 {
    no_host()
}

pub fn free(_offset: u64) {
    no_host()
}

pub fn length(_offset: u64) -> u64 {
    no_host()
}

pub fn length_unsafe(_offset: u64) -> u64 {
    no_host()
}

pub fn load_u8(_offset: u64) -> u8 {
    no_host()
}

pub fn load_u64(_offset: u64) -> u64 {
    no_host()
}

pub fn store_u8(_offset: u64, _value: u8) {
    no_host()
}

pub fn store_u64(_offset: u64, _value: u64) {
    no_host()
}

pub fn input_length() -> u64 {
    no_host()
}

pub fn input_offset() -> u64 {
    no_host()
}

pub fn input_load_u8(_index: u64) -> u8 {
    no_host()
}

pub fn input_load_u64(_index: u64) -> u64 {
    no_host()
}

pub fn output_set(_offset: u64, _length: u64) {
    no_host()
}

pub fn error_set(_offset: u64) {
    no_host()
}

pub fn error_get() -> u64 {
    no_host()
}

pub fn config_get(_key: u64) -> u64 {
    no_host()
}

pub fn var_get(_key: u64) -> u64 {
    no_host()
}

pub fn var_set(_key: u64, _value: u64) {
    no_host()
}

#[cfg(feature = "http")]
pub fn http_request(_request: u64, _body: u64) -> u64 {
    no_host()
}

#[cfg(feature = "http")]
pub fn http_status_code() -> i32 {
    no_host()
}

#[cfg(feature = "http")]
pub fn http_headers() -> u64 {
    no_host()
}

pub fn log_trace(_message: u64) {
    no_host()
}

pub fn log_debug(_message: u64) {
    no_host()
}

pub fn log_info(_message: u64) {
    no_host()
}

pub fn log_warn(_message: u64) {
    no_host()
}

pub fn log_error(_message: u64) {
    no_host()
}

pub fn get_log_level() -> i32 {
    no_host()
}

pub fn host_error_take() -> u64 {
    no_host()
}

#[cfg(feature = "bulk")]
pub fn mem_read(_to: &mut [u8], _offset: u64) {
    no_host()
}

#[cfg(feature = "bulk")]
pub fn mem_write(_offset: u64, _from: &[u8]) {
    no_host()
}

pub fn call_host_fn(_module: &str, _name: &str, _arguments: &[u64]) -> u64 {
    no_host()
}

fn no_host() -> ! {
    panic!("a plug-in's function asked for its host outside of a test host")
}
