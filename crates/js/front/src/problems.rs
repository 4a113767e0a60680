//! What the parser and the others complain about, in our form.

use oxc_diagnostics::OxcDiagnostic;
use oxc_span::Span;

use crate::protocol::Problem;

pub fn at(span: Span, message: impl Into<String>, help: impl Into<String>) -> Problem {
    Problem { message: message.into(), help: Some(help.into()), start: span.start, end: span.end }
}

/// Every diagnostic: what is a warning elsewhere (code that is left out) would be a surprise later.
pub fn of<'a>(diagnostics: impl IntoIterator<Item = &'a OxcDiagnostic>) -> Vec<Problem> {
    diagnostics.into_iter().map(problem).collect()
}

fn problem(diagnostic: &OxcDiagnostic) -> Problem {
    let label = diagnostic.labels.first();
    let span = label.map(|label| label.span()).unwrap_or_default();
    let detail = label.and_then(|label| label.label()).filter(|detail| !diagnostic.message.contains(*detail));
    let message = match detail {
        Some(detail) => format!("{}: {detail}", diagnostic.message),
        None => diagnostic.message.to_string(),
    };
    Problem { message, help: diagnostic.help.as_deref().map(str::to_owned), start: span.start, end: span.end }
}
