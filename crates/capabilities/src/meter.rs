//! Counting what plug-ins ask for, against their limits.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::{Code, Failure, Limits};

/// What is left of the rates of a grant. It is full at first, fills up again within a second, and never holds more than a second's worth.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Limits,
    left: Mutex<Left>,
}

#[derive(Debug)]
struct Left {
    operations: f64,
    bytes: f64,
    at: Instant,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Self {
        let left = Left {
            operations: limits.operations_per_second as f64,
            bytes: limits.bytes_per_second as f64,
            at: Instant::now(),
        };
        Self { limits, left: Mutex::new(left) }
    }

    /// Takes one operation that brings so many bytes.
    ///
    /// # Errors
    ///
    /// `RateLimited` when there is not as much left. Nothing is taken then.
    pub(crate) fn take(&self, bytes: usize) -> Result<(), Failure> {
        self.take_at(Instant::now(), 1, bytes)
    }

    /// Takes bytes that a reply has. They have been read already, so they may come off the next second's.
    pub(crate) fn take_reply(&self, bytes: usize) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.bytes -= bytes as f64;
    }

    fn take_at(&self, now: Instant, operations: u64, bytes: usize) -> Result<(), Failure> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = now.saturating_duration_since(left.at).as_secs_f64();
        left.at = left.at.max(now);
        let refilled = |left: f64, rate: u64| (left + seconds * rate as f64).min(rate as f64);
        left.operations = refilled(left.operations, self.limits.operations_per_second);
        left.bytes = refilled(left.bytes, self.limits.bytes_per_second);
        if left.operations < operations as f64 {
            let most = self.limits.operations_per_second;
            let message =
                format!("the plug-in may do {most} operations in a second (limit `operations_per_second`)");
            return Err(Failure::new(Code::RateLimited, message));
        }
        if left.bytes < bytes as f64 {
            let most = self.limits.bytes_per_second;
            let message = format!("the plug-in may move {most} bytes in a second (limit `bytes_per_second`)");
            return Err(Failure::new(Code::RateLimited, message));
        }
        left.operations -= operations as f64;
        left.bytes -= bytes as f64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Meter;
    use crate::{Code, Limits};

    #[test]
    fn operations_are_refused_until_time_has_passed() {
        let limits = Limits { operations_per_second: 2, ..Limits::default() };
        let meter = Meter::new(limits);
        let start = Instant::now();
        assert_eq!(meter.take_at(start, 1, 0), Ok(()));
        assert_eq!(meter.take_at(start, 1, 0), Ok(()));
        let refused = meter.take_at(start, 1, 0).expect_err("the third in no time");
        assert_eq!(refused.code, Code::RateLimited);
        assert!(refused.message.contains("2 operations in a second"), "{refused}");
        let later = start + Duration::from_millis(600);
        assert_eq!(meter.take_at(later, 1, 0), Ok(()), "half a second is worth one");
        assert!(meter.take_at(later, 1, 0).is_err());
    }

    #[test]
    fn bytes_of_a_reply_count_against_what_comes_next() {
        let meter = Meter::new(Limits { bytes_per_second: 100, ..Limits::default() });
        let start = Instant::now();
        assert_eq!(meter.take_at(start, 1, 60), Ok(()));
        meter.take_reply(80);
        let refused = meter.take_at(start, 1, 1).expect_err("140 of 100 bytes are gone");
        assert!(refused.message.contains("100 bytes"), "{refused}");
        assert_eq!(meter.take_at(start + Duration::from_secs(2), 1, 100), Ok(()));
    }
}
