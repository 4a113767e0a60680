//! The macros of `plugwright-pdk`.
