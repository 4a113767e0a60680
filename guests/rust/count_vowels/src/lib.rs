//! Counts vowels. Shows the three things that most plug-ins use: input and output, configuration
//! (which letters count) and a variable (the total over all calls).

use extism_pdk::{config, plugin_fn, var, FnResult, Json};
use serde::Serialize;

const DEFAULT_VOWELS: &str = "aeiouAEIOU";

#[derive(Serialize)]
struct Report {
    count: u64,
    total: u64,
    vowels: String,
}

#[plugin_fn]
pub fn count_vowels(text: String) -> FnResult<Json<Report>> {
    let vowels = config::get("vowels")?.unwrap_or_else(|| DEFAULT_VOWELS.to_owned());
    let count = text.chars().filter(|letter| vowels.contains(*letter)).count() as u64;
    let total = var::get::<u64>("total")?.unwrap_or(0) + count;
    var::set("total", total)?;
    Ok(Json(Report { count, total, vowels }))
}
