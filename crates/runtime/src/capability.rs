//! Sets of host functions that belong together.

use crate::host_function::HostFunction;

/// Something that is lent to plug-ins as a whole: a key-value store, a database, a message broker.
///
/// The crate `plugwright-capabilities` has some that are ready; a program makes its own by implementing this.
/// [`PluginBuilder::with`](crate::PluginBuilder::with) grants one to a plug-in.
pub trait Capability {
    /// The functions, with all that a plug-in may reach through them.
    fn host_functions(&self) -> Vec<HostFunction>;
}

impl<C: Capability + ?Sized> Capability for &C {
    fn host_functions(&self) -> Vec<HostFunction> {
        (**self).host_functions()
    }
}
