//! Which messages are wanted.

use tracing::level_filters::LevelFilter;

use crate::error::Failure;

/// What is logged if nothing else was said.
pub(super) const DEFAULT: LevelFilter = LevelFilter::ERROR;

/// The names by which a list may speak of plug-ins' messages, the most exact last.
const NAMES: [&str; 4] = ["extism", "plugwright", "extism::pdk", "plugwright::guest"];

/// The level that a text asks for: one level, or a list of levels and `target=level`.
///
/// # Errors
///
/// When something in it is not a level.
pub(super) fn parse(text: &str) -> Result<LevelFilter, Failure> {
    // How exact what has been found is, and the level.
    let mut best = (0, LevelFilter::OFF);
    for part in text.split(',').map(str::trim) {
        let (rank, name) = match part.split_once('=') {
            Some((target, name)) => (NAMES.iter().position(|known| *known == target).map(|at| at + 1), name),
            None => (Some(0), part),
        };
        let level = level(name, text)?;
        if let Some(rank) = rank
            && rank >= best.0
        {
            best = (rank, level);
        }
    }
    Ok(best.1)
}

fn level(name: &str, whole: &str) -> Result<LevelFilter, Failure> {
    let levels = [
        ("trace", LevelFilter::TRACE),
        ("debug", LevelFilter::DEBUG),
        ("info", LevelFilter::INFO),
        ("warn", LevelFilter::WARN),
        ("error", LevelFilter::ERROR),
        ("off", LevelFilter::OFF),
    ];
    let found = levels.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, level)| *level).ok_or_else(|| {
        let text =
            format!("`{name}` in `{whole}` is not a log level; use trace, debug, info, warn, error or off");
        Failure::argument(text)
    })
}

#[cfg(test)]
mod tests {
    use tracing::level_filters::LevelFilter;

    use super::parse;

    #[test]
    fn levels_and_lists_are_understood() {
        for (text, level) in [
            ("trace", LevelFilter::TRACE),
            ("Info", LevelFilter::INFO),
            ("off", LevelFilter::OFF),
            ("extism=warn", LevelFilter::WARN),
            ("extism=trace,cranelift=trace", LevelFilter::TRACE),
            ("extism::pdk=debug, extism=error", LevelFilter::DEBUG),
            ("extism=error,info", LevelFilter::ERROR),
            ("warn,wasmtime=trace", LevelFilter::WARN),
            ("cranelift=debug", LevelFilter::OFF),
        ] {
            assert_eq!(parse(text).unwrap(), level, "{text}");
        }
    }

    #[test]
    fn what_is_no_level_is_refused() {
        for text in ["", "loud", "extism=loud", "info,", "4"] {
            let failure = parse(text).unwrap_err();
            assert!(failure.text().to_str().unwrap().contains("is not a log level"), "{text}");
        }
    }
}
