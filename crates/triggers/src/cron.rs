//! Times of a schedule.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use jiff::Zoned;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::config::{CronConfig, InvalidTrigger, Overlap, TriggerConfig};
use crate::message::Message;
use crate::runner::{Ended, Place, Runner};

/// The longest sleep at once: clocks are set, and machines sleep.
const NAP: Duration = Duration::from_secs(30);

/// A schedule with the zone whose clock it is about.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    cron: Cron,
    zone: TimeZone,
}

#[derive(Serialize)]
struct Due<'a> {
    trigger: &'a str,
    scheduled: &'a str,
}

impl Schedule {
    /// Reads a schedule.
    ///
    /// # Errors
    ///
    /// When it is not valid, never comes, or the zone is not known.
    pub(crate) fn of(trigger: &TriggerConfig, config: &CronConfig) -> Result<Self, InvalidTrigger> {
        let parser = CronParser::builder().seconds(Seconds::Optional).build();
        let cron = parser.parse(&config.schedule).map_err(|error| {
            let shown = &config.schedule;
            trigger.error("cron.schedule", format!("`{shown}` is not a schedule: {error}; write minute, hour, day, month and weekday, such as `*/5 * * * *`"))
        })?;
        let zone = if config.zone == "UTC" {
            TimeZone::UTC
        } else {
            TimeZone::get(&config.zone).map_err(|_| {
                trigger.error(
                    "cron.zone",
                    format!("`{}` is not a known zone; write it as `Europe/Berlin`, or `UTC`", config.zone),
                )
            })?
        };
        let schedule = Self { cron, zone };
        if schedule.after(&schedule.now()).is_none() {
            return Err(trigger.error("cron.schedule", format!("`{}` never comes", config.schedule)));
        }
        Ok(schedule)
    }

    fn now(&self) -> Zoned {
        Zoned::now().with_time_zone(self.zone.clone())
    }

    /// The first time after this one.
    fn after(&self, time: &Zoned) -> Option<Zoned> {
        self.cron.find_next_occurrence(time, false).ok()
    }
}

pub(crate) async fn run(runner: Runner, config: CronConfig, schedule: Schedule) {
    runner.connected();
    let mut last = schedule.now();
    while let Some(due) = schedule.after(&last) {
        if !sleep_until(&runner, &schedule, &due).await {
            break;
        }
        start(&runner, &config, &due);
        // Times that have passed meanwhile are not made up for.
        last = schedule.now().max(due);
    }
    runner.drained().await;
    runner.unconnected();
}

/// Whether the time has come; else the trigger stops.
async fn sleep_until(runner: &Runner, schedule: &Schedule, due: &Zoned) -> bool {
    loop {
        let left = schedule.now().duration_until(due);
        let Ok(left) = Duration::try_from(left) else { return true };
        if left.is_zero() {
            return true;
        }
        tokio::select! {
            () = runner.stopped() => return false,
            () = tokio::time::sleep(left.min(NAP)) => {}
        }
    }
}

fn start(runner: &Runner, config: &CronConfig, due: &Zoned) {
    let Some(place) = place(runner, config.overlap) else {
        runner.metrics.skipped();
        return tracing::warn!(trigger = runner.name(), "left out, since the last call still runs");
    };
    let scheduled = due.timestamp().to_string();
    let payload = config.input.clone().unwrap_or_else(|| {
        // Two texts always become JSON.
        serde_json::to_string(&Due { trigger: runner.name(), scheduled: &scheduled }).unwrap_or_default()
    });
    let message = Message { subject: scheduled, headers: BTreeMap::new(), payload: Bytes::from(payload) };
    let owner = runner.clone();
    runner.spawn(async move {
        let _in_flight = owner.metrics.received();
        match owner.call(&message).await {
            Ended::Succeeded(_) => owner.metrics.succeeded(),
            Ended::Failed(exhausted) => {
                owner.drop_message(&message, &exhausted, "times have no dead letters")
            }
            Ended::Stopped(exhausted) => owner.drop_message(&message, &exhausted, "the trigger stops"),
        }
        drop(place);
    });
}

/// The places that a call takes: all of them where no other may run beside it.
fn place(runner: &Runner, overlap: Overlap) -> Option<Vec<Place>> {
    let mut places = Vec::new();
    let wanted = match overlap {
        Overlap::Skip => runner.config.concurrency,
        Overlap::Allow => 1,
    };
    for _ in 0..wanted {
        places.push(runner.place_now()?);
    }
    Some(places)
}

#[cfg(test)]
mod tests {
    use jiff::Zoned;

    use super::Schedule;
    use crate::config::{CronConfig, TriggerConfig};

    fn schedule(text: &str, zone: &str) -> Result<Schedule, String> {
        let config = CronConfig { zone: zone.to_owned(), ..CronConfig::new(text) };
        Schedule::of(&TriggerConfig::new("t", "p", "f"), &config).map_err(|error| error.to_string())
    }

    fn times(text: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let schedule = schedule(text, zone).expect("a schedule");
        let mut time: Zoned = from.parse().expect("a time");
        let next = || {
            time = schedule.after(&time)?;
            Some(time.timestamp().to_string())
        };
        std::iter::from_fn(next).take(count).collect()
    }

    #[test]
    fn schedules_go_by_the_clock_of_their_zone() {
        let from = "2026-03-28T12:00:00+01:00[Europe/Berlin]";
        // At the end of March the clock there is put forward by an hour.
        let expected = ["2026-03-29T06:30:00Z", "2026-03-30T06:30:00Z"];
        assert_eq!(times("30 8 * * *", "Europe/Berlin", from, 2), expected);
        let expected = ["2026-03-28T12:00:10Z", "2026-03-28T12:00:20Z"];
        assert_eq!(times("*/10 * * * * *", "UTC", "2026-03-28T12:00:00+00:00[UTC]", 2), expected);
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for (text, zone) in [
            ("", "UTC"),
            ("61 * * * *", "UTC"),
            ("* * *", "UTC"),
            ("0 0 31 2 *", "UTC"),
            ("* * * * *", "Mars/North"),
        ] {
            assert!(schedule(text, zone).is_err(), "`{text}` in `{zone}` was taken");
        }
    }
}
