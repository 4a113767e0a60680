//! What [`lender`](super::lender) synchronises with. Its model (`tests/pool_model`) puts other types in the place of these.

pub(super) use std::sync::atomic::AtomicUsize;
pub(super) use std::sync::{Arc, Mutex, MutexGuard};
