//! Builds the guests, group by group, and skips those of which nothing changed.

mod as_pdk;
mod assemblyscript;
mod c;
mod c_pdk;
mod copy;
mod go;
mod go_own;
mod go_pdk;
mod js;
mod page;
mod rust;
mod rust_own;
mod rust_pdk;
mod stamp;
mod text;
mod zig;
mod zig_pdk;

pub(crate) use copy::folder as copy_sources;

use std::fs;
use std::iter;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::repository;
use crate::toolchain::{AssemblyScript, Go, Rust, Zig};
pub(crate) use js::packages as js_packages;
use stamp::Stamp;
pub(crate) use stamp::hash;

/// What builds the guests of one group.
trait Builder {
    /// The compiler's version: a change of it means to build again.
    fn version(&self) -> &str;

    /// Builds every guest in `sources` to `<output>/<name>.wasm`.
    fn build(&self, sources: &Path, output: &Path) -> Result<()>;
}

/// Guests that are built in the same way.
struct Group {
    /// What the names of the built files begin with.
    name: &'static str,
    /// The folder, in the checkout, of the guests' sources.
    sources: &'static str,
    /// Files and folders of the checkout that are built into the guests: a change of one means to build again.
    uses: &'static [&'static str],
    /// The text of the builder: a change of it means to build again.
    recipe: &'static str,
    set_up: fn(&Cache) -> Result<Box<dyn Builder>>,
}

const GROUPS: &[Group] = &[
    Group {
        name: "rust",
        sources: "guests/rust",
        uses: &[],
        recipe: include_str!("guests/rust.rs"),
        set_up: |cache| Ok(Box::new(Rust::set_up(cache)?)),
    },
    Group {
        name: "rust_own",
        sources: "guests/rust",
        uses: &["pdks/rust/src", "pdks/rust/derive", "crates/convert/src", "Cargo.lock"],
        recipe: concat!(include_str!("guests/rust.rs"), include_str!("guests/rust_own.rs")),
        set_up: |cache| Ok(Box::new(rust_own::RustOwn(Rust::set_up(cache)?))),
    },
    Group {
        name: "rust_pdk",
        sources: "guests/rust_pdk",
        uses: &["pdks/rust/src", "pdks/rust/derive", "pdks/rust/extism", "crates/convert/src"],
        recipe: concat!(include_str!("guests/rust.rs"), include_str!("guests/rust_pdk.rs")),
        set_up: |cache| Ok(Box::new(rust_pdk::RustPdk(Rust::set_up(cache)?))),
    },
    Group {
        name: "go",
        sources: "guests/go",
        uses: &[],
        recipe: include_str!("guests/go.rs"),
        set_up: |cache| Ok(Box::new(Go::set_up(cache)?)),
    },
    Group {
        name: "go_own",
        sources: "guests/go",
        uses: &["pdks/go"],
        recipe: concat!(include_str!("guests/go.rs"), include_str!("guests/go_own.rs")),
        set_up: |cache| Ok(Box::new(go_own::GoOwn(Go::set_up(cache)?))),
    },
    Group {
        name: "go_pdk",
        sources: "guests/go_pdk",
        uses: &["pdks/go"],
        recipe: concat!(include_str!("guests/go.rs"), include_str!("guests/go_pdk.rs")),
        set_up: |cache| Ok(Box::new(go_pdk::GoPdk(Go::set_up(cache)?))),
    },
    Group {
        name: "as",
        sources: "guests/as",
        uses: &[],
        recipe: include_str!("guests/assemblyscript.rs"),
        set_up: |cache| Ok(Box::new(AssemblyScript::set_up(cache)?)),
    },
    Group {
        name: "c",
        sources: "guests/c",
        uses: &[],
        recipe: include_str!("guests/c.rs"),
        set_up: |cache| Ok(Box::new(c::C(Zig::set_up(cache)?))),
    },
    Group {
        name: "zig",
        sources: "guests/zig",
        uses: &[],
        recipe: include_str!("guests/zig.rs"),
        set_up: |cache| Ok(Box::new(Zig::set_up(cache)?)),
    },
    Group {
        name: "c_pdk",
        sources: "guests/c_pdk",
        uses: &["pdks/c", "docs/pdk-c.md"],
        recipe: include_str!("guests/c_pdk.rs"),
        set_up: |cache| Ok(Box::new(c_pdk::CPdk::set_up(cache)?)),
    },
    Group {
        name: "zig_pdk",
        sources: "guests/zig_pdk",
        uses: &["pdks/zig", "docs/pdk-zig.md"],
        recipe: include_str!("guests/zig_pdk.rs"),
        set_up: |cache| Ok(Box::new(zig_pdk::ZigPdk(Zig::set_up(cache)?))),
    },
    Group {
        name: "as_pdk",
        sources: "guests/as_pdk",
        uses: &["pdks/assemblyscript", "docs/pdk-assemblyscript.md"],
        recipe: include_str!("guests/as_pdk.rs"),
        set_up: |cache| Ok(Box::new(as_pdk::AsPdk(AssemblyScript::set_up(cache)?))),
    },
    Group {
        name: "js",
        sources: "guests/js",
        uses: &["crates/js"],
        recipe: include_str!("guests/js.rs"),
        set_up: |cache| Ok(Box::new(js::Js::set_up(cache)?)),
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
        println!("{}: {}", group.name, builder.version());
    }
    Ok(())
}

/// Installs the toolchains that are missing, builds the guests that changed into `guests/build`, and makes binaries of those in text.
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
    text::assemble()
}

impl Group {
    fn start(&self, cache: &Cache) -> Result<Box<dyn Builder>> {
        (self.set_up)(cache)
            .with_context(|| format!("cannot set up the compiler of the guests {}_*", self.name))
    }

    fn build(&self, builder: &dyn Builder, output: &Path) -> Result<()> {
        let root = repository::root();
        let sources = root.join(self.sources);
        let everything = iter::once(&self.sources).chain(self.uses).map(|path| root.join(path));
        let stamp = Stamp::new(output, self.name);
        let inputs = stamp::hash(everything, &[self.recipe, builder.version()])?;
        if stamp.is(&inputs) {
            println!("guests {}_*: nothing changed", self.name);
            return Ok(());
        }
        let start = Instant::now();
        let fresh = tempfile::Builder::new().prefix(".building-").tempdir_in(output)?;
        builder
            .build(&sources, fresh.path())
            .with_context(|| format!("cannot build the guests {}_*", self.name))?;
        stamp.replace(&inputs, fresh.path())?;
        println!("guests {}_*: built in {:.1} s", self.name, start.elapsed().as_secs_f32());
        Ok(())
    }
}
