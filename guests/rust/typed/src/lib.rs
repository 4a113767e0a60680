//! Takes and returns structured values, in JSON and in MessagePack.

use extism_pdk::{plugin_fn, FnResult, Json, Msgpack};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Terms {
    a: i64,
    b: i64,
}

#[derive(Serialize)]
struct Sum {
    sum: i64,
}

impl Terms {
    fn sum(&self) -> Sum {
        Sum { sum: self.a + self.b }
    }
}

#[plugin_fn]
pub fn add(Json(terms): Json<Terms>) -> FnResult<Json<Sum>> {
    Ok(Json(terms.sum()))
}

#[plugin_fn]
pub fn add_msgpack(Msgpack(terms): Msgpack<Terms>) -> FnResult<Msgpack<Sum>> {
    Ok(Msgpack(terms.sum()))
}
