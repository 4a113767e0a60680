//! Imports all names of the PDK and all of a library. No name may come by both.

use extism_pdk::*;
use patched_sdk::*;

#[host_fn]
extern "ExtismHost" {
    fn kv_read(key: &str) -> Option<String>;
}

/// Uses the library's names, and the PDK's.
#[plugin_fn]
pub fn names(mut order: Order) -> FnResult<String> {
    // SAFETY: no host function can break memory.
    let price = unsafe { kv_read(&order.item)? }.unwrap_or_default();
    info!("{} of {}", order.item, host::name());
    order.item += &price;
    set_error(&mut order.item);
    Ok(format!("{:?} {:?} {} {}", order, testing::order(), sys::VERSION, report_panics()))
}

/// A type without a feature of the PDK that the library leaves out.
#[plugin_fn]
pub fn pack(Json(numbers): Json<Vec<u8>>) -> FnResult<Msgpack<Vec<u8>>> {
    Ok(Msgpack(numbers))
}

/// For other modules.
#[shared_fn]
pub fn join(left: String, right: String) -> SharedFnResult<String> {
    Ok(left + &right)
}
