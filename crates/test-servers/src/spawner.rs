//! Starts programs on a thread that lives as long as this process.
//!
//! What the kernel calls the death of a parent is that of the *thread* that started the child. A test's thread ends
//! with the test, and those of an async runtime when they are idle, though others may still use the server.

use std::io;
use std::process::{Child, Command};
use std::sync::LazyLock;
use std::sync::mpsc::{self, Sender};
use std::thread;

type Order = (Command, Sender<io::Result<Child>>);

static SPAWNER: LazyLock<Sender<Order>> = LazyLock::new(|| {
    let (sender, orders) = mpsc::channel::<Order>();
    thread::spawn(move || {
        for (mut command, reply) in orders {
            // Whoever ordered it waits for the answer.
            if let Err(unclaimed) = reply.send(command.spawn()) {
                drop(unclaimed);
            }
        }
    });
    sender
});

/// Starts a program.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn spawn(command: Command) -> io::Result<Child> {
    let (reply, answer) = mpsc::channel();
    let gone = || io::Error::other("the thread that starts servers has ended");
    SPAWNER.send((command, reply)).map_err(|_| gone())?;
    answer.recv().map_err(|_| gone())?
}
