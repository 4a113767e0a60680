//! Serves WebAssembly plug-ins over HTTP.
