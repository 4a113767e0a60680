//! Where a server is, as configuration says it, and the password that belongs to it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;

use super::FieldError;
use crate::Secret;
use crate::percent::encoded;

/// The most bytes of a file with a password.
const MAX_PASSWORD_BYTES: usize = 4096;

/// Where a server is, and how to log in there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// The address without a password, such as `nats://host`, `mqtt://host`, `redis://host`.
    pub url: Option<String>,
    /// The environment variable with the address, which may have a password.
    pub url_env: Option<String>,
    /// The environment variable with the password for the user that the address names.
    pub password_env: Option<String>,
    /// The file with the password and nothing else.
    pub password_file: Option<PathBuf>,
}

impl ServerConfig {
    /// A server at this address.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: Some(url.into()), ..Self::default() }
    }

    /// The same, with a path that was relative to this folder.
    pub fn resolved(mut self, folder: &Path) -> Self {
        if let Some(path) = &mut self.password_file {
            *path = folder.join(&*path);
        }
        self
    }

    /// The field that has the address.
    pub fn address_field(&self) -> &'static str {
        if self.url.is_none() && self.url_env.is_some() { "url_env" } else { "url" }
    }

    /// Whether the address in `url` has a password, which [`check`](Self::check) refuses there.
    pub fn shows_password(&self) -> bool {
        self.url.as_deref().is_some_and(has_password)
    }

    /// Checks what can be checked without reading environment and files. Addresses begin with one of these schemes.
    ///
    /// # Errors
    ///
    /// The field that is wrong, and what to do.
    pub fn check(&self, schemes: &[&str]) -> Result<(), FieldError> {
        match (&self.url, &self.url_env) {
            (None, None) => {
                let message = "give the address of the server, or the variable that has it in `url_env`";
                return Err(FieldError::new("url", message));
            }
            (Some(_), Some(_)) => {
                return Err(FieldError::new("url_env", "there is `url` too; give one of them"));
            }
            (Some(url), None) => {
                check_scheme("url", url, schemes)?;
                if self.shows_password() {
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

    /// The address with the password, for whoever opens a connection. Environment and files are read each time.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check), and when a variable or a file is not there or holds nothing of use; the error names it and shows
    /// no content.
    pub fn address(&self, schemes: &[&str]) -> Result<Secret, FieldError> {
        self.check(schemes)?;
        let field = self.address_field();
        let url = match (&self.url, &self.url_env) {
            (None, Some(name)) => variable(field, name)?,
            (url, _) => url.clone().unwrap_or_default(),
        };
        check_scheme(field, &url, schemes)?;
        let Some(password) = self.password()? else { return Ok(Secret::new(url)) };
        if has_password(&url) {
            return Err(FieldError::new(field, "has a password already; give one of them"));
        }
        Ok(Secret::new(with_password(&url, &password)))
    }

    /// The password that is kept apart, if there is one.
    fn password(&self) -> Result<Option<String>, FieldError> {
        if let Some(name) = &self.password_env {
            return variable("password_env", name).map(Some);
        }
        let Some(path) = &self.password_file else { return Ok(None) };
        let wrong = |why: String| {
            FieldError::new("password_file", format!("`{}` cannot be used: {why}", path.display()))
        };
        let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() || text.len() > MAX_PASSWORD_BYTES {
            return Err(wrong("it must hold a password and nothing else".to_owned()));
        }
        Ok(Some(text.to_owned()))
    }
}

fn check_scheme(field: &str, url: &str, schemes: &[&str]) -> Result<(), FieldError> {
    if url.split_once("://").is_some_and(|(scheme, rest)| schemes.contains(&scheme) && !rest.is_empty()) {
        return Ok(());
    }
    // The address is not shown: one from the environment may have a password.
    let scheme = schemes.first().copied().unwrap_or_default();
    let message = format!("is not the address of a server for this; write it as `{scheme}://host:port`");
    Err(FieldError::new(field, message))
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
    let written = encoded(password);
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    // The address of a socket file has no user in front; what Redis has besides comes after `?`.
    if scheme.ends_with("unix") {
        return format!("{url}{}pass={written}", if url.contains('?') { '&' } else { '?' });
    }
    let (user, rest) = match authority(url).rsplit_once('@') {
        Some((user, _)) => (user, &rest[user.len() + 1..]),
        None => ("", rest),
    };
    format!("{scheme}://{user}:{written}@{rest}")
}

#[cfg(test)]
mod tests {
    use super::{ServerConfig, has_password, with_password};

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
        assert_eq!(with_password("unix:///run/socket", "a&b"), "unix:///run/socket?pass=a%26b");
        assert_eq!(with_password("unix:///run/socket?db=1", "x"), "unix:///run/socket?db=1&pass=x");
    }

    #[test]
    fn an_address_shows_no_password() {
        let error = ServerConfig::at("redis://:hunter2@h").check(&["redis"]).expect_err("a password");
        assert!(error.field == "url" && !error.message.contains("hunter2"), "{error}");
        let error = ServerConfig::at("http://h").check(&["redis"]).expect_err("another scheme");
        assert!(error.message.contains("redis://host:port"), "{error}");
        let absent = ServerConfig {
            url_env: Some("PLUGWRIGHT_NO_SUCH_VARIABLE".to_owned()),
            ..ServerConfig::default()
        };
        assert_eq!(absent.check(&["redis"]), Ok(()));
        let error = absent.address(&["redis"]).expect_err("no variable");
        assert!(error.message.contains("PLUGWRIGHT_NO_SUCH_VARIABLE"), "{error}");
        let both = ServerConfig { url: Some("redis://h".to_owned()), ..absent };
        assert_eq!(both.check(&["redis"]).expect_err("two addresses").field, "url_env");
    }

    #[test]
    fn a_password_comes_from_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut server = ServerConfig::at("postgres://host@h/d");
        server.password_file = Some("password".into());
        let server = server.resolved(folder.path());
        assert_eq!(server.address(&["postgres"]).expect_err("no file").field, "password_file");
        let write = |text: &str| std::fs::write(folder.path().join("password"), text).expect("a file");
        write("s@crt\n");
        let address = server.address(&["postgres"]).expect("a password");
        assert_eq!(address.reveal(), "postgres://host:s%40crt@h/d");
        write("\n");
        assert!(server.address(&["postgres"]).is_err());
    }
}
