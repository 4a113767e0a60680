//! The crate `plugwright-pdk` under the name of the public PDK, for plug-ins and libraries that are not to be changed at all:
//!
//! ```toml
//! [patch.crates-io]
//! extism-pdk = { path = "pdk/extism" }
//! ```
//!
//! in the Cargo.toml of the plug-in, or of its workspace, makes every package that depends on `extism-pdk` use this one.
//!
//! It has the names of the public PDK and no others, since `use extism_pdk::*` would bring others along: a name that comes by
//! two such imports, `host` say, cannot be used. For what Plugwright adds, depend on `plugwright-pdk`.

#![no_std]
#![deny(missing_docs, unsafe_code)]

#[cfg(feature = "protobuf")]
pub use plugwright_pdk::Protobuf;
#[cfg(target_arch = "wasm32")]
pub use plugwright_pdk::v128;
pub use plugwright_pdk::{
    Base64, Error, FnResult, FromBytes, FromBytesOwned, Json, LogLevel, ManagedMemory, Memory, MemoryHandle,
    MemoryPointer, Msgpack, Prost, Raw, SharedFnResult, ToBytes, ToMemory, WithReturnCode, config, debug,
    encoding, error, extism, host_fn, info, input, input_bytes, json, log, memory, output, plugin_fn,
    set_var, shared_fn, trace, unwrap, var, warn,
};
#[cfg(feature = "http")]
pub use plugwright_pdk::{HttpRequest, HttpResponse, http};

/// For the code that the macros write; not an interface.
#[doc(hidden)]
pub use plugwright_pdk::__private;
