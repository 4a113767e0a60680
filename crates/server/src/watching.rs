//! Reloading when files change.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use crate::app::App;
use crate::config::is_plugin;

mod links;

/// How long files must be at rest before they are read: whoever copies a large file writes it in pieces.
const REST: Duration = Duration::from_millis(200);

/// What to watch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) files: BTreeSet<PathBuf>,
    /// A folder all of whose plug-ins are served.
    pub(crate) folder: Option<PathBuf>,
}

/// Where changes matter at the moment.
#[derive(Debug, PartialEq, Eq)]
struct Places {
    /// The folders of the files: they are often replaced rather than written to.
    folders: BTreeSet<PathBuf>,
    /// The folders of symbolic links on the way to the files, and those that they lead to. Whoever swaps a link, as Kubernetes does
    /// with `..data`, changes all files behind it.
    behind: BTreeSet<PathBuf>,
    names: Names,
}

/// What is called like something that matters. Something else of such a name causes a reload in which nothing has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Names {
    /// Of the files and the links.
    these: BTreeSet<OsString>,
    any_plugin: bool,
}

impl Names {
    fn have(&self, path: &Path) -> bool {
        path.file_name().is_some_and(|name| self.these.contains(name)) || self.any_plugin && is_plugin(path)
    }
}

/// Reloads whenever a file changes that matters, for ever.
pub(crate) async fn watch(app: Arc<App>, wanted: bool) {
    if !wanted {
        return;
    }
    if let Err(error) = watch_all(&app).await {
        tracing::error!(%error, "files are not watched; send SIGHUP or use the admin API to reload");
    }
}

async fn watch_all(app: &Arc<App>) -> notify::Result<()> {
    let mut watched = app.files.subscribe();
    let (changed, mut changes) = mpsc::channel(1);
    loop {
        let files = watched.borrow_and_update().clone();
        let mut places = Places::of(&files);
        let mut watching = places.watched(changed.clone())?;
        loop {
            tokio::select! {
                _ = changes.recv() => {}
                same = watched.changed() => match same {
                    Ok(()) if *watched.borrow() != files => break,
                    Ok(()) => continue,
                    Err(_) => return Ok(()),
                },
            }
            while tokio::time::timeout(REST, changes.recv()).await.is_ok() {}
            // Links may lead elsewhere. What is changed there while we read is to be noticed.
            let now = Places::of(&files);
            if now != places {
                // The one before ends after this one has begun.
                drop(std::mem::replace(&mut watching, now.watched(changed.clone())?));
                places = now;
            }
            match app.reload().await {
                Ok(()) => tracing::info!("files have changed, and what is served was reloaded"),
                Err(refused) => {
                    tracing::error!("files have changed, and what was served stays: {refused}");
                }
            }
        }
    }
}

impl Places {
    fn of(watched: &Files) -> Self {
        let mut folders: BTreeSet<PathBuf> = watched.files.iter().map(|file| parent(file)).collect();
        folders.extend(watched.folder.clone());
        let mut these: BTreeSet<OsString> =
            watched.files.iter().filter_map(|file| file.file_name()).map(OsString::from).collect();
        let mut behind = BTreeSet::new();
        for place in watched.files.iter().chain(&watched.folder).flat_map(|file| links::on_the_way(file)) {
            these.extend(place.file_name().map(OsString::from));
            behind.insert(parent(&place));
        }
        Self { folders, behind, names: Names { these, any_plugin: watched.folder.is_some() } }
    }

    /// Tells of changes, until it is dropped.
    fn watched(&self, changed: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
        let names = self.names.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let relevant = match &event {
                Ok(event) => !event.kind.is_access() && event.paths.iter().any(|path| names.have(path)),
                // Events were lost: anything may have changed.
                Err(_) => true,
            };
            if relevant {
                // One that waits already is as good as two.
                let _ = changed.try_send(());
            }
        })?;
        for folder in &self.folders {
            watcher.watch(folder, RecursiveMode::NonRecursive)?;
        }
        for folder in self.behind.difference(&self.folders) {
            // Not everybody may list all folders on the way to a file.
            if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
                tracing::warn!(%error, "links in `{}` are not watched", folder.display());
            }
        }
        Ok(watcher)
    }
}

fn parent(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
