//! What the command prints to standard error, taken apart.

use plugwright_conformance::{LogLevel, LogLine};

/// How a guest's message begins, by level.
const BEGINNINGS: [(&str, LogLevel); 5] = [
    ("TRACE plugwright::guest: ", LogLevel::Trace),
    ("DEBUG plugwright::guest: ", LogLevel::Debug),
    (" INFO plugwright::guest: ", LogLevel::Info),
    (" WARN plugwright::guest: ", LogLevel::Warn),
    ("ERROR plugwright::guest: ", LogLevel::Error),
];

/// Tells the guest's log messages, of one line or more, from everything else.
pub(crate) fn split(mut text: &str) -> (Vec<LogLine>, String) {
    let mut logs = Vec::new();
    let mut rest = String::new();
    while !text.is_empty() {
        if let Some((log, after)) = first_log(text) {
            logs.push(log);
            text = after;
        } else {
            let end = text.find('\n').map_or(text.len(), |at| at + 1);
            rest.push_str(&text[..end]);
            text = &text[end..];
        }
    }
    (logs, rest)
}

/// The message that the text begins with, if it does with one, and what follows it.
fn first_log(text: &str) -> Option<(LogLine, &str)> {
    let (text, level) =
        BEGINNINGS.iter().find_map(|(beginning, level)| Some((text.strip_prefix(beginning)?, *level)))?;
    let (message, after) = text.split_once("\" plugin_id=")?;
    let (message, _plugin) = message.rsplit_once(" plugin=\"")?;
    let (_id, after) = after.split_once('\n')?;
    Some((LogLine { level, message: message.to_owned() }, after))
}

#[cfg(test)]
mod tests {
    use plugwright_conformance::{LogLevel, LogLine};

    use super::split;

    #[test]
    fn messages_are_told_from_the_rest() {
        let text = " WARN plugwright::guest: one\ntwo plugin=\"p\" plugin_id=8da4\nto err\n\
                    ERROR plugwright::guest:  plugin=\"p\" plugin_id=8da4\n{}\n";
        let log = |level, message: &str| LogLine { level, message: message.to_owned() };
        let (logs, rest) = split(text);
        assert_eq!(logs, [log(LogLevel::Warn, "one\ntwo"), log(LogLevel::Error, "")]);
        assert_eq!(rest, "to err\n{}\n");
    }
}
