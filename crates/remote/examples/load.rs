//! Calls a function over NATS, so many calls at a time for so long, and says how many a second were made and how long they took.
//!
//! ```console
//! $ cargo run -p plugwright-remote --example load -- nats://127.0.0.1:4222 primes count 100000 4 10
//! ```

use std::error::Error;
use std::time::{Duration, Instant};

use plugwright_remote::{Nats, RemotePlugin};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [url, plugin, function, input, at_a_time, seconds] = &words[..] else {
        return Err("give URL PLUGIN FUNCTION INPUT CALLS-AT-A-TIME SECONDS".into());
    };
    let (at_a_time, time) = (at_a_time.parse::<usize>()?, Duration::try_from_secs_f64(seconds.parse()?)?);
    let plugin = Nats::connect(url).await?.plugin(plugin)?.wait(time);
    // What starts up, starts up now.
    plugin.call_async::<_, Vec<u8>>(function, input.as_str()).await?;
    let began = Instant::now();
    let callers = (0..at_a_time)
        .map(|_| tokio::spawn(calls(plugin.clone(), function.clone(), input.clone(), began + time)));
    let mut times = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        times.append(&mut caller.await??);
    }
    times.sort();
    let millis =
        |part: usize| times.get(times.len() * part / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!("{:.1} {:.2} {:.2}", times.len() as f64 / time.as_secs_f64(), millis(50), millis(99));
    Ok(())
}

/// Calls until then, one after the other, and gives how long each call took that had ended by then: how long the last ones wait while
/// others wait no more says nothing about how many a second are made.
async fn calls(
    plugin: RemotePlugin,
    function: String,
    input: String,
    until: Instant,
) -> plugwright::Result<Vec<Duration>> {
    let mut times = Vec::new();
    while Instant::now() < until {
        let began = Instant::now();
        plugin.call_async::<_, Vec<u8>>(&function, input.as_str()).await?;
        if Instant::now() < until {
            times.push(began.elapsed());
        }
    }
    Ok(times)
}
