//! Projects made by `plugwright new`: each is built, tested and called as its README says.

mod kits;

pub(crate) use kits::write as write_kits;
