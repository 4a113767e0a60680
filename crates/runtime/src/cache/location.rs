//! Where the cache is when nobody says.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folder on an operating system (as in [`std::env::consts::OS`]) with an environment.
pub(super) fn default_dir(os: &str, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(dir) = path("PLUGWRIGHT_CACHE_DIR") {
        return Some(dir);
    }
    let user_cache = match os {
        "windows" => path("LOCALAPPDATA")?,
        "macos" | "ios" => path("HOME")?.join("Library").join("Caches"),
        // The XDG base directory specification wants relative paths to be ignored.
        _ => match path("XDG_CACHE_HOME").filter(|dir| dir.is_absolute()) {
            Some(dir) => dir,
            None => path("HOME")?.join(".cache"),
        },
    };
    Some(user_cache.join(Path::new("plugwright").join("compiled")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(os: &str, variables: &[(&str, &str)]) -> Option<PathBuf> {
        default_dir(os, |name| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_own_variable_comes_first() {
        for os in ["linux", "macos", "windows"] {
            let variables = [("PLUGWRIGHT_CACHE_DIR", "here"), ("HOME", "/h"), ("LOCALAPPDATA", "/l")];
            assert_eq!(with(os, &variables), Some("here".into()));
        }
        assert_eq!(with("linux", &[("PLUGWRIGHT_CACHE_DIR", ""), ("HOME", "")]), None);
    }

    #[test]
    fn otherwise_it_is_in_the_users_cache_folder() {
        let linux = |variables| with("linux", variables);
        assert_eq!(linux(&[("HOME", "/h")]), Some("/h/.cache/plugwright/compiled".into()));
        assert_eq!(
            linux(&[("HOME", "/h"), ("XDG_CACHE_HOME", "x")]),
            Some("/h/.cache/plugwright/compiled".into())
        );
        assert_eq!(linux(&[]), None);
        let macos = with("macos", &[("HOME", "/h")]);
        assert_eq!(macos, Some("/h/Library/Caches/plugwright/compiled".into()));
        let windows = with("windows", &[("LOCALAPPDATA", "/l"), ("HOME", "/h")]);
        assert_eq!(windows, Some("/l/plugwright/compiled".into()));
    }

    #[cfg(unix)]
    #[test]
    fn an_absolute_xdg_folder_is_used() {
        let variables = [("HOME", "/h"), ("XDG_CACHE_HOME", "/x")];
        assert_eq!(with("linux", &variables), Some("/x/plugwright/compiled".into()));
    }
}
