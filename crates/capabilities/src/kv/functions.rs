//! The host functions.

use std::sync::Arc;

use plugwright::{CurrentPlugin, HostFunction};

use super::operation::Changed;
use super::page::Page;
#[cfg(feature = "redis")]
use super::redis::{Asker, Redis};
use super::request::{self, Read, Refusal, Request};
use super::{Kv, LocalStore, Store};
use crate::call::{Outcome, Stop, Work, at_once, blocking};
use crate::patience::Patience;
use crate::{Failure, Grant, reply};

/// The function that changes nothing and looks at one entry only.
const GET: &str = "kv_get";

/// What makes a request of what a plug-in passed.
type Reader<const N: usize> = fn(&CurrentPlugin<'_>, &Grant, [u64; N]) -> Read;

/// Something that makes a host function of a reader of requests.
trait Maker {
    fn make<const N: usize>(&self, name: &str, read: Reader<N>) -> HostFunction;
}

/// The functions of a store for a plug-in.
pub(super) fn of(kv: &Kv) -> Vec<HostFunction> {
    match &kv.store {
        Store::Local(store) => functions(&Local { kv, store }),
        #[cfg(feature = "redis")]
        Store::Redis(store) => functions(&Remote { kv, store }),
    }
}

fn functions(maker: &impl Maker) -> Vec<HostFunction> {
    vec![
        maker.make(GET, request::get),
        maker.make("kv_set", request::set),
        maker.make("kv_delete", request::delete),
        maker.make("kv_increment", request::increment),
        maker.make("kv_compare_and_swap", request::compare_and_swap),
        maker.make("kv_list", request::list),
    ]
}

/// Functions of a store of ours.
struct Local<'a> {
    kv: &'a Kv,
    store: &'a Arc<dyn LocalStore>,
}

impl Maker for Local<'_> {
    fn make<const N: usize>(&self, name: &str, read: Reader<N>) -> HostFunction {
        let (store, timeout) = (self.store.clone(), self.kv.timeout);
        let grant = Arc::new(self.kv.grant.clone());
        // Getting waits for nobody.
        if let Some(gate) = store.gate().filter(|_| name != GET) {
            return blocking(name, timeout, move |plugin, values| {
                let (store, grant) = (store.clone(), grant.clone());
                let request = told(read(plugin, &grant, values))?;
                Ok(request.map(|request| Work {
                    gate: Some(gate.clone()),
                    work: move |patience: &Patience| perform(&*store, &grant, request, || patience.clone()),
                }))
            });
        }
        at_once(name, move |plugin, values| {
            let request = told(read(plugin, &grant, values))?;
            Ok(request
                .and_then(|request| perform(&*store, &grant, request, || Patience::of(plugin, timeout))))
        })
    }
}

/// What was read, or what the plug-in is told; the outer error ends its call.
fn told(read: Read) -> Result<Result<Request, Failure>, Stop> {
    match read {
        Ok(request) => Ok(Ok(request)),
        Err(Refusal::Failure(failure)) => Ok(Err(failure)),
        Err(Refusal::Stop(stop)) => Err(stop),
    }
}

fn perform(
    store: &dyn LocalStore,
    grant: &Grant,
    request: Request,
    patience: impl FnOnce() -> Patience,
) -> Outcome {
    let namespace = grant.namespace();
    match request {
        Request::Get { key } => {
            let mut reply = None;
            store.get(namespace, &key, &mut |value| {
                grant.admit_reply("the value", value.len())?;
                reply = Some(reply::ok(value));
                Ok(())
            })?;
            Ok(reply.unwrap_or_else(|| reply::found(None)))
        }
        Request::Change(edit) => Ok(changed(store.change(namespace, edit, &patience())?)),
        Request::List(listing) => listed(grant, &store.list(namespace, &listing)?),
    }
}

/// The reply after a change.
fn changed(changed: Changed) -> Vec<u8> {
    match changed {
        Changed::Done => reply::done(),
        Changed::Whether(whether) => reply::ok(&[u8::from(whether)]),
        Changed::Number(number) => reply::ok(&number.to_le_bytes()),
    }
}

fn listed(grant: &Grant, page: &Page) -> Result<Vec<u8>, Failure> {
    let json = page.to_json()?;
    grant.admit_reply("the page of keys", json.len())?;
    Ok(reply::ok(&json))
}

/// Functions that wait for a server.
#[cfg(feature = "redis")]
struct Remote<'a> {
    kv: &'a Kv,
    store: &'a Arc<Redis>,
}

#[cfg(feature = "redis")]
impl Maker for Remote<'_> {
    fn make<const N: usize>(&self, name: &str, read: Reader<N>) -> HostFunction {
        let (store, timeout) = (self.store.clone(), self.kv.timeout);
        let grant = Arc::new(self.kv.grant.clone());
        crate::call::waiting(name, move |plugin, values| {
            let request = told(read(plugin, &grant, values))?;
            let (store, grant) = (store.clone(), grant.clone());
            let patience = Patience::of(plugin, timeout);
            Ok(async move { ask(store.asked(grant.namespace(), &patience), &grant, request?).await })
        })
    }
}

#[cfg(feature = "redis")]
async fn ask(store: Asker<'_>, grant: &Grant, request: Request) -> Outcome {
    match request {
        Request::Get { key } => match store.get(&key).await? {
            Some(value) => {
                grant.admit_reply("the value", value.len())?;
                Ok(reply::ok(&value))
            }
            None => Ok(reply::found(None)),
        },
        Request::Change(edit) => Ok(changed(store.change(edit).await?)),
        Request::List(listing) => listed(grant, &Box::pin(store.list(&listing)).await?),
    }
}
