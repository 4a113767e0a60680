/// Why a module was not rewritten.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not a valid WebAssembly module, whichever proposals are enabled.
    #[error("not a valid WebAssembly module: {message} (at byte {offset})")]
    Invalid {
        /// Where in the module, in bytes from its start.
        offset: usize,
        /// What is wrong there.
        message: String,
    },
    /// The bytes are a component.
    #[error(
        "this is a WebAssembly component, but plug-ins are core modules: build the plug-in for wasm32-wasip1"
    )]
    Component,
    /// The module is, or would become, larger than what is rewritten.
    #[error("too large to be rewritten: {size} {what}, but at most {max} are possible")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much.
        size: usize,
        /// The limit.
        max: usize,
    },
    /// The module exports a name that the rewrite needs.
    #[error(
        "the module exports `{name}`, but names that start with `{}` belong to the host: rename the export",
        crate::NAMESPACE
    )]
    ReservedExport {
        /// The export's name.
        name: String,
    },
    /// The module is at a limit of WebAssembly engines already, so that nothing can be added to it.
    #[error("the module leaves no room for the kernel memory, as it is at a limit of engines: {message}")]
    NoRoom {
        /// Which limit.
        message: String,
    },
    /// Bytes that [`OffsetMap::to_bytes`](crate::OffsetMap::to_bytes) did not make.
    #[error("not a map of offsets, or of another version: rewrite the module again")]
    OffsetMap,
}

impl From<wasmparser::Error> for Error {
    fn from(error: wasmparser::Error) -> Self {
        Self::Invalid { offset: error.offset(), message: error.message().to_owned() }
    }
}
