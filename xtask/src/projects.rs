//! Projects made by `plugwright new`: each is built, called and tested as its README says.

mod kits;
mod tools;

pub(crate) use kits::write as write_kits;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::{built, process};
use tools::Tools;

/// A language, as `plugwright new` knows it.
struct Language {
    key: &'static str,
    /// Fails when a source file is not in the form that the language's own tool gives it.
    format: &'static str,
}

const LANGUAGES: [Language; 7] = [
    Language { key: "rust", format: "cargo fmt --check" },
    Language { key: "go", format: "go vet ./... && test -z \"$(gofmt -l .)\"" },
    Language { key: "c", format: "true" },
    Language { key: "zig", format: "zig fmt --check build.zig plugin.zig" },
    Language { key: "assemblyscript", format: "true" },
    Language { key: "js", format: "true" },
    Language { key: "ts", format: "true" },
];

/// One project.
struct Project<'a> {
    tools: &'a Tools,
    language: &'a Language,
    with_host_fn: bool,
    folder: PathBuf,
}

/// Makes a project in each language, with a host function and without, and follows its README.
///
/// # Errors
/// When the kits are old, a toolchain cannot be installed, or one of a README's commands does not do what it should.
pub(crate) fn check() -> Result<()> {
    kits::check()?;
    built::build()?;
    let tools = Tools::set_up()?;
    // Always the same folder, so that cargo takes each run's projects for those of the last one, and replaces what it built.
    let work = tools::scratch().join("work");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))?;
    }
    fs::create_dir_all(&work)?;
    for language in &LANGUAGES {
        for with_host_fn in [false, true] {
            let start = Instant::now();
            let name = format!("{}-{}", language.key, if with_host_fn { "with-host-fn" } else { "plain" });
            let project = Project { tools: &tools, language, with_host_fn, folder: work.join(&name) };
            project.check(&work, &name).with_context(|| format!("project {name}"))?;
            println!("project {name}: {:.1} s", start.elapsed().as_secs_f32());
        }
    }
    Ok(())
}

impl Project<'_> {
    fn check(&self, work: &Path, name: &str) -> Result<()> {
        let flag = if self.with_host_fn { " --with-host-fn" } else { "" };
        self.sh(work, &format!("plugwright new {name} --quiet --lang {}{flag}", self.language.key))?;
        if self.language.key == "assemblyscript" {
            self.tools.install_packages(&self.folder)?;
        }
        self.sh(&self.folder, self.language.format).context("the sources are not formatted")?;

        let readme = fs::read_to_string(self.folder.join("README.md"))?;
        let [build, call, test] = *commands(&readme) else {
            bail!("the README has not three commands: {readme}")
        };
        let built = process::output(self.tools.building_shell(build)?.current_dir(&self.folder))?;
        let needs_host_function = built.contains("extism:host/user.kv_read");
        ensure!(
            built.contains("greet") && needs_host_function == self.with_host_fn,
            "`{build}` prints: {built}"
        );
        let greeting = process::output(self.tools.shell(call)?.current_dir(&self.folder))?;
        let expected = if self.with_host_fn { "Good day, Ada!" } else { "Hi, Ada!" };
        ensure!(greeting == expected, "`{call}` prints: {greeting}");
        // A test may build the plug-in itself.
        process::run(self.tools.building_shell(test)?.current_dir(&self.folder))?;
        if self.language.key == "c" { self.check_clang(call, expected) } else { Ok(()) }
    }

    /// Builds and calls the plug-in again, with the other compiler of C.
    fn check_clang(&self, call: &str, expected: &str) -> Result<()> {
        let config = self.folder.join("plugwright.toml");
        let text = fs::read_to_string(&config)?.replace("[build]\n", "[build]\ncompiler = \"clang\"\n");
        fs::write(&config, text)?;
        let build = "rm *.wasm && plugwright build --quiet";
        process::run(self.tools.clang_shell(build)?.current_dir(&self.folder)).context("with clang")?;
        let greeting = process::output(self.tools.shell(call)?.current_dir(&self.folder))?;
        ensure!(greeting == expected, "`{call}` prints with clang: {greeting}");
        Ok(())
    }

    fn sh(&self, folder: &Path, command: &str) -> Result<()> {
        process::run(self.tools.shell(command)?.current_dir(folder))
    }
}

/// The commands of a README's first code block.
fn commands(readme: &str) -> Vec<&str> {
    let block = readme.split("```").nth(1).unwrap_or_default();
    block.lines().skip(1).collect()
}

#[cfg(test)]
mod tests {
    use super::commands;

    #[test]
    fn commands_are_found() {
        assert_eq!(commands("# x\n\n```sh\na b\nc\n```\n\n```\nd\n```\n"), ["a b", "c"]);
        assert!(commands("# x\n").is_empty());
    }
}
