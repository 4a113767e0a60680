//! The C library: the public C interface of Extism (functions `extism_*`), and what Plugwright adds to it (`plugwright_*`).
//!
//! Each file is a concept, and its functions are those of the header that concern it. The documentation of what is exported is
//! the header's: it speaks to people who write C.
//!
//! Three rules keep the border sound. Every exported function runs inside [`boundary::guard`], so that no panic crosses.
//! Whatever comes from C is checked there before it is used. And no reference to a handle is kept beyond the function that got
//! it, except by what C was told must outlive.

mod boundary;
mod call;
mod cancel;
mod compiled;
mod compiled_code;
mod current_plugin;
mod error;
mod function;
mod log;
mod options;
mod plugin;
mod plugin_log;
mod pool;
mod serial;
mod source;
#[cfg(test)]
mod tests;
mod value;
mod version;
