//! Builds the guests, language by language, and skips those of which nothing changed.

mod as_pdk;
mod assemblyscript;
mod c;
mod c_pdk;
mod go;
mod page;
mod rust;
mod stamp;
mod zig;
mod zig_pdk;

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::repository;
use crate::toolchain::{AssemblyScript, Go, Rust, Zig};
use stamp::Stamp;

/// What builds the guests of one language.
trait Builder {
    /// The compiler's version: a change of it means to build again.
    fn version(&self) -> &str;

    /// Builds every guest in `sources` to `<output>/<name>.wasm`.
    fn build(&self, sources: &Path, output: &Path) -> Result<()>;
}

/// The guests of one language.
struct Group {
    /// The folder in `guests/`.
    folder: &'static str,
    /// The text of the builder: a change of it means to build again.
    recipe: &'static str,
    set_up: fn(&Cache) -> Result<Box<dyn Builder>>,
}

const GROUPS: &[Group] = &[
    Group {
        folder: "rust",
        recipe: include_str!("guests/rust.rs"),
        set_up: |cache| Ok(Box::new(Rust::set_up(cache)?)),
    },
    Group {
        folder: "go",
        recipe: include_str!("guests/go.rs"),
        set_up: |cache| Ok(Box::new(Go::set_up(cache)?)),
    },
    Group {
        folder: "as",
        recipe: include_str!("guests/assemblyscript.rs"),
        set_up: |cache| Ok(Box::new(AssemblyScript::set_up(cache)?)),
    },
    Group {
        folder: "c",
        recipe: include_str!("guests/c.rs"),
        set_up: |cache| Ok(Box::new(c::C(Zig::set_up(cache)?))),
    },
    Group {
        folder: "zig",
        recipe: include_str!("guests/zig.rs"),
        set_up: |cache| Ok(Box::new(Zig::set_up(cache)?)),
    },
    Group {
        folder: "c_pdk",
        recipe: concat!(
            include_str!("guests/c_pdk.rs"),
            include_str!("../../pdks/c/plugwright.h"),
            include_str!("../../pdks/c/extism-pdk.h"),
            include_str!("../../docs/pdk-c.md")
        ),
        set_up: |cache| Ok(Box::new(c_pdk::CPdk::set_up(cache)?)),
    },
    Group {
        folder: "zig_pdk",
        recipe: concat!(
            include_str!("guests/zig_pdk.rs"),
            include_str!("../../pdks/zig/plugwright.zig"),
            include_str!("../../docs/pdk-zig.md")
        ),
        set_up: |cache| Ok(Box::new(zig_pdk::ZigPdk(Zig::set_up(cache)?))),
    },
    Group {
        folder: "as_pdk",
        recipe: concat!(
            include_str!("guests/as_pdk.rs"),
            include_str!("../../pdks/assemblyscript/plugwright.ts"),
            include_str!("../../docs/pdk-assemblyscript.md")
        ),
        set_up: |cache| Ok(Box::new(as_pdk::AsPdk(AssemblyScript::set_up(cache)?))),
    },
];

/// Installs the toolchains that are missing.
///
/// # Errors
/// When one of them cannot be installed.
pub(crate) fn set_up() -> Result<()> {
    let cache = Cache::open()?;
    for group in GROUPS {
        let builder = group.start(&cache)?;
        println!("{}: {}", group.folder, builder.version());
    }
    Ok(())
}

/// Installs the toolchains that are missing and builds the guests that changed into `guests/build`.
///
/// # Errors
/// When a toolchain cannot be installed or a guest does not compile.
pub(crate) fn build() -> Result<()> {
    let cache = Cache::open()?;
    let output = repository::guests().join("build");
    fs::create_dir_all(&output).with_context(|| format!("cannot make {}", output.display()))?;
    for group in GROUPS {
        let builder = group.start(&cache)?;
        group.build(builder.as_ref(), &output)?;
    }
    Ok(())
}

impl Group {
    fn start(&self, cache: &Cache) -> Result<Box<dyn Builder>> {
        (self.set_up)(cache).with_context(|| format!("cannot set up the compiler of guests/{}", self.folder))
    }

    fn build(&self, builder: &dyn Builder, output: &Path) -> Result<()> {
        let sources = repository::guests().join(self.folder);
        let stamp = Stamp::new(output, self.folder);
        let inputs = stamp::hash(&sources, &[self.recipe, builder.version()])?;
        if stamp.is(&inputs) {
            println!("guests/{}: nothing changed", self.folder);
            return Ok(());
        }
        let start = Instant::now();
        let fresh = tempfile::Builder::new().prefix(".building-").tempdir_in(output)?;
        builder
            .build(&sources, fresh.path())
            .with_context(|| format!("cannot build guests/{}", self.folder))?;
        stamp.replace(&inputs, fresh.path())?;
        println!("guests/{}: built in {:.1} s", self.folder, start.elapsed().as_secs_f32());
        Ok(())
    }
}
