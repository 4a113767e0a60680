//! Finding the lines of a TOML text that an error is about.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// The line, from 1, of a field in the table `<tables>[index]`; of the nearest table around it when it has none.
pub(super) fn line_of(text: &str, tables: &[&str], index: Option<usize>, field: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut table = document.get_ref();
    let mut at = None;
    for key in tables {
        let Some((found, value)) = table.get_key_value(*key) else { break };
        at = Some(found.span().start);
        table = match value.get_ref() {
            DeValue::Table(inner) => inner,
            DeValue::Array(elements) => {
                let element = elements.get(index.unwrap_or_default())?;
                at = Some(element.span().start);
                let DeValue::Table(inner) = element.get_ref() else { break };
                inner
            }
            _ => break,
        };
    }
    // A field of a table in the table is written with a dot.
    for key in field.split('.').filter(|key| !key.is_empty()) {
        let Some((found, value)) = table.get_key_value(key) else { break };
        at = Some(found.span().start);
        let DeValue::Table(inner) = value.get_ref() else { break };
        table = inner;
    }
    at.map(|at| line(text, at))
}

/// The route, from 0, and the field that this part of the text is in.
pub(super) fn route_at(text: &str, span: &Range<usize>) -> Option<(usize, Option<String>)> {
    let document = DeTable::parse(text).ok()?;
    let DeValue::Table(serve) = document.get_ref().get("serve")?.get_ref() else { return None };
    let DeValue::Array(routes) = serve.get("routes")?.get_ref() else { return None };
    for (index, route) in routes.iter().enumerate() {
        let DeValue::Table(table) = route.get_ref() else { continue };
        for (key, value) in table {
            if key.span().contains(&span.start) || value.span().contains(&span.start) {
                return Some((index, Some(key.get_ref().to_string())));
            }
        }
        if route.span().contains(&span.start) {
            return Some((index, None));
        }
    }
    None
}

/// The line, from 1, of a place in the text.
pub(super) fn line(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].matches('\n').count() + 1
}
