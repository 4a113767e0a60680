//! The catalogue of host functions, for the Rust SDK.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use plugwright::{CancelHandle, HostFunction};
use plugwright_conformance::{Case, HostFunction as Name, HostFunctionUse};

/// What host functions share with the runner.
#[derive(Clone, Default)]
pub(crate) struct Shared {
    values: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    /// How to cancel the plug-in that is being called.
    pub(crate) cancel: Arc<Mutex<Option<CancelHandle>>>,
}

impl Shared {
    pub(crate) fn of(case: &Case) -> Self {
        let values = case.kv.iter().map(|(key, value)| (key.clone(), value.clone().into_bytes())).collect();
        Self { values: Arc::new(Mutex::new(values)), cancel: Arc::default() }
    }

    /// A function as a case asks for it.
    pub(crate) fn function(&self, asked: &HostFunctionUse) -> HostFunction {
        let function = self.in_default_module(asked.function);
        match &asked.module {
            Some(module) => function.in_module(module),
            None => function,
        }
    }

    fn in_default_module(&self, function: Name) -> HostFunction {
        let name = function.name();
        let values = self.values.clone();
        let cancel = self.cancel.clone();
        match function {
            Name::KvRead | Name::HostMemoryGet => {
                HostFunction::new(name, move |key: String| values.lock().unwrap().get(&key).cloned())
            }
            Name::KvWrite => HostFunction::new(name, move |key: String, value: Vec<u8>| {
                values.lock().unwrap().insert(key, value);
            }),
            Name::Add => HostFunction::new(name, |a: i64, b: i64| a.wrapping_add(b)),
            Name::Mix => HostFunction::new(name, |a: i32, b: i64, c: f32, d: f64| {
                f64::from(a) + b as f64 + f64::from(c) + d
            }),
            Name::Echo => HostFunction::new(name, |bytes: Vec<u8>| bytes),
            Name::Fail => {
                HostFunction::new(name, || -> Result<i64, &str> { Err("host_fail was told to fail") })
            }
            Name::TryFail => {
                HostFunction::new(name, || -> Result<i64, &str> { Err("host_try_fail was told to fail") })
                    .errors_as_values()
            }
            Name::SleepMs => HostFunction::new_async(name, |milliseconds: i64| async move {
                tokio::time::sleep(Duration::from_millis(milliseconds.try_into().unwrap_or(0))).await;
            }),
            Name::Cancel => HostFunction::new(name, move || {
                if let Some(handle) = &*cancel.lock().unwrap() {
                    handle.cancel();
                }
            }),
        }
    }
}
