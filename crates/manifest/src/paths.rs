//! Which folders of the host a plug-in may use.

use std::path::{Component, Path, PathBuf};

use crate::error::Error;
use crate::field::FieldPath;

/// In front of a host path: the guest may read but not write.
const READ_ONLY_PREFIX: &str = "ro:";

/// A folder of the host that a plug-in may use.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AllowedPath {
    /// The folder.
    pub host: PathBuf,
    /// Where the guest sees it.
    pub guest: PathBuf,
    /// Whether the guest may only read.
    pub read_only: bool,
}

impl AllowedPath {
    /// Takes one entry of `allowed_paths` apart. A folder whose own name starts with `ro:` is written with
    /// `./` in front.
    ///
    /// # Errors
    /// [`Error::InvalidPath`] for an empty path, one with a NUL character, or a guest path with `..`.
    pub fn new(key: &str, guest: &Path) -> Result<Self, Error> {
        let (read_only, host) = match key.strip_prefix(READ_ONLY_PREFIX) {
            Some(host) => (true, host),
            None => (false, key),
        };
        let invalid = |reason: &str| Error::InvalidPath {
            at: FieldPath::root().key("allowed_paths").key(key).into(),
            reason: reason.to_owned(),
        };
        if host.is_empty() {
            return Err(invalid("the host path is empty; name a folder, such as `data` or `ro:data`"));
        }
        if guest.as_os_str().is_empty() {
            return Err(invalid(
                "the guest path is empty; say where the plug-in sees the folder, such as `/mnt`",
            ));
        }
        if host.contains('\0') || guest.as_os_str().as_encoded_bytes().contains(&0) {
            return Err(invalid("a path cannot contain a NUL character; remove it"));
        }
        if guest.components().any(|part| part == Component::ParentDir) {
            return Err(invalid("the guest path contains `..`; write where the plug-in sees the folder"));
        }
        Ok(Self { host: host.into(), guest: guest.to_owned(), read_only })
    }
}

/// Splits `HOST:GUEST`, as command lines spell an allowed path, into the key and value of an entry of
/// `allowed_paths`. `HOST` may start with `ro:`; with no `:GUEST`, the guest sees the folder under the host's
/// path.
///
/// The colon of a Windows drive is not a separator: in `C:\data:/mnt` and `C:/data:/mnt` the host's folder is
/// on drive C. `c:/mnt`, which could be either, is the folder `c`.
///
/// # Errors
/// [`Error::InvalidPath`] as in [`AllowedPath::new`].
pub fn split_path_spec(spec: &str) -> Result<(String, PathBuf), Error> {
    let paths = spec.strip_prefix(READ_ONLY_PREFIX).unwrap_or(spec);
    let prefix_len = spec.len() - paths.len();
    let after_drive = if starts_with_drive(paths) { 2 } else { 0 };
    let (key, guest) = match paths[after_drive..].rfind(':') {
        Some(colon) => {
            let colon = prefix_len + after_drive + colon;
            (&spec[..colon], &spec[colon + 1..])
        }
        None => (spec, paths),
    };
    let entry = AllowedPath::new(key, Path::new(guest))?;
    Ok((key.to_owned(), entry.guest))
}

fn starts_with_drive(path: &str) -> bool {
    match path.as_bytes() {
        [letter, b':', b'\\', ..] => letter.is_ascii_alphabetic(),
        [letter, b':', b'/', rest @ ..] => letter.is_ascii_alphabetic() && rest.contains(&b':'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str) -> AllowedPath {
        AllowedPath::new(key, Path::new("/mnt")).unwrap()
    }

    #[test]
    fn a_prefix_makes_a_folder_read_only() {
        let writable = entry("data");
        assert_eq!((writable.host.as_path(), writable.read_only), (Path::new("data"), false));
        assert_eq!(writable.guest, Path::new("/mnt"));
        let readable = entry("ro:assets");
        assert_eq!((readable.host.as_path(), readable.read_only), (Path::new("assets"), true));
    }

    #[test]
    fn only_the_exact_prefix_counts() {
        for host in [r"C:\data", "r:/x", "ROM:x", "Ro:x", "./ro:x", "row"] {
            let path = entry(host);
            assert_eq!((path.host.as_path(), path.read_only), (Path::new(host), false));
        }
        let drive = entry(r"ro:C:\data");
        assert_eq!((drive.host.as_path(), drive.read_only), (Path::new(r"C:\data"), true));
        assert_eq!(entry("ro:ro:x").host, Path::new("ro:x"));
    }

    #[test]
    fn bad_paths_name_the_entry() {
        for (key, guest, word) in [
            ("", "/mnt", "host path is empty"),
            ("ro:", "/mnt", "host path is empty"),
            ("data", "", "guest path is empty"),
            ("a\0b", "/mnt", "NUL"),
            ("a", "/m\0nt", "NUL"),
            ("a", "/mnt/../etc", "`..`"),
        ] {
            let error = AllowedPath::new(key, Path::new(guest)).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
            assert_eq!(error.field(), Some(&FieldPath::root().key("allowed_paths").key(key)));
        }
    }

    #[test]
    fn a_flag_is_split_at_the_colon_that_is_not_a_drive() {
        for (spec, key, guest) in [
            ("data:/mnt", "data", "/mnt"),
            ("ro:data:/mnt", "ro:data", "/mnt"),
            ("data", "data", "data"),
            ("ro:data", "ro:data", "data"),
            (r"C:\data:/mnt", r"C:\data", "/mnt"),
            ("C:/data:/mnt", "C:/data", "/mnt"),
            (r"ro:C:\data:/mnt", r"ro:C:\data", "/mnt"),
            (r"C:\data", r"C:\data", r"C:\data"),
            ("c:/mnt", "c", "/mnt"),
            ("a:b:/mnt", "a:b", "/mnt"),
            ("é:/mnt", "é", "/mnt"),
        ] {
            assert_eq!(split_path_spec(spec), Ok((key.to_owned(), guest.into())), "{spec}");
        }
        for spec in ["", "ro:", ":/mnt", "data:", "ro::/mnt"] {
            assert!(split_path_spec(spec).is_err(), "{spec}");
        }
    }
}
