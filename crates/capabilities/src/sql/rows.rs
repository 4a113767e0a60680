//! The reply with the rows of a query.

use super::Answer;
use super::value::{Cell, write_text};
use crate::{Code, Failure, reply};

/// A reply that grows by a row at a time, and never beyond its limit.
#[derive(Debug)]
pub(super) struct Rows {
    out: Vec<u8>,
    limit: usize,
    rows: usize,
}

impl Rows {
    /// A reply without rows yet, of at most so many bytes.
    pub(super) fn new<'a>(columns: impl Iterator<Item = &'a str>, limit: u64) -> Self {
        let mut out = reply::done();
        out.extend(b"{\"columns\":[");
        for (index, column) in columns.enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_text(column, &mut out);
        }
        out.extend(b"],\"rows\":[");
        Self { out, limit: usize::try_from(limit).unwrap_or(usize::MAX), rows: 0 }
    }

    /// Begins the next row.
    pub(super) fn begin(&mut self) {
        self.out.extend(if self.rows == 0 { &b"["[..] } else { b",[" });
        self.rows += 1;
    }

    /// Appends a value to the row.
    ///
    /// # Errors
    ///
    /// `TooLarge` when the reply is.
    pub(super) fn cell(&mut self, cell: &Cell<'_>) -> Answer<()> {
        self.check(cell.least_len())?;
        if self.out.last() != Some(&b'[') {
            self.out.push(b',');
        }
        cell.write(&mut self.out);
        Ok(())
    }

    /// Ends the row.
    ///
    /// # Errors
    ///
    /// `TooLarge` when the reply is.
    pub(super) fn end(&mut self) -> Answer<()> {
        self.out.push(b']');
        self.check(2)
    }

    fn check(&self, more: usize) -> Answer<()> {
        if self.out.len().saturating_add(more) > self.limit {
            let message = format!(
                "the result has more than {} bytes at row {} (limit `max_value_bytes`): select less, or by `limit`",
                self.limit, self.rows
            );
            return Err(Failure::new(Code::TooLarge, message));
        }
        Ok(())
    }

    /// The whole reply.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.out.extend(b"]}");
        self.out
    }
}

/// The reply to a statement that was executed.
pub(super) fn affected(rows: u64) -> Vec<u8> {
    reply::ok(format!("{{\"rows_affected\":{rows}}}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::Rows;
    use crate::Code;
    use crate::sql::value::Cell;

    #[test]
    fn rows_become_json() {
        let mut rows = Rows::new(["a", "b\""].into_iter(), 1000);
        for number in 1..=2 {
            rows.begin();
            rows.cell(&Cell::Int(number)).expect("small");
            rows.cell(&Cell::Null).expect("small");
            rows.end().expect("small");
        }
        let expected = b"\0{\"columns\":[\"a\",\"b\\\"\"],\"rows\":[[1,null],[2,null]]}";
        assert_eq!(rows.finish(), expected);
        let nothing = Rows::new([].into_iter(), 1000).finish();
        assert_eq!(nothing, b"\0{\"columns\":[],\"rows\":[]}");
    }

    #[test]
    fn a_value_that_is_too_large_is_not_written() {
        let mut rows = Rows::new(["a"].into_iter(), 100);
        rows.begin();
        let failure = rows.cell(&Cell::Text(&"x".repeat(200))).expect_err("too large");
        assert_eq!(failure.code, Code::TooLarge);
        assert!(failure.message.contains("row 1"), "{failure}");
        let mut endless = Rows::new([].into_iter(), 100);
        let failure = (0..1000).find_map(|_| {
            endless.begin();
            endless.end().err()
        });
        assert!(failure.is_some(), "rows without columns count as well");
    }
}
