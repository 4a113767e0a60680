//! Parameters by name.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use anyhow::{Context as _, anyhow};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Error;

/// The parameters of a function that has several: the fields of the JSON object that is the input.
pub struct Params(Map<String, Value>);

impl Params {
    /// The parameters in an input. No input stands for no parameters.
    ///
    /// # Errors
    /// When the input is not a JSON object; the message has the names.
    pub fn read(input: Vec<u8>, names: &[&str]) -> Result<Self, Error> {
        if input.is_empty() {
            return Ok(Self(Map::new()));
        }
        serde_json::from_slice(&input).map(Self).with_context(|| {
            format!("the input must be a JSON object with the fields `{}`", names.join("`, `"))
        })
    }

    /// A parameter, which may borrow. One that is not there is as `null`, which an `Option` can be.
    ///
    /// # Errors
    /// When it is missing, or not a `T`; the message has the name.
    pub fn get<'de, T: Deserialize<'de>>(&'de self, name: &str) -> Result<T, Error> {
        match self.0.get(name) {
            Some(value) => T::deserialize(value).with_context(|| format!("the parameter `{name}`")),
            None => {
                T::deserialize(&Value::Null).map_err(|_| anyhow!("the input lacks the parameter `{name}`"))
            }
        }
    }
}
