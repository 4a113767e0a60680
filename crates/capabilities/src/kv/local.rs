//! Stores of this process, which are asked on a thread that waits for the answer.

use std::fmt;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::operation::{Changed, Edit};
use super::page::{Listing, Page};
use crate::patience::Patience;
use crate::{Failure, Namespace};

/// What is shown a value. It is not called when there is none.
pub(super) type Reader<'a> = &'a mut dyn FnMut(&[u8]) -> Result<(), Failure>;

/// A store of ours. Keys are those of a namespace: none of them is another's.
pub(super) trait LocalStore: fmt::Debug + Send + Sync {
    /// If changes and lists may keep their thread waiting, for a disk or for others who write: how many may do so at a time.
    fn gate(&self) -> Option<Arc<Semaphore>>;

    /// Hands the value of an entry to `read`, if there is one that has not ended. The value is not copied.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn get(&self, namespace: &Namespace, key: &str, read: Reader<'_>) -> Result<(), Failure>;

    /// Changes an entry. When this returns, the change is as durable as the store can make it. It waits for others as long as there is
    /// patience.
    ///
    /// # Errors
    ///
    /// When the change cannot be made, or the store fails.
    fn change(&self, namespace: &Namespace, edit: Edit, patience: &Patience) -> Result<Changed, Failure>;

    /// A page of keys, in the order of their bytes. It may have fewer than were asked for, even none, and yet not be the last.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn list(&self, namespace: &Namespace, listing: &Listing) -> Result<Page, Failure>;
}
