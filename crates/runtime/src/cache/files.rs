//! Opening and creating the cache's files without being led elsewhere.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What files that are being written are called.
const TEMPORARY_PREFIX: &str = ".tmp-";

/// Whether a file of this name is, or was, being written.
pub(super) fn is_temporary(file_name: &str) -> bool {
    file_name.starts_with(TEMPORARY_PREFIX)
}

/// Opens a regular file for reading. A symbolic link, a pipe or a folder of that name is an error, and never waits.
pub(super) fn open_regular(path: &Path) -> io::Result<(File, Metadata)> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        use rustix::fs::OFlags;

        // The second flag is for pipes, which could otherwise block here.
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() {
        Ok((file, metadata))
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, "it is not a regular file"))
    }
}

/// What a power failure may do to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// Damage it: somebody else notices.
    Lost,
    /// Nothing.
    Kept,
}

/// A file that is being written, for this user only. It is deleted unless it is renamed or linked.
pub(super) struct Temporary {
    path: PathBuf,
}

impl Temporary {
    /// Writes a new file with the concatenated `parts` in `dir`, which is created, for this user only, if necessary.
    pub(super) fn new(dir: &Path, parts: &[&[u8]], durability: Durability) -> io::Result<Self> {
        create_private_dir(dir)?;
        let number = u64::from_le_bytes(random()?);
        let path = dir.join(format!("{TEMPORARY_PREFIX}{number:016x}"));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;

            options.mode(0o600);
        }
        let mut file = options.open(&path)?;
        let temporary = Self { path };
        for part in parts {
            file.write_all(part)?;
        }
        if durability == Durability::Kept {
            file.sync_all()?;
        }
        Ok(temporary)
    }

    /// Gives the file its name, in place of a file that has it.
    pub(super) fn rename(self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)
    }

    /// Gives the file its name, unless there is a file of that name, which is no error.
    pub(super) fn link(self, target: &Path) -> io::Result<()> {
        match fs::hard_link(&self.path, target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            // Some file systems have no links. There the last of several writers at the same moment wins, which costs
            // the others the entries that they put before.
            Err(_) => self.rename(target),
            Ok(()) => Ok(()),
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename there is nothing of this name.
        let _ = fs::remove_file(&self.path);
    }
}

pub(super) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes)
}

fn create_private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;

        builder.mode(0o700);
    }
    builder.create(dir)
}
