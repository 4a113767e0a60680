//! Parameters by name.

use alloc::string::String;
use alloc::vec::Vec;

use anyhow::anyhow;
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
        serde_json::from_slice(&input).map(Self).map_err(|error| {
            let names = names.join("`, `");
            anyhow!("the input must be a JSON object with the fields `{names}`: {error}")
        })
    }

    /// A parameter, which may borrow. One that is not there is as `null`, which an `Option` can be.
    ///
    /// # Errors
    /// When it is missing, or not a `T`; the message has the name.
    pub fn get<'de, T: Deserialize<'de>>(&'de self, name: &str) -> Result<T, Error> {
        match self.0.get(name) {
            Some(value) => T::deserialize(value).map_err(|error| anyhow!("the parameter `{name}`: {error}")),
            None => {
                T::deserialize(&Value::Null).map_err(|_| anyhow!("the input lacks the parameter `{name}`"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Params, Vec};

    fn params(input: &str) -> Params {
        Params::read(Vec::from(input), &["text", "times"]).unwrap()
    }

    /// The message of an error.
    fn refused<T>(result: Result<T, crate::Error>) -> std::string::String {
        std::format!("{:#}", result.err().unwrap())
    }

    #[test]
    fn parameters_are_fields() {
        let params = params(r#"{"text": "ho", "times": 3, "other": []}"#);
        assert_eq!(params.get::<&str>("text").unwrap(), "ho");
        assert_eq!(params.get::<u8>("times").unwrap(), 3);
        assert_eq!(params.get::<Option<u8>>("times").unwrap(), Some(3));
    }

    #[test]
    fn an_option_may_be_missing() {
        for input in ["", "{}", r#"{"times": null}"#] {
            assert_eq!(params(input).get::<Option<u8>>("times").unwrap(), None);
        }
        assert_eq!(refused(params("{}").get::<u8>("times")), "the input lacks the parameter `times`");
    }

    #[test]
    fn errors_name_the_parameter() {
        let params = params(r#"{"text": 1, "times": 256}"#);
        assert_eq!(
            refused(params.get::<&str>("text")),
            "the parameter `text`: invalid type: integer `1`, expected a borrowed string"
        );
        assert_eq!(
            refused(params.get::<u8>("times")),
            "the parameter `times`: invalid value: integer `256`, expected u8"
        );
    }

    #[test]
    fn other_inputs_are_refused() {
        assert_eq!(
            refused(Params::read(Vec::from("[1]"), &["text", "times"])),
            "the input must be a JSON object with the fields `text`, `times`: invalid type: sequence, expected a map \
             at line 1 column 0"
        );
    }
}
