//! A server's processes: signals for all of them.

use std::fs;
use std::io;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

use crate::wait;

/// The processes that a process has started, and those that they have started.
///
/// # Errors
/// When it is gone.
fn descendants(root: Pid) -> io::Result<Vec<Pid>> {
    let mut found = Vec::new();
    let mut unread = vec![root];
    while let Some(pid) = unread.pop() {
        let pid = pid.as_raw_nonzero();
        // Each thread has its own.
        for task in fs::read_dir(format!("/proc/{pid}/task"))? {
            let children = fs::read_to_string(task?.path().join("children"))?;
            let children = children.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?));
            for child in children {
                found.push(child);
                unread.push(child);
            }
        }
    }
    Ok(found)
}

/// Stops a process and all that it has started, and returns the latter.
///
/// The first one stops first: it cannot start others meanwhile, and those that end stay until it goes on, so that no
/// number of theirs comes to mean another process.
///
/// # Errors
/// When a signal cannot be sent, or is not obeyed.
pub(crate) fn freeze(root: Pid) -> io::Result<Vec<Pid>> {
    stop_all(&[root])?;
    let others = descendants(root)?;
    stop_all(&others)?;
    Ok(others)
}

/// Stops processes, and waits until none of their threads runs.
fn stop_all(pids: &[Pid]) -> io::Result<()> {
    signal_all(pids, Signal::STOP)?;
    for pid in pids {
        if !wait::until(|| is_stopped(*pid))? {
            return Err(io::Error::from(io::ErrorKind::TimedOut));
        }
    }
    Ok(())
}

/// Lets stopped processes go on.
///
/// # Errors
/// When a signal cannot be sent.
pub(crate) fn thaw(root: Pid) -> io::Result<()> {
    signal_all(&descendants(root)?, Signal::CONT)?;
    Ok(kill_process(root, Signal::CONT)?)
}

/// Kills a process, which this process has started, and all that it has started. The caller has to wait for the first.
///
/// # Errors
/// When a signal cannot be sent.
pub(crate) fn kill_all(root: Pid) -> io::Result<Vec<Pid>> {
    let others = freeze(root)?;
    signal_all(&others, Signal::KILL)?;
    kill_process(root, Signal::KILL)?;
    Ok(others)
}

/// Waits until processes are gone; `false` when they do not go.
pub(crate) fn wait_until_gone(pids: &[Pid]) -> bool {
    let all_gone = || Ok::<bool, std::convert::Infallible>(pids.iter().all(|pid| is_gone(*pid)));
    match wait::until(all_gone) {
        Ok(gone) => gone,
    }
}

fn signal_all(pids: &[Pid], signal: Signal) -> io::Result<()> {
    for pid in pids {
        match kill_process(*pid, signal) {
            // It has ended by itself.
            Ok(()) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Whether no thread of a process runs, or will until a signal comes.
fn is_stopped(pid: Pid) -> io::Result<bool> {
    let threads = match fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero())) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        threads => threads?,
    };
    for thread in threads {
        if !matches!(state(&thread?.path()), None | Some('T' | 'Z' | 'X')) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a process has ended. One that nobody has waited for has no memory, files or sockets any more.
fn is_gone(pid: Pid) -> bool {
    let folder = format!("/proc/{}", pid.as_raw_nonzero());
    matches!(state(Path::new(&folder)), None | Some('Z' | 'X'))
}

/// The state of a process or thread, by the letter that `proc(5)` has for it; `None` when there is none.
fn state(folder: &Path) -> Option<char> {
    let text = fs::read_to_string(folder.join("stat")).ok()?;
    // After the name, which is in brackets and may hold any character.
    text.rsplit(") ").next()?.chars().next()
}
