//! How long to wait before the next attempt.

use std::time::Duration;

/// The wait after so many failed attempts (1 is the first): twice as long each time, up to the most.
pub(crate) fn after(first: Duration, most: Duration, attempts: u64) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    let factor = 2u32.checked_pow(doublings).unwrap_or(u32::MAX);
    first.saturating_mul(factor).min(most)
}

/// Waits between attempts to connect.
#[derive(Debug)]
pub(crate) struct Reconnecting(u64);

impl Reconnecting {
    pub(crate) fn new() -> Self {
        Self(0)
    }

    /// It worked: the next wait is the first one again.
    pub(crate) fn reset(&mut self) {
        self.0 = 0;
    }

    pub(crate) async fn wait(&mut self) {
        self.0 += 1;
        tokio::time::sleep(after(Duration::from_millis(100), Duration::from_secs(5), self.0)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::after;

    #[test]
    fn waits_double_up_to_the_most() {
        let wait = |attempts| after(Duration::from_secs(1), Duration::from_secs(60), attempts).as_secs();
        assert_eq!([0, 1, 2, 3, 6, 7, 40, u64::MAX].map(wait), [1, 1, 2, 4, 32, 60, 60, 60]);
    }
}
