//! A message as one line of the log.

use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tracing::Level;

const DAY: u64 = 24 * 60 * 60;

/// The line, as the public library writes it: time (UTC), level, target, message, fields.
pub(super) fn format(level: Level, target: &str, message: &str, fields: &[(&str, String)]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // A terminal must not obey a guest.
    let message = message.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "\u{fffd}");
    let mut line = format!("{} {:>5} {target}: {message}", timestamp(now), level.as_str());
    for (name, value) in fields {
        // Writing to a text cannot fail.
        let _written = write!(line, " {name}={value}");
    }
    line.push('\n');
    line
}

/// A time since the epoch as RFC 3339 has it, in microseconds.
fn timestamp(since_epoch: Duration) -> String {
    let (days, second) = (since_epoch.as_secs() / DAY, since_epoch.as_secs() % DAY);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let micros = since_epoch.subsec_micros();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Year, month and day, so many days after 1 January 1970.
fn date(mut days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    // Four centuries always have as many days.
    let mut year = 1970 + days / 146_097 * 400;
    days %= 146_097;
    loop {
        let length = if leap(year) { 366 } else { 365 };
        if days < length {
            break;
        }
        days -= length;
        year += 1;
    }
    let february = if leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tracing::Level;

    use super::{format, timestamp};

    #[test]
    fn times_are_right() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_399, "2000-02-28T23:59:59.000000Z"),
            (951_868_799, "2000-02-29T23:59:59.000000Z"),
            (951_868_800, "2000-03-01T00:00:00.000000Z"),
            (1_767_225_599, "2025-12-31T23:59:59.000000Z"),
            (1_795_271_199, "2026-11-21T14:26:39.000000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000000Z"),
            (16_725_225_600, "2500-01-01T00:00:00.000000Z"),
        ] {
            assert_eq!(timestamp(Duration::from_secs(seconds)), text, "{seconds}");
        }
        assert!(timestamp(Duration::from_nanos(1_234_567_890)).ends_with(":01.234567Z"));
    }

    #[test]
    fn lines_have_the_public_form() {
        let line = format(Level::INFO, "a::b", "text", &[("plugin", "\"x\"".into())]);
        let (time, rest) = line.split_at(27);
        assert!(time.starts_with("20") && time.ends_with('Z'), "{line}");
        assert_eq!(rest, "  INFO a::b: text plugin=\"x\"\n");
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        let line = format(Level::ERROR, "t", "a\u{1b}[2Jb\nc\td\0", &[]);
        assert!(line.ends_with("ERROR t: a\u{fffd}[2Jb\nc\td\u{fffd}\n"), "{line:?}");
    }
}
