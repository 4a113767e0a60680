//! Chromium, in which the page of `plugwright serve` is tested.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::toolchain::apt::Apt;

/// Counts the changes of this recipe.
const NAME: &str = "chromium-debian-1";
const PACKAGES: [&str; 2] = ["chromium", "fonts-dejavu-core"];

/// Debian's Chromium, unpacked. Another program starts it, with the variables of [`environment`](Self::environment).
pub(crate) struct Chromium {
    root: PathBuf,
}

impl Chromium {
    /// Installs Debian's Chromium, with a font: a machine without a screen has none.
    ///
    /// # Errors
    /// When the system is not Debian, or the packages cannot be had.
    pub(crate) fn set_up(cache: &Cache) -> Result<Self> {
        let root = cache
            .install(NAME, |root| {
                let work = tempfile::tempdir()?;
                Apt::new(work.path())?.unpack_with_dependencies(&PACKAGES, root)
            })
            .context("the page is tested in Debian's Chromium")?;
        Ok(Self { root })
    }

    /// The browser. The program that Debian starts it by looks for it where it is not.
    pub(crate) fn program(&self) -> PathBuf {
        self.root.join("usr/lib/chromium/chromium")
    }

    /// Variables with which it finds its libraries and fonts; `folder` is where it may write.
    ///
    /// # Errors
    /// When nothing can be written.
    pub(crate) fn environment(&self, folder: &Path) -> Result<[(&'static str, OsString); 3]> {
        let libraries = self.root.join("usr/lib/x86_64-linux-gnu");
        let libraries = env::join_paths([libraries.join("pulseaudio"), libraries])?;
        let fonts = folder.join("fonts.conf");
        let (own, cache) = (self.root.join("usr/share/fonts"), folder.join("fonts"));
        let text = format!(
            "<?xml version=\"1.0\"?>\n<!DOCTYPE fontconfig SYSTEM \"fonts.dtd\">\n<fontconfig><dir>{}</dir><cachedir>{}</cachedir></fontconfig>\n",
            own.display(),
            cache.display()
        );
        fs::write(&fonts, text).with_context(|| format!("cannot write {}", fonts.display()))?;
        Ok([
            ("LD_LIBRARY_PATH", libraries),
            ("FONTCONFIG_FILE", fonts.into()),
            ("XDG_CACHE_HOME", folder.into()),
        ])
    }
}
