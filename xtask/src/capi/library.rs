//! Building the C library, and what its files are called.

use std::path::PathBuf;

use anyhow::Result;

use crate::built;

/// What distinguishes a library that programs linked before cannot use: the number in the shared library's own name.
pub(super) const ABI: &str = "0";

/// The version of the library, and of this program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The package that makes it.
pub(crate) const PACKAGE: &str = "plugwright-capi";

/// A built library.
pub(crate) struct Library {
    folder: PathBuf,
}

impl Library {
    /// Builds the library that tests use, as part of what `cargo test --workspace` builds.
    pub(crate) fn dev() -> Result<Self> {
        built::build()?;
        Ok(Self::built_in(built::folder()))
    }

    /// Builds the library that users get.
    pub(crate) fn release() -> Result<Self> {
        built::build_release(&[PACKAGE]).map(Self::built_in)
    }

    /// The library that was built in this folder.
    pub(crate) fn built_in(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The shared library.
    pub(crate) fn shared(&self) -> PathBuf {
        self.folder.join(shared_name("plugwright"))
    }

    /// The static library.
    pub(super) fn archive(&self) -> PathBuf {
        self.folder.join(archive_name("plugwright"))
    }

    /// What a program that links the shared library links, where that is another file.
    pub(super) fn import(&self) -> Option<PathBuf> {
        cfg!(windows).then(|| self.folder.join("plugwright.dll.lib"))
    }
}

/// What the shared library `name` is called on this system.
pub(super) fn shared_name(name: &str) -> String {
    if cfg!(windows) {
        format!("{name}.dll")
    } else if cfg!(target_os = "macos") {
        format!("lib{name}.dylib")
    } else {
        format!("lib{name}.so")
    }
}

/// What the shared library `name` is called with this version; `None` where names have none.
pub(super) fn versioned_name(name: &str, version: &str) -> Option<String> {
    if cfg!(windows) {
        None
    } else if cfg!(target_os = "macos") {
        Some(format!("lib{name}.{version}.dylib"))
    } else {
        Some(format!("lib{name}.so.{version}"))
    }
}

/// What the static library `name` is called on this system.
pub(super) fn archive_name(name: &str) -> String {
    if cfg!(windows) { format!("{name}.lib") } else { format!("lib{name}.a") }
}

/// What a program that links the static library needs besides, of this system.
pub(super) fn system_libraries() -> &'static str {
    if cfg!(windows) {
        "-lkernel32 -lntdll -luserenv -lws2_32 -lsecur32 -lbcrypt -lcrypt32 -ladvapi32 -lole32"
    } else if cfg!(target_os = "macos") {
        "-framework Security -framework CoreFoundation -liconv -lSystem -lc -lm"
    } else {
        "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc"
    }
}
