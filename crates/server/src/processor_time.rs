//! How long a thread has computed, without the time for which it waited for a processor.

use std::time::Duration;

/// The processor time of the calling thread so far.
#[cfg(target_os = "linux")]
pub(crate) fn of_thread() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    // The system's numbers are never negative.
    Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
}

/// Here, the time since it was first asked for: waiting counts as well.
#[cfg(not(target_os = "linux"))]
pub(crate) fn of_thread() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;

    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::of_thread;

    #[test]
    fn computing_counts() {
        let start = of_thread();
        while of_thread() < start + Duration::from_millis(1) {
            std::hint::black_box(());
        }
    }
}
