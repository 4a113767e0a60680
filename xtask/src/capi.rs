//! The C library: its header, its tests in C, its installation.

mod c_tests;
mod compiler;
mod header;
mod install;
mod library;

pub(crate) use c_tests::check as check_c_tests;
pub(crate) use header::{check as check_header, write as write_header};
pub(crate) use install::{Options as InstallOptions, install};
pub(crate) use library::{Library, PACKAGE};
