//! Hands the PDK on, and adds to it.

pub use extism_pdk;
use extism_pdk::{FromBytes, Json, ToBytes};
pub use serde;
use serde::{Deserialize, Serialize};

/// What plug-ins are asked.
#[derive(Serialize, Deserialize, FromBytes, ToBytes)]
#[encoding(Json)]
pub struct Order {
    /// What is wanted.
    pub item: String,
    /// How many.
    pub count: u32,
}

/// Logs in the name of the SDK.
#[macro_export]
macro_rules! notice {
    ($($message:tt)+) => {
        $crate::extism_pdk::info!("[sdk] {}", format!($($message)+))
    };
}

/// Writes the function by which hosts know a plug-in.
#[macro_export]
macro_rules! register {
    ($name:literal) => {
        #[$crate::extism_pdk::plugin_fn]
        pub fn register(_: ()) -> $crate::extism_pdk::FnResult<String> {
            Ok($name.to_owned())
        }
    };
}
