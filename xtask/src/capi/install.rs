//! Installing the C library under a prefix, as distributions do.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::header;
use super::library::{ABI, Library, VERSION, archive_name, shared_name, system_libraries, versioned_name};

/// The version of the public interface that the library answers to.
const PUBLIC_VERSION: &str = "1.41.0";

/// Options of `cargo xtask install`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The folder that gets `include` and `lib`
    #[arg(long)]
    prefix: PathBuf,
    /// Also install the names of the public library: libextism, extism.h, extism.pc
    #[arg(long)]
    extism: bool,
    /// Install the unoptimised library that tests use
    #[arg(long)]
    dev: bool,
}

impl Options {
    /// What tests of programs need: the development build, under both names.
    pub(crate) fn for_tests(prefix: &Path) -> Self {
        Self { prefix: prefix.to_owned(), extism: true, dev: true }
    }
}

/// Builds the library and installs it.
///
/// # Errors
/// When it cannot be built, or a file cannot be written.
pub(crate) fn install(options: &Options) -> Result<()> {
    let library = if options.dev { Library::dev()? } else { Library::release()? };
    install_library(&library, &options.prefix, options.extism)
}

/// Installs a library that is built.
pub(super) fn install_library(library: &Library, prefix: &Path, extism: bool) -> Result<()> {
    fs::create_dir_all(prefix).with_context(|| format!("cannot make {}", prefix.display()))?;
    // What the pkg-config file says must hold wherever it is read.
    let prefix = prefix.canonicalize()?;
    let (include, lib) = (prefix.join("include"), prefix.join("lib"));
    let pkgconfig = lib.join("pkgconfig");
    for folder in [&include, &pkgconfig] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    copy(&header::includes().join("plugwright.h"), &include.join("plugwright.h"))?;
    copy(&library.archive(), &lib.join(archive_name("plugwright")))?;
    let installed = install_shared(library, &lib)?;
    let about =
        Package { name: "plugwright", version: VERSION, about: "WebAssembly plug-ins in any language" };
    fs::write(pkgconfig.join("plugwright.pc"), about.pkg_config(&prefix))?;
    if extism {
        copy(&header::includes().join("extism.h"), &include.join("extism.h"))?;
        link(&archive_name("plugwright"), &lib.join(archive_name("extism")))?;
        link(&installed, &lib.join(shared_name("extism")))?;
        let about = Package {
            name: "extism",
            version: PUBLIC_VERSION,
            about: "Plugwright under the name of the public library",
        };
        fs::write(pkgconfig.join("extism.pc"), about.pkg_config(&prefix))?;
    }
    println!("installed into {}", prefix.display());
    Ok(())
}

/// Installs the shared library with the links that linkers and loaders look for, and returns its file's name.
fn install_shared(library: &Library, lib: &Path) -> Result<String> {
    let plain = shared_name("plugwright");
    if let Some(import) = library.import() {
        copy(&import, &lib.join("plugwright.lib"))?;
    }
    let (Some(exact), Some(compatible)) =
        (versioned_name("plugwright", VERSION), versioned_name("plugwright", ABI))
    else {
        copy(&library.shared(), &lib.join(&plain))?;
        return Ok(plain);
    };
    copy(&library.shared(), &lib.join(&exact))?;
    link(&exact, &lib.join(&compatible))?;
    link(&compatible, &lib.join(&plain))?;
    Ok(plain)
}

/// A library, for pkg-config.
struct Package {
    name: &'static str,
    version: &'static str,
    about: &'static str,
}

impl Package {
    fn pkg_config(&self, prefix: &Path) -> String {
        let Self { name, version, about } = self;
        // pkg-config splits at spaces that are not escaped.
        let prefix = prefix.display().to_string().replace(' ', "\\ ");
        format!(
            "prefix={prefix}\n\
             includedir=${{prefix}}/include\n\
             libdir=${{prefix}}/lib\n\
             \n\
             Name: {name}\n\
             Description: {about}\n\
             Version: {version}\n\
             Cflags: -I${{includedir}}\n\
             Libs: -L${{libdir}} -l{name}\n\
             Libs.private: {}\n",
            system_libraries()
        )
    }
}

/// Copies a file. One that is there is removed first, for a program may be running with it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    remove(to)?;
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// Gives the file `target`, which lies beside it, a second name.
fn link(target: &str, name: &Path) -> Result<()> {
    remove(name)?;
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(target, name);
    #[cfg(not(unix))]
    let linked = fs::copy(name.with_file_name(target), name).map(drop);
    linked.with_context(|| format!("cannot link {} to {target}", name.display()))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot replace {}", path.display()))
        }
        _ => Ok(()),
    }
}
