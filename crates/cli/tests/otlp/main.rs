//! `plugwright serve --otlp`, with a collector of traces. A program of its own, since only builds with that feature have the flag.

#[cfg(all(test, unix))]
#[path = "../suite/http.rs"]
mod http;
#[cfg(all(test, unix))]
mod traces;
