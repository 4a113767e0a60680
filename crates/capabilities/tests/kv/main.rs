//! Key-value stores, through plug-ins: the same tests for each backend.

mod backend;
mod configured;
mod connections;
mod disks;
mod faults;
mod hostile;
mod limits;
mod operations;
mod store;

/// A module of tests for each backend, which call functions with a [`backend::Backend`].
macro_rules! for_each_backend {
    ($($test:ident),* $(,)?) => {
        mod memory {
            $(#[test]
            fn $test() {
                super::$test(&crate::backend::Backend::memory());
            })*
        }
        mod redb {
            $(#[test]
            fn $test() {
                super::$test(&crate::backend::Backend::redb());
            })*
        }
        mod redis {
            $(#[test]
            fn $test() {
                super::$test(&crate::backend::Backend::redis());
            })*
        }
        mod redis_awaited {
            $(#[test]
            fn $test() {
                crate::store::awaiting(|| super::$test(&crate::backend::Backend::redis()));
            })*
        }
    };
}
use for_each_backend;
