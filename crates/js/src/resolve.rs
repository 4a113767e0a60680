//! Which file a name in an `import` or `require` means: the rules of Node, as bundlers follow them.

use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use crate::error::Error;
use crate::package::{Package, Value};
use crate::tsconfig::Paths;

/// Endings that a name may lack, in the order in which they are tried.
const ENDINGS: [&str; 9] = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "json"];

/// In TypeScript a file is named by what it becomes.
const COMPILED: [(&str, &[&str]); 4] =
    [("js", &["ts", "tsx"]), ("jsx", &["tsx"]), ("mjs", &["mts"]), ("cjs", &["cts"])];

/// How often a package may refer to another name.
const MAX_DETOURS: usize = 16;

/// What a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolved {
    File(PathBuf),
    /// A file that its package leaves out where there is no Node.
    Empty,
    Missing,
}

/// Finds files, and remembers packages.
#[derive(Default)]
pub(crate) struct Resolver {
    packages: HashMap<PathBuf, Option<Rc<Package>>>,
    paths: HashMap<PathBuf, Option<Rc<Paths>>>,
}

impl Resolver {
    /// Finds what `specifier` means in a file of `folder`.
    ///
    /// # Errors
    ///
    /// When a `package.json` or `tsconfig.json` on the way cannot be read.
    pub(crate) fn resolve(
        &mut self,
        specifier: &str,
        folder: &Path,
        require: bool,
    ) -> Result<Resolved, Error> {
        self.named(specifier, folder, require, 0)
    }

    fn named(
        &mut self,
        specifier: &str,
        folder: &Path,
        require: bool,
        detours: usize,
    ) -> Result<Resolved, Error> {
        if detours > MAX_DETOURS || specifier.is_empty() {
            return Ok(Resolved::Missing);
        }
        if specifier.starts_with("./")
            || specifier.starts_with("../")
            || matches!(specifier, "." | "..")
            || Path::new(specifier).is_absolute()
        {
            let found = self.path(&folder.join(specifier), require)?;
            return self.unless_left_out(found);
        }
        for path in self.candidates(specifier, folder)? {
            if let found @ Resolved::File(_) = self.path(&path, require)? {
                return Ok(found);
            }
        }
        let own = self.around(folder)?;
        if specifier.starts_with('#') {
            let Some((root, package)) = own else { return Ok(Resolved::Missing) };
            return match package.imported(specifier, conditions(require)) {
                Some(target) => self.named(&target, &root, require, detours + 1),
                None => Ok(Resolved::Missing),
            };
        }
        if let Some((root, package)) = &own
            && let Some(Value::Object(entries)) = &package.browser
            && let Some((_, value)) = entries.iter().find(|(name, _)| name == specifier)
        {
            return match value {
                Value::Text(target) if target != specifier => self.named(target, root, require, detours + 1),
                Value::Nothing => Ok(Resolved::Empty),
                _ => Ok(Resolved::Missing),
            };
        }
        let (name, subpath) = split(specifier);
        if let Some((root, package)) = &own
            && package.name.as_deref() == Some(name)
            && package.exports.is_some()
        {
            return self.in_package(root, package, &subpath, require);
        }
        for ancestor in folder.ancestors().filter(|folder| !folder.ends_with("node_modules")) {
            let root = ancestor.join("node_modules").join(name);
            if !root.is_dir() {
                continue;
            }
            return match self.package(&root)? {
                Some(package) => self.in_package(&root, &package, &subpath, require),
                None => self.path(&inside(&root, &subpath), require),
            };
        }
        Ok(Resolved::Missing)
    }

    /// What the nearest `tsconfig.json` has for a name in a file of the author's.
    fn candidates(&mut self, specifier: &str, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        if folder.components().any(|part| part.as_os_str() == "node_modules") {
            return Ok(Vec::new());
        }
        for ancestor in folder.ancestors() {
            if !self.paths.contains_key(ancestor) {
                let paths = Paths::read(ancestor)?.map(Rc::new);
                self.paths.insert(ancestor.to_owned(), paths);
            }
            if let Some(Some(paths)) = self.paths.get(ancestor) {
                return Ok(paths.candidates(specifier));
            }
        }
        Ok(Vec::new())
    }

    /// A package's file for a subpath, which is `.` or begins with `./`.
    fn in_package(
        &mut self,
        root: &Path,
        package: &Package,
        subpath: &str,
        require: bool,
    ) -> Result<Resolved, Error> {
        if package.exports.is_some() {
            return match package.exported(subpath, conditions(require)) {
                Some(target) => self.exact(&inside(root, &target)),
                None => Ok(Resolved::Missing),
            };
        }
        let found = if subpath == "." {
            self.main(root, package, require)?
        } else {
            self.path(&inside(root, subpath), require)?
        };
        self.unless_left_out(found)
    }

    /// The first file of a package that has no `exports`.
    fn main(&mut self, root: &Path, package: &Package, require: bool) -> Result<Resolved, Error> {
        let browser = match &package.browser {
            Some(Value::Text(path)) => Some(path),
            _ => None,
        };
        let module = package.module.as_ref().filter(|_| !require);
        for path in browser.into_iter().chain(module).chain(&package.main) {
            if let found @ Resolved::File(_) = self.path_of_file(&inside(root, path))? {
                return Ok(found);
            }
        }
        Ok(index(root))
    }

    /// A path: a file, perhaps without its ending, or a folder.
    fn path(&mut self, path: &Path, require: bool) -> Result<Resolved, Error> {
        if let found @ Resolved::File(_) = file(path) {
            return Ok(found);
        }
        if !path.is_dir() {
            return Ok(Resolved::Missing);
        }
        match self.package(path)? {
            Some(package) => self.main(path, &package, require),
            None => Ok(index(path)),
        }
    }

    /// What `main` names: a file or a folder with an index.
    fn path_of_file(&mut self, path: &Path) -> Result<Resolved, Error> {
        Ok(match file(path) {
            Resolved::Missing => index(path),
            found => found,
        })
    }

    /// What `exports` names has its ending already.
    fn exact(&mut self, path: &Path) -> Result<Resolved, Error> {
        Ok(if path.is_file() { real(path) } else { file(path) })
    }

    /// A package may leave out or replace single files where there is no Node.
    fn unless_left_out(&mut self, found: Resolved) -> Result<Resolved, Error> {
        let Resolved::File(path) = &found else { return Ok(found) };
        let Some((root, package)) = self.around(path.parent().unwrap_or(path))? else { return Ok(found) };
        let Some(Value::Object(entries)) = &package.browser else { return Ok(found) };
        for (name, value) in entries {
            if !name.starts_with("./") || file(&inside(&root, name)) != found {
                continue;
            }
            return Ok(match value {
                Value::Text(target) => file(&inside(&root, target)),
                _ => Resolved::Empty,
            });
        }
        Ok(found)
    }

    /// The package that a folder belongs to.
    pub(crate) fn around(&mut self, folder: &Path) -> Result<Option<(PathBuf, Rc<Package>)>, Error> {
        for ancestor in folder.ancestors() {
            if ancestor.ends_with("node_modules") {
                return Ok(None);
            }
            if let Some(package) = self.package(ancestor)? {
                return Ok(Some((ancestor.to_owned(), package)));
            }
        }
        Ok(None)
    }

    fn package(&mut self, folder: &Path) -> Result<Option<Rc<Package>>, Error> {
        if let Some(known) = self.packages.get(folder) {
            return Ok(known.clone());
        }
        let package = Package::read(folder)?.map(Rc::new);
        self.packages.insert(folder.to_owned(), package.clone());
        Ok(package)
    }
}

/// Node's conditions for other hosts than itself: what browsers get needs nothing of Node.
fn conditions(require: bool) -> &'static [&'static str] {
    if require {
        &["plugwright", "require", "browser", "default"]
    } else {
        &["plugwright", "import", "module", "browser", "default"]
    }
}

/// The name of a package, and what of it: `.` or a path that begins with `./`.
fn split(specifier: &str) -> (&str, String) {
    let names = if specifier.starts_with('@') { 2 } else { 1 };
    match specifier.match_indices('/').nth(names - 1) {
        Some((at, _)) => (&specifier[..at], format!(".{}", &specifier[at..])),
        None => (specifier, ".".to_owned()),
    }
}

/// A path that a package gives, without leaving the package.
fn inside(root: &Path, path: &str) -> PathBuf {
    let mut joined = root.to_owned();
    joined.extend(Path::new(path).components().filter(|part| matches!(part, Component::Normal(_))));
    joined
}

/// A file of this name, or with an ending.
pub(crate) fn file(path: &Path) -> Resolved {
    if path.is_file() {
        return real(path);
    }
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Resolved::Missing };
    if let Some((stem, ending)) = name.rsplit_once('.') {
        for (compiled, sources) in COMPILED {
            if ending != compiled {
                continue;
            }
            for source in sources {
                let candidate = path.with_file_name(format!("{stem}.{source}"));
                if candidate.is_file() {
                    return real(&candidate);
                }
            }
        }
    }
    for ending in ENDINGS {
        let candidate = path.with_file_name(format!("{name}.{ending}"));
        if candidate.is_file() {
            return real(&candidate);
        }
    }
    Resolved::Missing
}

fn index(folder: &Path) -> Resolved {
    file(&folder.join("index"))
}

/// A file by its one true path, since package managers link to files from many places.
fn real(path: &Path) -> Resolved {
    fs::canonicalize(path).map_or(Resolved::Missing, Resolved::File)
}

#[cfg(test)]
mod tests;
