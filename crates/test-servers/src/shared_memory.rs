//! What PostgreSQL leaves behind when it is killed: a shared memory segment of the system's, by which it would notice another one
//! on the same data.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::user;

/// Removes that of the server whose folder this is. Not an error when there is none.
///
/// # Errors
/// When the file that names it cannot be read, or the program be started that removes it.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    let file = match fs::read_to_string(folder.join("data/postmaster.pid")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        read => read?,
    };
    // The seventh line: the segment's key and its number.
    let Some(number) = file.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)) else {
        return Ok(());
    };
    let mut command = Command::new("setpriv");
    user::become_unprivileged(&mut command)?;
    command.args(["ipcrm", "--shmem-id", number]).stderr(Stdio::null());
    // It fails when the segment is gone already.
    command.status().map(drop)
}
