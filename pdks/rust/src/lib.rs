//! Skeleton.
#![no_std]
#![allow(missing_docs)]
extern crate alloc;
#[doc(hidden)]
pub mod sys;
