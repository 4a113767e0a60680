//! The two WebAssembly modules that this crate carries: the reader of sources, and the engine of plug-ins.
//!
//! Both are built from their sources in this repository, by `cargo xtask js-front` and `cargo xtask js-engine`, and checked to be what
//! their sources give.

use wasmparser::{Parser, Payload};

use crate::error::Error;
use crate::request::Prelude;
use crate::surgery::damaged;

const FRONT: &[u8] = include_bytes!("../shipped/front.wasm");
const ENGINE: &[u8] = include_bytes!("../shipped/engine.wasm");

/// What the names of sections with parts of the prelude begin with.
const PRELUDE: &str = "plugwright.prelude/";

/// The reader of sources.
pub(crate) fn front() -> &'static [u8] {
    FRONT
}

/// The engine.
pub(crate) fn engine() -> &'static [u8] {
    ENGINE
}

/// The JavaScript that comes before the author's, in order.
pub(crate) fn prelude() -> Result<Vec<Prelude<'static>>, Error> {
    let mut parts = Vec::new();
    for payload in Parser::new(0).parse_all(ENGINE) {
        if let Payload::CustomSection(section) = payload.map_err(damaged)?
            && let Some(name) = section.name().strip_prefix(PRELUDE)
        {
            let source = std::str::from_utf8(section.data()).map_err(damaged)?;
            parts.push(Prelude { name, source });
        }
    }
    Ok(parts)
}
