//! Names that `plugwright-pdk` has and the public PDK has not.

use extism_pdk::{FromBytes, Json, ToBytes};
use serde::{Deserialize, Serialize};

/// The host, as this library sees it.
pub mod host {
    /// Its name.
    pub fn name() -> &'static str {
        "shop"
    }
}

/// For tests.
pub mod testing {
    /// What a test orders.
    pub fn order() -> super::Order {
        super::Order { item: "tea".to_owned() }
    }
}

/// The system.
pub mod sys {
    /// Its version.
    pub const VERSION: u32 = 3;
}

/// Writes an error into a text.
pub fn set_error(text: &mut String) {
    text.push_str(", no error");
}

/// Reports what went wrong.
pub fn report_panics() -> &'static str {
    "calm"
}

/// What is wanted.
#[derive(Debug, Serialize, Deserialize, FromBytes, ToBytes)]
#[encoding(Json)]
pub struct Order {
    /// The thing.
    pub item: String,
}
