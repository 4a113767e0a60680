//! Reloading when files change.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{Event, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use crate::app::App;
use crate::config::is_plugin;

/// How long files must be at rest before they are read: whoever copies a large file writes it in pieces.
const REST: Duration = Duration::from_millis(200);

/// What to watch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) files: BTreeSet<PathBuf>,
    /// A folder all of whose plug-ins are served.
    pub(crate) folder: Option<PathBuf>,
}

/// Reloads whenever a file changes that matters, for ever.
pub(crate) async fn watch(app: Arc<App>, wanted: bool) {
    if !wanted {
        return;
    }
    let mut watched = app.files.subscribe();
    let (changed, mut changes) = mpsc::channel(1);
    loop {
        let files = watched.borrow_and_update().clone();
        // Kept until the files are others.
        let _watcher = match start(&files, changed.clone()) {
            Ok(watcher) => watcher,
            Err(error) => {
                tracing::warn!(%error, "files are not watched; send SIGHUP or use the admin API to reload");
                return;
            }
        };
        loop {
            tokio::select! {
                _ = changes.recv() => {}
                same = watched.changed() => match same {
                    Ok(()) if *watched.borrow() != files => break,
                    Ok(()) => continue,
                    Err(_) => return,
                },
            }
            while tokio::time::timeout(REST, changes.recv()).await.is_ok() {}
            // What is refused is logged there.
            let _ = app.reload().await;
        }
    }
}

/// Watches the folders of these files: files are often replaced rather than written to.
fn start(watched: &Files, changed: mpsc::Sender<()>) -> notify::Result<impl Watcher> {
    let names: BTreeSet<OsString> =
        watched.files.iter().filter_map(|file| file.file_name()).map(OsString::from).collect();
    let any_plugin = watched.folder.is_some();
    // A file of the same name in another folder causes a reload in which nothing has changed.
    let matters = move |path: &Path| {
        path.file_name().is_some_and(|name| names.contains(name)) || any_plugin && is_plugin(path)
    };
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let relevant = match &event {
            Ok(event) => !event.kind.is_access() && event.paths.iter().any(|path| matters(path)),
            // Events were lost: anything may have changed.
            Err(_) => true,
        };
        if relevant {
            // One that waits already is as good as two.
            let _ = changed.try_send(());
        }
    })?;
    let folders: BTreeSet<PathBuf> =
        watched.files.iter().map(|file| parent(file)).chain(watched.folder.clone()).collect();
    for folder in &folders {
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
    }
    Ok(watcher)
}

fn parent(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
