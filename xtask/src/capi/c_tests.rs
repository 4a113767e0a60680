//! The tests of the C library that are programs in C: each is built as C and as C++, and runs under AddressSanitizer and the
//! sanitizer of undefined behaviour.

mod guide;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};

use super::compiler::Language;
use super::header;
use super::install::install_library;
use super::library::{Library, VERSION, archive_name, system_libraries};
use crate::{process, repository};

/// What no test needs, even on a machine that does much else.
const LIMIT: Duration = Duration::from_secs(120);

/// The sanitizers leave the guests' traps to the library, and their memory to the engine.
const SANITIZERS: [(&str, &str); 2] = [
    ("ASAN_OPTIONS", "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:abort_on_error=0"),
    ("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1"),
];

/// Where tests are built, and against what.
pub(super) struct Bench {
    /// The prefix that the library is installed in.
    prefix: PathBuf,
    work: PathBuf,
}

/// Builds and runs the tests in C, and the programs of the user guide.
///
/// # Errors
/// When something does not compile, or a test fails.
pub(crate) fn check() -> Result<()> {
    let bench = Bench::set_up()?;
    let start = Instant::now();
    let tests = sources(&header::folder().join("tests/c"))?;
    check_names(&tests)?;
    thread::scope(|scope| {
        let languages = Language::ALL.map(|language| {
            let (bench, tests) = (&bench, &tests);
            scope.spawn(move || bench.check_all(language, tests))
        });
        let mut results = languages.into_iter().map(|language| language.join());
        results.try_for_each(|result| result.map_err(|_| anyhow!("a thread of tests panicked"))?)
    })?;
    bench.check_static(&header::folder().join("tests/c/call.c"))?;
    guide::check(&bench)?;
    println!(
        "{} tests in C, each as C and as C++, one linked statically: {:.1} s",
        tests.len(),
        start.elapsed().as_secs_f32()
    );
    Ok(())
}

impl Bench {
    fn set_up() -> Result<Self> {
        let work = repository::target().join("capi");
        if work.exists() {
            fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))?;
        }
        let prefix = work.join("prefix");
        install_library(&Library::dev()?, &prefix, true)?;
        Ok(Self { prefix, work })
    }

    /// Checks the headers alone, then all tests.
    fn check_all(&self, language: Language, tests: &[PathBuf]) -> Result<()> {
        for name in ["plugwright.h", "extism.h"] {
            let mut check = language.compiler();
            // A program that is nothing but the header; a header itself may not be compiled.
            let program = self.work.join(format!("{name}.{}", language.name()));
            fs::write(&program, format!("#include <{name}>\nint main(void) {{ return 0; }}\n"))?;
            check.arg("-fsyntax-only").arg("-I").arg(self.prefix.join("include")).arg(program);
            process::run(&mut check).with_context(|| format!("{name} as {}", language.name()))?;
        }
        for test in tests {
            let name = test.file_stem().unwrap_or_default().display();
            self.check_one(language, test).with_context(|| format!("test {name} as {}", language.name()))?;
        }
        Ok(())
    }

    fn check_one(&self, language: Language, test: &Path) -> Result<()> {
        let name = test.file_stem().unwrap_or_default().display();
        // Each has a folder of its own to write to.
        let scratch = self.work.join(format!("{name}-{}", language.name()));
        fs::create_dir_all(&scratch)?;
        let program = scratch.join("test");
        let mut compile = self.compiler(language, &scratch);
        compile.args(["-fsanitize=address,undefined", "-fno-omit-frame-pointer"]).arg(test);
        compile.arg("-o").arg(&program);
        self.link_shared(&mut compile);
        process::run(&mut compile)?;
        self.run(&program)
    }

    /// Builds a test with the static library, without sanitizers, as a program would be.
    fn check_static(&self, test: &Path) -> Result<()> {
        let scratch = self.work.join("static");
        fs::create_dir_all(&scratch)?;
        let program = scratch.join("test");
        let mut compile = self.compiler(Language::C, &scratch);
        compile.arg(test).args(["-x", "none"]).arg(self.prefix.join("lib").join(archive_name("plugwright")));
        compile.args(system_libraries().split(' ')).arg("-o").arg(&program);
        process::run(&mut compile).context("linking statically")?;
        self.run(&program).context("a test that is linked statically")
    }

    /// The compiler, with what the tests ask for.
    fn compiler(&self, language: Language, scratch: &Path) -> Command {
        let mut compiler = language.compiler();
        compiler.arg("-I").arg(self.prefix.join("include"));
        compiler.arg(format!("-DVERSION=\"{VERSION}\""));
        compiler.arg(format!("-DGUESTS=\"{}\"", repository::guests().join("wat").display()));
        compiler.arg(format!("-DSCRATCH=\"{}\"", scratch.display()));
        compiler
    }

    /// Links the installed shared library, which the program finds there when it runs.
    fn link_shared(&self, compiler: &mut Command) {
        let lib = self.prefix.join("lib");
        compiler.args(["-x", "none"]).arg("-L").arg(&lib).args(["-lplugwright", "-lpthread"]);
        compiler.arg(format!("-Wl,-rpath,{}", lib.display()));
    }

    fn run(&self, program: &Path) -> Result<()> {
        process::run_within(LIMIT, Command::new(program).envs(SANITIZERS).stdout(std::process::Stdio::null()))
    }
}

/// The programs in a folder, in order.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "c") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Each concept of the library has a test of its name.
fn check_names(tests: &[PathBuf]) -> Result<()> {
    for entry in fs::read_dir(header::folder().join("src"))? {
        let path = entry?.path();
        let Some(name) = path.file_stem().filter(|_| path.is_file()) else { continue };
        if name == "lib" || name == "tests" {
            continue;
        }
        ensure!(
            tests.iter().any(|test| test.file_stem() == Some(name)),
            "{} has no test in C",
            path.display()
        );
    }
    Ok(())
}
