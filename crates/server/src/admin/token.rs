//! The secret that operators know.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::config::{AdminConfig, Config, ConfigError};

/// Where the token is when no file is given.
const VARIABLE: &str = "PLUGWRIGHT_ADMIN_TOKEN";

/// The fewest bytes of a token: what is shorter can be guessed.
const MIN_BYTES: usize = 16;

/// A token's hash: of the same length for all, so that comparing takes the same time for all.
pub(crate) struct Token([u8; 32]);

impl Token {
    /// The token that is configured.
    ///
    /// # Errors
    ///
    /// When there is none, or one that is too short.
    pub(crate) fn of(config: &Config, admin: &AdminConfig) -> Result<Self, ConfigError> {
        let refused = |message: String| config.error(&["admin"], None, "token_file", message);
        let token = match (&admin.token, &admin.token_file) {
            (Some(token), _) => token.clone(),
            (None, Some(file)) => {
                let file = config.resolve(file);
                std::fs::read_to_string(&file).map_err(|error| {
                    refused(format!("the token cannot be read from `{}`: {error}", file.display()))
                })?
            }
            (None, None) => std::env::var(VARIABLE).map_err(|_| {
                refused(format!(
                    "there is no token for operators; set `{VARIABLE}` in the environment or name a file"
                ))
            })?,
        };
        let token = token.trim();
        if token.len() < MIN_BYTES {
            return Err(refused(format!(
                "the token for operators has less than {MIN_BYTES} bytes; choose a longer one"
            )));
        }
        Ok(Self(hash(token.as_bytes())))
    }

    /// Whether a request has it, found out in a time that does not depend on how much of it is right.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        let value = headers.get(AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
        let (scheme, given) = value.split_at(value.len().min(7));
        scheme.eq_ignore_ascii_case(b"bearer ") & bool::from(hash(given).ct_eq(&self.0))
    }
}

fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}
