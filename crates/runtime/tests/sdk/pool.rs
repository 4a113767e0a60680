//! Pools: bounded, first come first served, and never with a broken instance.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use futures_util::future::join_all;
use plugwright::{
    CancelHandle, CompiledPlugin, Error, ErrorKind, HostFunction, Json, Plugin, Pool, PooledPlugin, Result,
    Stdio, Uuid,
};

use crate::support::{block_on, count, guest, poll_once, recall};

/// What may be shared, and what may move, between threads. It is checked by the compiler.
#[test]
fn what_threads_may_do() {
    fn send_and_sync<T: Send + Sync + 'static>() {}
    fn send<T: Send + 'static>() {}
    send_and_sync::<Pool>();
    send_and_sync::<CompiledPlugin>();
    send_and_sync::<HostFunction>();
    send_and_sync::<CancelHandle>();
    send_and_sync::<Error>();
    send::<Plugin>();
    send::<PooledPlugin>();
}

fn compiled() -> CompiledPlugin {
    guest("", r#"(func (export "trap") unreachable)"#).name("worker").compile().unwrap()
}

#[test]
fn no_more_instances_are_out_than_allowed() {
    let pool = Pool::new(compiled(), 2);
    assert_eq!((pool.max(), pool.available()), (2, 2));
    let first = pool.acquire(None).unwrap();
    let second = pool.clone().acquire(None).unwrap();
    assert_ne!(first.id(), second.id());
    assert_eq!(pool.available(), 0);
    let error = pool.acquire(Some(Duration::ZERO)).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::PoolTimeout);
    assert_eq!(error.plugin(), Some("worker"));
    assert!(error.message().contains("all 2 instances"), "{error}");
    let error = block_on(pool.acquire_async(Some(Duration::from_millis(5)))).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::PoolTimeout);
    let id = first.id();
    drop(first);
    assert_eq!(pool.available(), 1);
    assert_eq!(pool.acquire(Some(Duration::ZERO)).unwrap().id(), id, "the same one is used again");
    assert_eq!(pool.compiled().name(), "worker");
}

#[test]
fn a_pool_has_at_least_one_instance() {
    let pool = Pool::new(compiled(), 0);
    assert_eq!(pool.max(), 1);
    assert_eq!(count(&mut pool.acquire(None).unwrap()), 1);
    assert_eq!(Pool::new(compiled(), usize::MAX).acquire(None).unwrap().name(), "worker");
}

#[test]
fn first_come_first_served() {
    const WAITERS: usize = 20;
    let pool = Pool::new(compiled(), 1);
    let held = pool.acquire(None).unwrap();
    let served = Mutex::new(Vec::new());
    let wait = |index: usize| {
        let (pool, served) = (&pool, &served);
        Box::pin(async move {
            let mut plugin = pool.acquire_async(None).await.unwrap();
            plugin.call_async::<_, u64>("count", ()).await.unwrap();
            served.lock().unwrap().push(index);
        })
    };
    // Each takes its place in the queue when it is polled first; those in front are then polled last.
    let mut waiters: Vec<_> = (0..WAITERS).map(wait).collect();
    for waiter in &mut waiters {
        assert!(poll_once(waiter).is_pending());
    }
    waiters.reverse();
    drop(held);
    assert!(pool.acquire(Some(Duration::ZERO)).is_err(), "nobody gets in front of the queue");
    block_on(join_all(waiters));
    assert_eq!(*served.lock().unwrap(), (0..WAITERS).collect::<Vec<_>>());
}

#[test]
fn each_instance_goes_to_the_one_in_front() {
    let pool = Pool::new(compiled(), 2);
    let (first, second) = (pool.acquire(None).unwrap(), pool.acquire(None).unwrap());
    let mut waiters: Vec<_> = (0..5).map(|_| Box::pin(pool.acquire_async(None))).collect();
    for waiter in &mut waiters {
        assert!(poll_once(waiter).is_pending());
    }
    // Who leaves from the middle changes nobody's order.
    drop(waiters.remove(2));
    let mut returned = vec![first, second];
    for served in 0..4 {
        drop(returned.remove(0));
        assert_eq!(pool.available(), 0, "it is promised");
        for waiter in waiters.iter_mut().skip(1) {
            assert!(poll_once(waiter).is_pending(), "{served} were served");
        }
        let Poll::Ready(instance) = poll_once(&mut waiters[0]) else { panic!("{served} were served") };
        returned.push(instance.unwrap());
        drop(waiters.remove(0));
    }
    drop(returned);
    assert_eq!(pool.available(), 2);
}

#[test]
fn a_waiter_that_gives_up_holds_nobody_up() {
    let pool = Pool::new(compiled(), 1);
    let held = pool.acquire(None).unwrap();
    let mut impatient = Box::pin(pool.acquire_async(None));
    let mut late = Box::pin(pool.acquire_async(Some(Duration::from_millis(1))));
    let mut patient = Box::pin(pool.acquire_async(None));
    assert!(poll_once(&mut impatient).is_pending());
    assert!(poll_once(&mut late).is_pending());
    assert!(poll_once(&mut patient).is_pending());
    assert_eq!(block_on(late).unwrap_err().kind(), &ErrorKind::PoolTimeout);
    drop(held);
    // The instance is promised to this one already; it must be passed on.
    drop(impatient);
    assert_eq!(count(&mut block_on(patient).unwrap()), 1);
    assert_eq!(pool.available(), 1);
}

#[test]
fn blocking_waiters_are_woken() {
    let pool = Pool::new(compiled(), 1);
    let held = pool.acquire(None).unwrap();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let pool = pool.clone();
            thread::spawn(move || count(&mut pool.acquire(Some(Duration::from_secs(60))).unwrap()))
        })
        .collect();
    drop(held);
    let mut counts: Vec<u64> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2, 3, 4]);
}

#[test]
fn many_instances_at_once_are_all_kept() {
    const INSTANCES: usize = 300;
    let pool = Pool::new(compiled(), INSTANCES);
    let all = || -> Vec<_> { (0..INSTANCES).map(|_| pool.acquire(Some(Duration::ZERO)).unwrap()).collect() };
    let ids = |instances: &[PooledPlugin]| instances.iter().map(|plugin| plugin.id()).collect::<HashSet<_>>();
    let instances = all();
    assert_eq!(pool.available(), 0);
    let before = ids(&instances);
    assert_eq!(before.len(), INSTANCES);
    drop(instances);
    assert_eq!(pool.available(), INSTANCES);
    assert_eq!(ids(&all()), before, "none was lost, and none was made anew");
}

#[test]
fn one_call_of_whichever_instance_is_free() {
    let pool = Pool::new(compiled(), 1);
    assert_eq!(pool.call::<_, u64>("count", ()).unwrap(), 1);
    assert_eq!(block_on(pool.call_async::<_, u64>("count", ())).unwrap(), 2);
    pool.call::<_, ()>("trap", ()).unwrap_err();
    assert_eq!(pool.call::<_, u64>("count", ()).unwrap(), 1, "the one that trapped was replaced");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let pool = pool.clone();
            runtime.spawn(async move { pool.call_async::<_, ()>("remember", "a borrowed input").await })
        })
        .collect();
    assert!(runtime.block_on(join_all(tasks)).into_iter().all(|task| task.unwrap().is_ok()));
    assert_eq!(pool.call::<_, String>("recall", ()).unwrap(), "a borrowed input");

    // What cannot be passed waits for nobody.
    let held = pool.acquire(None).unwrap();
    let mut call = Box::pin(pool.call_async::<_, ()>("remember", Json(BTreeMap::from([((), ())]))));
    let Poll::Ready(Err(error)) = poll_once(&mut call) else { panic!("no error") };
    assert_eq!(error.kind(), &ErrorKind::Encode);
    assert_eq!((error.plugin(), error.function()), (Some("worker"), Some("remember")));
    drop(call);
    drop(held);
    assert_eq!(pool.available(), 1);
}

#[test]
fn in_any_executor() {
    let pool = Pool::new(compiled(), 2);
    let work = |pool: Pool| async move {
        let mut plugin = pool.acquire_async(Some(Duration::from_secs(60))).await?;
        plugin.call_async::<_, u64>("count", ()).await
    };
    let total = |counts: Vec<Result<u64>>| counts.into_iter().map(|count| count.unwrap()).max();
    assert!(total(block_on(join_all((0..10).map(|_| work(pool.clone()))))).is_some());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(total(runtime.block_on(join_all((0..10).map(|_| work(pool.clone()))))).is_some());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let tasks: Vec<_> = (0..10).map(|_| runtime.spawn(work(pool.clone()))).collect();
    let counts = runtime.block_on(join_all(tasks)).into_iter().map(|task| task.unwrap()).collect();
    assert!(total(counts).is_some());
    // A blocking acquire inside of a runtime.
    assert!(runtime.block_on(async { pool.acquire(None).is_ok() }));
    assert_eq!(pool.available(), 2);
}

#[test]
fn an_instance_that_trapped_is_replaced() {
    let pool = Pool::new(compiled(), 1);
    for _ in 0..3 {
        let mut plugin = pool.acquire(None).unwrap();
        plugin.call::<_, ()>("remember", "kept").unwrap();
        plugin.call::<_, ()>("trap", ()).unwrap_err();
        drop(plugin);
        let mut plugin = pool.acquire(None).unwrap();
        assert_eq!(count(&mut plugin), 1);
        assert_eq!(recall(&mut plugin), "kept");
    }
}

#[test]
fn an_old_handle_does_not_cancel_the_calls_of_the_next_borrower() {
    let wait = guest(r#"(import "env" "never" (func $never))"#, r#"(func (export "wait") (call $never))"#);
    let pool = Pool::new(wait.host_fn_async("never", std::future::pending::<()>).compile().unwrap(), 1);
    for is_live in [false, true] {
        let mut plugin = pool.acquire(None).unwrap();
        if is_live {
            block_on(plugin.call_async::<_, ()>("remember", "kept")).unwrap();
        }
        let old = plugin.cancel_handle();
        drop(plugin);
        let mut plugin = pool.acquire(None).unwrap();
        let new = plugin.cancel_handle();
        let mut call = Box::pin(plugin.call_async::<_, ()>("wait", ()));
        assert!(poll_once(&mut call).is_pending());
        assert!(!old.cancel(), "it is of another borrower");
        assert!(new.cancel());
        assert_eq!(block_on(call).unwrap_err().kind(), &ErrorKind::Cancelled);
    }
}

#[test]
fn what_one_borrower_had_captured_is_not_for_the_next() {
    let imports = r#"(import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))"#;
    // The bytes to write are the vector's own: its address 0 and its length 8.
    let body = r#"(data (i32.const 4) "\08") (func (export "write") (result i32)
        (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))"#;
    let pool = Pool::new(guest(imports, body).wasi(true).stdout(Stdio::Capture).compile().unwrap(), 1);
    let mut plugin = pool.acquire(None).unwrap();
    plugin.call::<_, ()>("write", ()).unwrap();
    assert_eq!(plugin.take_stdout().len(), 8);
    plugin.call::<_, ()>("write", ()).unwrap();
    drop(plugin);
    assert_eq!(pool.acquire(None).unwrap().take_stdout(), b"");
}

#[test]
fn a_panic_while_an_instance_is_out_returns_it() {
    let pool = Pool::new(compiled(), 1);
    let unlucky = pool.clone();
    thread::spawn(move || {
        let _plugin = unlucky.acquire(None).unwrap();
        panic!("a thread with an instance panics");
    })
    .join()
    .unwrap_err();
    assert_eq!(pool.available(), 1);
    assert_eq!(count(&mut pool.acquire(Some(Duration::ZERO)).unwrap()), 1);
}

#[test]
fn a_call_dropped_midway_leaves_the_pool_whole() {
    let compiled =
        guest(r#"(import "env" "never" (func $never))"#, r#"(func (export "wait") (call $never))"#)
            .host_fn_async("never", std::future::pending::<()>)
            .compile()
            .unwrap();
    let pool = Pool::new(compiled, 1);
    for _ in 0..3 {
        let mut work = Box::pin(async {
            let mut plugin = pool.acquire_async(None).await.unwrap();
            plugin.call_async::<_, ()>("wait", ()).await
        });
        assert!(poll_once(&mut work).is_pending());
        assert_eq!(pool.available(), 0);
        drop(work);
        assert_eq!(pool.available(), 1);
    }
    let mut plugin = pool.acquire(Some(Duration::ZERO)).unwrap();
    assert_eq!(count(&mut plugin), 1);
}

#[test]
fn instances_outlive_the_pool_that_they_came_from() {
    let pool = Pool::new(compiled(), 1);
    let mut plugin = pool.acquire(None).unwrap();
    drop(pool);
    assert_eq!(count(&mut plugin), 1);
}

/// A generator of the numbers that a seed stands for (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

#[test]
fn hammered_by_threads_with_an_instance_that_traps_now_and_then() {
    const THREADS: u64 = 8;
    const ROUNDS: usize = 150;
    const INSTANCES: usize = 3;
    let pool = Pool::new(compiled(), INSTANCES);
    let (out, ids) = (AtomicUsize::new(0), Mutex::new(HashSet::new()));
    let traps = AtomicUsize::new(0);
    thread::scope(|scope| {
        for seed in 1..=THREADS {
            let (pool, out, ids, traps) = (pool.clone(), &out, &ids, &traps);
            scope.spawn(move || {
                let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                for round in 0..ROUNDS {
                    let mut plugin = match random.below(3) {
                        0 => block_on(pool.acquire_async(None)).unwrap(),
                        _ => pool.acquire(None).unwrap(),
                    };
                    assert!(out.fetch_add(1, Ordering::SeqCst) < INSTANCES);
                    ids.lock().unwrap().insert(plugin.id());
                    let note = format!("{seed}/{round}");
                    plugin.call::<_, ()>("remember", note.as_str()).unwrap();
                    if random.below(4) == 0 {
                        let error = plugin.call::<_, ()>("trap", ()).unwrap_err();
                        assert!(matches!(error.kind(), ErrorKind::Trap(_)), "{error}");
                        traps.fetch_add(1, Ordering::Relaxed);
                        assert_eq!(count(&mut plugin), 1);
                    }
                    assert_eq!(recall(&mut plugin), note, "nobody else has this instance");
                    out.fetch_sub(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert!(traps.into_inner() > 0);
    assert!(ids.into_inner().unwrap().len() <= INSTANCES);
    assert_eq!(pool.available(), INSTANCES);
}

#[test]
fn hammered_by_tasks_that_give_up() {
    let pool = Pool::new(compiled(), 2);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let served = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (1..=200u64)
        .map(|seed| {
            let (pool, served) = (pool.clone(), served.clone());
            runtime.spawn(async move {
                let timeout = Duration::from_micros(Random(seed * 7919).below(3000));
                match pool.acquire_async(Some(timeout)).await {
                    Ok(mut plugin) => {
                        plugin.call_async::<_, u64>("count", ()).await.unwrap();
                        served.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(error) => assert_eq!(error.kind(), &ErrorKind::PoolTimeout),
                }
            })
        })
        .collect();
    for task in tasks {
        runtime.block_on(task).unwrap();
    }
    assert_eq!(pool.available(), 2, "no permit is lost");
    assert!(served.load(Ordering::Relaxed) > 0);
}

/// Notes that an instance is in use, as long as this lives: nobody else may have it.
struct InUse<'a> {
    ids: &'a Mutex<HashSet<Uuid>>,
    id: Uuid,
}

impl<'a> InUse<'a> {
    fn new(ids: &'a Mutex<HashSet<Uuid>>, plugin: &Plugin, most: usize) -> Self {
        let mut in_use = ids.lock().unwrap();
        assert!(in_use.insert(plugin.id()), "somebody else has it");
        assert!(in_use.len() <= most);
        drop(in_use);
        Self { ids, id: plugin.id() }
    }
}

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        self.ids.lock().unwrap().remove(&self.id);
    }
}

#[test]
fn hammered_by_threads_and_tasks_of_which_some_give_up() {
    const WORKERS: u64 = 6;
    const ROUNDS: u64 = 200;
    const INSTANCES: usize = 2;
    let pool = Pool::new(compiled(), INSTANCES);
    let in_use = Arc::new(Mutex::new(HashSet::new()));
    let (served, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(HashSet::new())));
    let use_it = {
        let (in_use, served, seen) = (in_use.clone(), served.clone(), seen.clone());
        move |plugin: &mut PooledPlugin| {
            let _in_use = InUse::new(&in_use, plugin, INSTANCES);
            seen.lock().unwrap().insert(plugin.id());
            count(plugin);
            served.fetch_add(1, Ordering::Relaxed);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let tasks: Vec<_> = (1..=WORKERS)
        .map(|seed| {
            let (pool, use_it) = (pool.clone(), use_it.clone());
            runtime.spawn(async move {
                let mut random = Random(seed * 7919);
                let mut gave_up = 0;
                for _ in 0..ROUNDS {
                    let mut waiting = Box::pin(pool.acquire_async(None));
                    // A third looks once and is gone: with an instance, with a place in the queue, or with an instance
                    // that it was promised in between.
                    if random.below(3) == 0 {
                        gave_up += 1;
                        drop(poll_once(&mut waiting));
                        continue;
                    }
                    use_it(&mut waiting.await.unwrap());
                    tokio::task::yield_now().await;
                }
                ROUNDS - gave_up
            })
        })
        .collect();
    let threads: Vec<_> = (1..=WORKERS)
        .map(|seed| {
            let (pool, use_it) = (pool.clone(), use_it.clone());
            thread::spawn(move || {
                let mut random = Random(seed * 104_729);
                (0..ROUNDS)
                    .filter(|_| {
                        let timeout = (random.below(3) == 0).then(|| Duration::from_micros(random.below(50)));
                        match pool.acquire(timeout) {
                            Ok(mut plugin) => use_it(&mut plugin),
                            Err(error) => assert_eq!(error.kind(), &ErrorKind::PoolTimeout),
                        }
                        timeout.is_none()
                    })
                    .count() as u64
            })
        })
        .collect();
    // Whoever was patient was served; some of the others may have been as well.
    let mut patient: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    patient += runtime.block_on(join_all(tasks)).into_iter().map(|task| task.unwrap()).sum::<u64>();
    assert!(served.load(Ordering::Relaxed) as u64 >= patient);
    assert!(in_use.lock().unwrap().is_empty());
    assert!(seen.lock().unwrap().len() <= INSTANCES);
    assert_eq!(pool.available(), INSTANCES, "none is lost");
}
