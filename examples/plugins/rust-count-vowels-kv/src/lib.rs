//! A plug-in that counts vowels, and keeps the total of all its calls in a store of the host.

use extism_pdk::{Error, FnResult, Json, host_fn, plugin_fn};
use serde::Serialize;

const VOWELS: &str = "aeiouAEIOU";
const KEY: &str = "count-vowels";

#[host_fn]
extern "ExtismHost" {
    fn kv_read(key: String) -> Vec<u8>;
    fn kv_write(key: String, value: Vec<u8>);
}

#[derive(Serialize)]
struct Report {
    count: u32,
    total: u32,
    vowels: &'static str,
}

/// The input is the text to count in.
#[plugin_fn]
pub fn count_vowels(text: String) -> FnResult<Json<Report>> {
    let count = text.chars().filter(|letter| VOWELS.contains(*letter)).count() as u32;
    let total = load()? + count;
    // SAFETY: the host offers this function with the type declared above.
    unsafe { kv_write(KEY.into(), total.to_le_bytes().to_vec())? };
    Ok(Json(Report { count, total, vowels: VOWELS }))
}

/// The total so far: four bytes, the least significant first.
fn load() -> Result<u32, Error> {
    // SAFETY: as above.
    let bytes = unsafe { kv_read(KEY.into())? };
    let bytes = bytes.try_into().map_err(|_| Error::msg("the stored total is not four bytes"))?;
    Ok(u32::from_le_bytes(bytes))
}
