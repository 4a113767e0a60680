//! The user whom a program runs as that refuses root.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::Command;

/// `nobody` of Debian: a user who owns nothing, but has an entry in `/etc/passwd`, which `initdb` asks for.
const NOBODY: u32 = 65534;

/// Gives a folder to that user.
///
/// # Errors
/// When that is refused.
pub(crate) fn give_away(folder: &Path) -> io::Result<()> {
    if is_root()? { chown(folder, Some(NOBODY), Some(NOBODY)) } else { Ok(()) }
}

/// The options of `setpriv` with which a program is not run as root.
///
/// # Errors
/// When the system does not tell who runs this process.
pub(crate) fn become_unprivileged(setpriv: &mut Command) -> io::Result<()> {
    if is_root()? {
        let nobody = NOBODY.to_string();
        setpriv.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]);
        // Who owns nothing has to get into root's cache folder all the same. Programs that ask by access(2) whether
        // they may are told the truth only with the second line.
        setpriv.args(["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]);
        setpriv.args(["--securebits", "+no_setuid_fixup"]);
    }
    Ok(())
}

fn is_root() -> io::Result<bool> {
    // The folder belongs to the effective user.
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}
