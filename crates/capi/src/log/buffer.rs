//! Lines that wait to be drained, of which only so many are kept.

use std::collections::VecDeque;
use std::ffi::CString;
use std::mem;

use super::line;
use crate::error::c_string;

/// How many bytes of lines are kept by default.
const DEFAULT_LIMIT: usize = 4 << 20;

/// The newest lines, as many as fit.
pub(super) struct Buffer {
    lines: VecDeque<CString>,
    bytes: usize,
    limit: usize,
    dropped: u64,
}

impl Buffer {
    pub(super) const fn new() -> Self {
        Self { lines: VecDeque::new(), bytes: 0, limit: DEFAULT_LIMIT, dropped: 0 }
    }

    pub(super) fn push(&mut self, line: &str) {
        let line = c_string(line);
        self.bytes += line.count_bytes();
        self.lines.push_back(line);
        self.shrink();
    }

    pub(super) fn set_limit(&mut self, bytes: usize) {
        self.limit = bytes;
        self.shrink();
    }

    /// The lines, with one in front that says what was dropped, if something was.
    pub(super) fn take(&mut self) -> impl Iterator<Item = CString> + use<> {
        let dropped = mem::take(&mut self.dropped);
        self.bytes = 0;
        let notice = (dropped > 0).then(|| {
            let message = format!("dropped {dropped} lines: the buffer was full");
            c_string(&line::format(tracing::Level::WARN, "plugwright::log", &message, &[]))
        });
        notice.into_iter().chain(mem::take(&mut self.lines))
    }

    fn shrink(&mut self) {
        while self.bytes > self.limit
            && let Some(line) = self.lines.pop_front()
        {
            self.bytes -= line.count_bytes();
            self.dropped += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Buffer;

    fn lines(buffer: &mut Buffer) -> Vec<String> {
        buffer.take().map(|line| line.into_string().unwrap()).collect()
    }

    #[test]
    fn lines_come_out_once_and_in_order() {
        let mut buffer = Buffer::new();
        buffer.push("one\n");
        buffer.push("t\0o\n");
        assert_eq!(lines(&mut buffer), ["one\n", "t\u{fffd}o\n"]);
        assert!(lines(&mut buffer).is_empty());
    }

    #[test]
    fn the_oldest_lines_are_dropped_and_counted() {
        let mut buffer = Buffer::new();
        buffer.set_limit(10);
        for line in ["1234\n", "5678\n", "90\n", "ab\n"] {
            buffer.push(line);
        }
        let kept = lines(&mut buffer);
        assert!(
            kept[0].ends_with(" WARN plugwright::log: dropped 2 lines: the buffer was full\n"),
            "{kept:?}"
        );
        assert_eq!(kept[1..], ["90\n", "ab\n"]);
        // Counted once, and the room is there again.
        buffer.push("123456789\n");
        assert_eq!(lines(&mut buffer), ["123456789\n"]);
    }

    #[test]
    fn a_lower_limit_holds_at_once() {
        let mut buffer = Buffer::new();
        buffer.push("1234\n");
        buffer.set_limit(4);
        assert_eq!(lines(&mut buffer).len(), 1, "the notice alone");
    }
}
