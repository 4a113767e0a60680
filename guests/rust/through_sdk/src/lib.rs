//! Knows the PDK by a library that hands it on: this package's Cargo.toml does not name it.

use sdk::extism_pdk;
use sdk::extism_pdk::{host_fn, plugin_fn, FnResult, Json};
use sdk::Order;

#[derive(sdk::serde::Serialize, sdk::serde::Deserialize)]
#[serde(crate = "sdk::serde")]
struct Bill {
    total: u32,
}

#[host_fn]
extern "ExtismHost" {
    fn kv_read(key: String) -> Vec<u8>;
}

sdk::register!("shop");

/// What an order costs.
#[plugin_fn]
pub fn bill(order: Order) -> FnResult<Json<Bill>> {
    // SAFETY: the host declares `kv_read` with this type.
    let price = unsafe { kv_read(order.item.clone())? };
    let price: u32 = String::from_utf8(price)?.parse()?;
    sdk::notice!("{} costs {price}", order.item);
    Ok(Json(Bill { total: price * order.count }))
}

/// What is wrong with a bill, as an export written by hand says it.
#[no_mangle]
pub extern "C" fn check() -> i32 {
    let Json(Bill { total }) = extism_pdk::unwrap!(extism_pdk::input());
    extism_pdk::unwrap!(extism_pdk::output(Json(total > 0)));
    0
}
