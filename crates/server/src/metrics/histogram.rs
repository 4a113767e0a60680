//! How long calls took, in buckets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The buckets' upper bounds in microseconds; there is one more without a bound.
pub(crate) const BOUNDS_US: [u64; 16] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 10_000_000,
];

/// A histogram of times. Writing to it takes no lock.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    buckets: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

/// What a histogram has counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// By bucket, each on its own.
    pub(crate) buckets: Vec<u64>,
    pub(crate) sum_us: u64,
}

impl Histogram {
    pub(crate) fn observe(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_US.partition_point(|bound| *bound < micros);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(micros, Ordering::Relaxed);
    }

    pub(crate) fn counted(&self) -> Counted {
        Counted {
            buckets: self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect(),
            sum_us: self.sum_us.load(Ordering::Relaxed),
        }
    }
}

impl Counted {
    pub(crate) fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_the_bucket_that_it_does_not_exceed() {
        let histogram = Histogram::default();
        for micros in [0, 50, 51, 10_000_000, 10_000_001] {
            histogram.observe(Duration::from_micros(micros));
        }
        let counted = histogram.counted();
        assert_eq!(
            (counted.buckets[0], counted.buckets[1], counted.buckets[15], counted.buckets[16]),
            (2, 1, 1, 1)
        );
        assert_eq!((counted.count(), counted.sum_us), (5, 20_000_102));
    }
}
