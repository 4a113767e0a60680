//! Plug-ins that are published on the server: code by its hash in an object store of JetStream, and for each plug-in a record that
//! says which code it is now.

use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::kv::{Operation, Store as Records};
use async_nats::jetstream::object_store::ObjectStore;
use async_nats::jetstream::{self, object_store, stream};
use futures_util::{Stream, StreamExt};
use plugwright::manifest::WasmSource;
use plugwright::{Error, ErrorKind, ErrorReport, MAX_WASM_BYTES, Manifest, PluginSource, Wasm};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;

use crate::connection::Nats;
use crate::error::RemoteError;
use crate::{names, threads};

mod cache;
mod digest;

pub use cache::CodeCache;
use digest::sha256_hex;

/// The bucket with code.
const CODE: &str = "plugwright-code";

/// The bucket with the record of each plug-in.
const PLUGINS: &str = "plugwright-plugins";

/// How much code is kept of a plug-in, what is served now included.
const KEPT: usize = 5;

/// How often a record is written anew because somebody else wrote it at the same time.
const MAX_CONFLICTS: u32 = 10;

/// How long the transfer of code may take.
const TRANSFER: Duration = Duration::from_secs(120);

/// What is published of a plug-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Published {
    /// The SHA-256 of its code, in hexadecimal digits.
    pub sha256: String,
    /// How often it has been published, from 1: the version that workers show is `0.<number>.0`.
    pub number: u64,
    /// The bytes of its code.
    pub bytes: u64,
    /// The hashes of earlier code that is still kept, latest first.
    #[serde(default)]
    pub earlier: Vec<String>,
}

/// The plug-ins that are published on the server. Whoever may write to its two buckets decides what code workers run; what that code
/// may do is up to each worker.
#[derive(Clone, Debug)]
pub struct Store(Nats);

impl Store {
    pub(crate) fn new(nats: Nats) -> Self {
        Self(nats)
    }

    /// Publishes a plug-in under this name. Workers that serve it from the store change to it, as soon as they have compiled it, and lose
    /// no call. The same code again changes nothing.
    ///
    /// The source is read here: WebAssembly, or a manifest with modules alone, for grants and limits are the workers' affair.
    ///
    /// # Errors
    ///
    /// When the name or the source is not valid, the source grants something, or the server has no JetStream.
    pub async fn publish(
        &self,
        name: &str,
        source: impl Into<PluginSource>,
    ) -> Result<Published, RemoteError> {
        let (name, source) = (names::plugin(name)?.to_owned(), source.into());
        let store = self.clone();
        threads::there(async move {
            let code = aside(move || packed(source)).await??;
            store.publish_code(&name, code).await.map_err(|error| error.about("publish", &name))
        })
        .await?
    }

    /// What is published under this name; `None` when nothing is.
    ///
    /// # Errors
    ///
    /// When the name is not valid, or the server has no JetStream.
    pub async fn published(&self, name: &str) -> Result<Option<Published>, RemoteError> {
        let (name, store) = (names::plugin(name)?.to_owned(), self.clone());
        threads::there(async move {
            let found = async { record(&store.records().await?, &name).await }.await;
            found.map(|(published, _)| published).map_err(|error| error.about("look up", &name))
        })
        .await?
    }

    async fn publish_code(&self, name: &str, code: Vec<u8>) -> Result<Published, Reason> {
        let (objects, records) = (self.objects().await?, self.records().await?);
        let sha256 = sha256_hex(&code);
        // What is there under this name may be damaged, or somebody else's.
        let stored = self.download(&sha256).await;
        if !stored.is_ok_and(|stored| stored == code) {
            let put = tokio::time::timeout(TRANSFER, objects.put(sha256.as_str(), &mut &code[..])).await;
            put.map_err(|_| Reason("the transfer took too long".to_owned()))?.map_err(Reason::of)?;
        }
        for _ in 0..MAX_CONFLICTS {
            let (known, revision) = record(&records, name).await?;
            if let Some(known) = known.as_ref().filter(|known| known.sha256 == sha256) {
                return Ok(known.clone());
            }
            let (next, dropped) = next(known, &sha256, code.len() as u64);
            // Numbers and texts always become JSON.
            let json = serde_json::to_vec(&next).unwrap_or_default();
            if records.update(name, json.into(), revision).await.is_ok() {
                self.forget(&objects, &records, dropped).await;
                return Ok(next);
            }
        }
        Err(Reason("others publish it all the time; try again".to_owned()))
    }

    /// Deletes code that nobody refers to any more. What cannot be deleted stays, and costs space alone.
    async fn forget(&self, objects: &ObjectStore, records: &Records, dropped: Vec<String>) {
        if dropped.is_empty() {
            return;
        }
        let Ok(keys) = records.keys().await else { return };
        let keys: Vec<String> = keys.filter_map(|key| std::future::ready(key.ok())).collect().await;
        for key in keys {
            match record(records, &key).await {
                Ok((Some(published), _)) => {
                    if dropped
                        .iter()
                        .any(|hash| *hash == published.sha256 || published.earlier.contains(hash))
                    {
                        return;
                    }
                }
                Ok((None, _)) => {}
                Err(_) => return,
            }
        }
        for hash in dropped {
            if let Err(error) = objects.delete(&hash).await {
                tracing::debug!(target: "plugwright::nats", %hash, %error, "old code cannot be deleted");
            }
        }
    }

    /// The code of a plug-in, from the cache if it is there. Its hash has been checked.
    pub(crate) async fn code(
        &self,
        name: &str,
        published: &Published,
        cache: Option<&CodeCache>,
    ) -> Result<Vec<u8>, RemoteError> {
        let sha256 = published.sha256.clone();
        if let Some(cache) = cache.cloned() {
            let cached = aside(move || cache.get(&sha256)).await?;
            if let Some(code) = cached {
                return Ok(code);
            }
        }
        let code = self.download(&published.sha256).await.map_err(|error| error.about("download", name))?;
        let (cache, sha256) = (cache.cloned(), published.sha256.clone());
        let checked = aside(move || {
            let found = sha256_hex(&code);
            if found != sha256 {
                return Err(found);
            }
            if let Some(cache) = cache {
                cache.put(&sha256, &code);
            }
            Ok(code)
        });
        checked.await?.map_err(|found| {
            let message = format!(
                "the code in the store has the SHA-256 {found} instead of {}; publish it again",
                published.sha256
            );
            Error::from(ErrorReport::new(&ErrorKind::HashMismatch, message).about(name, None)).into()
        })
    }

    async fn download(&self, sha256: &str) -> Result<Vec<u8>, Reason> {
        let objects = self.objects().await?;
        let read = async {
            let object = objects.get(sha256).await.map_err(Reason::of)?;
            let mut code = Vec::new();
            object.take(MAX_WASM_BYTES + 1).read_to_end(&mut code).await.map_err(Reason::of)?;
            if code.len() as u64 > MAX_WASM_BYTES {
                return Err(Reason(format!("it has more than {MAX_WASM_BYTES} bytes")));
            }
            Ok(code)
        };
        tokio::time::timeout(TRANSFER, read)
            .await
            .map_err(|_| Reason("the transfer took too long".to_owned()))?
    }

    /// The record of a plug-in whenever it changes, beginning with what it is.
    pub(crate) async fn changes(
        &self,
        name: &str,
    ) -> Result<impl Stream<Item = Result<Published, String>> + Send + use<>, RemoteError> {
        let watched = async { self.records().await?.watch_with_history(name).await.map_err(Reason::of) };
        let watch = watched.await.map_err(|error| error.about("watch", name))?;
        Ok(watch.filter_map(|entry| {
            std::future::ready(match entry {
                // What was deleted goes on being served: a worker stops when it is told to.
                Ok(entry) if entry.operation != Operation::Put => None,
                Ok(entry) => Some(serde_json::from_slice(&entry.value).map_err(|error| error.to_string())),
                Err(error) => Some(Err(error.to_string())),
            })
        }))
    }

    async fn records(&self) -> Result<Records, Reason> {
        let context = jetstream::new(Client::clone(&self.0.client()));
        if let Ok(records) = context.get_key_value(PLUGINS).await {
            return Ok(records);
        }
        // The client's own way to make one asks servers for what those before 2.10 do not say.
        let config = stream::Config {
            name: format!("KV_{PLUGINS}"),
            description: Some("Which code each plug-in of Plugwright is".to_owned()),
            subjects: vec![format!("$KV.{PLUGINS}.>")],
            max_messages_per_subject: 1,
            max_messages: -1,
            max_bytes: -1,
            discard: stream::DiscardPolicy::New,
            allow_rollup: true,
            deny_delete: true,
            allow_direct: true,
            num_replicas: 1,
            ..stream::Config::default()
        };
        context.create_stream(config).await.map_err(Reason::of)?;
        context.get_key_value(PLUGINS).await.map_err(Reason::of)
    }

    async fn objects(&self) -> Result<ObjectStore, Reason> {
        let context = jetstream::new(Client::clone(&self.0.client()));
        if let Ok(objects) = context.get_object_store(CODE).await {
            return Ok(objects);
        }
        let config = object_store::Config {
            bucket: CODE.to_owned(),
            description: Some("Code of Plugwright's plug-ins, by SHA-256".to_owned()),
            ..object_store::Config::default()
        };
        context.create_object_store(config).await.map_err(Reason::of)
    }
}

/// Does what takes long on a thread that may be kept, so that messages do not wait.
async fn aside<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> Result<T, RemoteError> {
    tokio::task::spawn_blocking(what).await.map_err(|error| RemoteError::Threads(error.to_string()))
}

/// Why the store fails.
struct Reason(String);

impl Reason {
    fn of(error: impl std::fmt::Display) -> Self {
        Self(format!(
            "{error}; check that the server has JetStream (`nats-server --jetstream`) and that we may use it"
        ))
    }

    fn about(self, verb: &str, plugin: &str) -> RemoteError {
        RemoteError::Store { what: format!("{verb} the plug-in `{plugin}`"), reason: self.0 }
    }
}

/// The record of a plug-in, if there is one, and the revision of what is there: 0 for nothing.
async fn record(records: &Records, name: &str) -> Result<(Option<Published>, u64), Reason> {
    let Some(entry) = records.entry(name).await.map_err(Reason::of)? else { return Ok((None, 0)) };
    if entry.operation != Operation::Put {
        return Ok((None, entry.revision));
    }
    let published = serde_json::from_slice(&entry.value)
        .map_err(|error| Reason(format!("its record in the bucket `{PLUGINS}` is not valid: {error}")))?;
    Ok((Some(published), entry.revision))
}

/// The record after new code was published, and the code that is not kept any more.
fn next(known: Option<Published>, sha256: &str, bytes: u64) -> (Published, Vec<String>) {
    let number = known.as_ref().map_or(1, |known| known.number.saturating_add(1));
    let mut earlier = Vec::new();
    if let Some(known) = known {
        earlier.push(known.sha256);
        earlier.extend(known.earlier);
    }
    earlier.retain(|hash| hash != sha256);
    let dropped = earlier.split_off(earlier.len().min(KEPT - 1));
    (Published { sha256: sha256.to_owned(), number, bytes, earlier }, dropped)
}

/// All that a plug-in consists of as bytes: the module, or a manifest with its modules. This blocks the thread.
fn packed(source: PluginSource) -> Result<Vec<u8>, Error> {
    let manifest = source.fetch()?;
    let modules_alone = Manifest::new(manifest.wasm.clone());
    if manifest != modules_alone {
        return Err(ErrorReport::new(
            &ErrorKind::InvalidManifest,
            "a manifest that is published has `wasm` alone: grants, limits and config are given to each worker",
        )
        .into());
    }
    if let [Wasm { source: WasmSource::Data(bytes), .. }] = &*manifest.wasm {
        return Ok(bytes.clone());
    }
    let json = manifest.to_json().map_err(Error::from)?;
    Ok(json.into())
}

/// What code from the store is. A manifest among it has modules alone.
///
/// # Errors
///
/// `InvalidManifest` for one that grants something: whoever may publish code must not grant it anything.
pub(crate) fn unpacked(code: Vec<u8>) -> Result<PluginSource, Error> {
    if code.starts_with(b"\0asm") {
        return Ok(Manifest::new([Wasm::data(code)]).into());
    }
    let manifest = Manifest::from_json(&code)?;
    let has_data = |wasm: &Wasm| matches!(wasm.source, WasmSource::Data(_));
    if manifest != Manifest::new(manifest.wasm.clone()) || !manifest.wasm.iter().all(has_data) {
        return Err(ErrorReport::new(
            &ErrorKind::InvalidManifest,
            "the published manifest has more than modules; publish it again with `plugwright worker`",
        )
        .into());
    }
    Ok(manifest.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_five_are_kept() {
        let mut known = None;
        let mut gone = Vec::new();
        for code in ["a", "b", "c", "b", "d", "e", "f", "g"] {
            let (published, dropped) = next(known, code, 1);
            gone.extend(dropped);
            known = Some(published);
        }
        let known = known.unwrap();
        assert_eq!((known.sha256.as_str(), known.number), ("g", 8));
        assert_eq!(known.earlier, ["f", "e", "d", "b"]);
        assert_eq!(gone, ["a", "c"]);
    }

    #[test]
    fn what_is_published_grants_nothing() {
        let module = b"\0asm\x01\0\0\0".to_vec();
        assert_eq!(packed(module.clone().into()).unwrap(), module);
        let two = Manifest::new([Wasm::data(module.clone()).with_name("lib"), Wasm::data(module.clone())]);
        let code = packed(two.into()).unwrap();
        assert!(unpacked(code).is_ok());
        let granting = Manifest::new([Wasm::data(module)]).with_allowed_host("*");
        let error = packed(granting.clone().into()).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::InvalidManifest);
        for code in [granting.to_json().unwrap().into(), br#"{"wasm": [{"path": "/etc/passwd"}]}"#.to_vec()] {
            assert_eq!(unpacked(code).unwrap_err().kind(), &ErrorKind::InvalidManifest);
        }
        for code in [&b""[..], b"(module)", b"garbage"] {
            assert!(unpacked(code.to_vec()).is_err());
        }
    }
}
