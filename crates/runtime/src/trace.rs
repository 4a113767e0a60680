//! Spans for whoever traces calls: one for each call of a host function, in the span that is current where the plug-in is called.
//!
//! They are spans of `tracing` at level DEBUG. Nothing is made while nobody subscribes to them.

use std::future::Future;

use tracing::Instrument;

/// The target of the spans.
pub(crate) const TARGET: &str = "plugwright::host_function";

/// The span of a host function's call.
#[cold]
pub(crate) fn span(name: &str) -> tracing::Span {
    tracing::debug_span!(target: TARGET, "host_function", otel.name = name, otel.kind = "client", host_function = name)
}

/// Runs a host function's future in its span.
pub(crate) async fn host_function<F: Future>(name: &str, future: F) -> F::Output {
    if tracing::enabled!(target: TARGET, tracing::Level::DEBUG) {
        return future.instrument(span(name)).await;
    }
    future.await
}
