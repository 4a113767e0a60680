//! The memory map: values by key that a plug-in reads through `hostMemoryGet`.

use std::collections::BTreeMap;
use std::sync::Arc;

use plugwright::{Capability, HostFunction};

/// Values by key that a plug-in may read by the host function `hostMemoryGet`, which takes a key and returns its value, null when there
/// is none.
#[derive(Debug, Clone, Default)]
pub struct MemoryMap(Arc<BTreeMap<String, String>>);

impl MemoryMap {
    /// The host function's name.
    pub const FUNCTION: &str = "hostMemoryGet";

    /// These values by their keys.
    pub fn new(values: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(Arc::new(values.into_iter().collect()))
    }
}

impl Capability for MemoryMap {
    fn host_functions(&self) -> Vec<HostFunction> {
        let values = self.0.clone();
        let get = move |key: String| values.get(&key).cloned();
        vec![HostFunction::new(Self::FUNCTION, get)]
    }
}
