//! Addresses of servers, and the passwords that belong to them.

use std::{env, fs};

use super::{Backend, FieldError, StoreConfig};
use crate::Secret;

/// The most bytes of a file with a password.
const MAX_PASSWORD_BYTES: usize = 4096;

impl Backend {
    /// What addresses of its servers begin with.
    fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::Redis => &["redis", "redis+unix", "unix"],
            Self::Postgres => &["postgres", "postgresql"],
            Self::Nats => &["nats", "tls"],
            Self::Mqtt => &["mqtt", "mqtts"],
            Self::Memory | Self::Redb | Self::Sqlite => &[],
        }
    }
}

impl StoreConfig {
    pub(super) fn check_address(&self) -> Result<(), FieldError> {
        match (&self.url, &self.url_env) {
            (None, None) => {
                let message = format!(
                    "the backend `{}` is a server; give its address in `url`, or the variable that has it in `url_env`",
                    self.backend
                );
                return Err(FieldError::new("url", message));
            }
            (Some(_), Some(_)) => {
                return Err(FieldError::new("url_env", "there is `url` too; give one of them"));
            }
            (Some(url), None) => {
                self.check_scheme("url", url)?;
                if has_password(url) {
                    let message = "has a password, which everybody can read who reads the configuration; put it into `password_env` \
                                   or `password_file`, or the whole address into `url_env`";
                    return Err(FieldError::new("url", message));
                }
            }
            (None, Some(_)) => {}
        }
        if self.password_env.is_some() && self.password_file.is_some() {
            return Err(FieldError::new("password_file", "there is `password_env` too; give one of them"));
        }
        Ok(())
    }

    fn check_scheme(&self, field: &str, url: &str) -> Result<(), FieldError> {
        let schemes = self.backend.schemes();
        if url.split_once("://").is_some_and(|(scheme, rest)| schemes.contains(&scheme) && !rest.is_empty()) {
            return Ok(());
        }
        // The address is not shown: one from the environment may have a password.
        let message = format!(
            "is not the address of a server for the backend `{}`; write it as `{}://host:port`",
            self.backend,
            schemes.first().copied().unwrap_or_default()
        );
        Err(FieldError::new(field, message))
    }

    /// The address with the password, for whoever opens a connection. Environment and files are read each time.
    ///
    /// # Errors
    ///
    /// When a variable or a file is not there or holds nothing of use; the error names it and shows no content.
    pub fn address(&self) -> Result<Secret, FieldError> {
        let (field, url) = match (&self.url, &self.url_env) {
            (Some(url), _) => ("url", url.clone()),
            (None, Some(name)) => ("url_env", variable("url_env", name)?),
            (None, None) => return Err(FieldError::new("url", "there is no address")),
        };
        self.check_scheme(field, &url)?;
        let password = match (&self.password_env, &self.password_file) {
            (Some(name), _) => variable("password_env", name)?,
            (None, Some(path)) => {
                let wrong = |why: String| {
                    FieldError::new("password_file", format!("`{}` cannot be used: {why}", path.display()))
                };
                let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
                let text = text.trim_end_matches(['\r', '\n']);
                if text.is_empty() || text.len() > MAX_PASSWORD_BYTES {
                    return Err(wrong("it must hold a password and nothing else".to_owned()));
                }
                text.to_owned()
            }
            (None, None) => return Ok(Secret::new(url)),
        };
        if has_password(&url) {
            return Err(FieldError::new(field, "has a password already; give one of them"));
        }
        Ok(Secret::new(with_password(&url, &password)))
    }
}

fn variable(field: &str, name: &str) -> Result<String, FieldError> {
    match env::var(name) {
        Ok(value) if !value.is_empty() => Ok(value),
        _ => Err(FieldError::new(field, format!("the environment has no text of the name `{name}`; set it"))),
    }
}

/// The part of an address between `//` and the path.
fn authority(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, rest)| rest);
    // A password may have a slash in it that should have been written otherwise: the last `@` counts.
    match after.rfind('@') {
        Some(at) => &after[..after[at..].find('/').map_or(after.len(), |slash| at + slash)],
        None => after.split('/').next().unwrap_or(after),
    }
}

fn has_password(url: &str) -> bool {
    let in_authority = authority(url).rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    let query = url.split_once('?').map_or("", |(_, query)| query);
    in_authority || query.split('&').any(|pair| pair.starts_with("pass"))
}

/// The address with this password, for the user in it.
fn with_password(url: &str, password: &str) -> String {
    let mut written = String::new();
    for byte in password.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            written.push(char::from(byte));
        } else {
            written.push_str(&format!("%{byte:02X}"));
        }
    }
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (user, rest) = match authority(url).rsplit_once('@') {
        Some((user, _)) => (user, &rest[user.len() + 1..]),
        None => ("", rest),
    };
    format!("{scheme}://{user}:{written}@{rest}")
}

#[cfg(test)]
mod tests {
    use super::{Backend, StoreConfig, has_password, with_password};

    #[test]
    fn passwords_are_found_and_added() {
        for url in ["redis://:x@h", "redis://u:x@h:1/0", "postgres://u:a/b@h/d", "postgres://h/d?password=x"]
        {
            assert!(has_password(url), "{url}");
        }
        for url in ["redis://h:1", "redis://u@h:1/0", "nats://h:4222", "redis+unix:///run/socket"] {
            assert!(!has_password(url), "{url}");
        }
        assert_eq!(with_password("redis://h:1/0", "a:b@c"), "redis://:a%3Ab%40c@h:1/0");
        assert_eq!(with_password("postgres://u@h/d", "x"), "postgres://u:x@h/d");
    }

    #[test]
    fn an_address_shows_no_password() {
        let mut config = StoreConfig::new(Backend::Redis);
        config.url = Some("redis://:hunter2@h".to_owned());
        let error = config.check().expect_err("a password in the configuration");
        assert!(error.field == "url" && !error.message.contains("hunter2"), "{error}");
        config.url = Some("http://h".to_owned());
        assert!(config.check().expect_err("another scheme").message.contains("redis://host:port"));
        config.url = None;
        config.url_env = Some("PLUGWRIGHT_NO_SUCH_VARIABLE".to_owned());
        assert_eq!(config.check(), Ok(()));
        assert!(config.address().expect_err("no variable").message.contains("PLUGWRIGHT_NO_SUCH_VARIABLE"));
    }
}
