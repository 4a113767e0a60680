//! The C and C++ compilers of this machine.

use std::env;
use std::ffi::OsString;
use std::process::Command;

/// A language that the header must work in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    C,
    Cpp,
}

impl Language {
    pub(super) const ALL: [Self; 2] = [Self::C, Self::Cpp];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::C => "c",
            Self::Cpp => "c++",
        }
    }

    fn standard(self) -> &'static str {
        match self {
            Self::C => "-std=c99",
            Self::Cpp => "-std=c++17",
        }
    }

    /// The compiler: `$CC` and `$CXX`, else what the system calls so.
    fn program(self) -> OsString {
        let (variable, usual) = match self {
            Self::C => ("CC", "cc"),
            Self::Cpp => ("CXX", "c++"),
        };
        env::var_os(variable).unwrap_or_else(|| usual.into())
    }

    /// The compiler, which takes every source for one of this language and every warning for an error.
    pub(super) fn compiler(self) -> Command {
        let mut command = Command::new(self.program());
        // Threads and the like are not in the C standard.
        command.args([self.standard(), "-D_POSIX_C_SOURCE=200809L", "-x", self.name()]);
        command.args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-g", "-O1"]);
        command
    }
}
