//! The modules that this process compiled or loaded last: making the same plug-in once more costs no reading of compiled code.
//!
//! It stands before the [folder](crate::cache) of users who choose none, under the same keys: equal keys mean equal code.

use std::sync::{Mutex, TryLockError};

use crate::cache::Key;
use crate::compilation::NamedModule;

/// The most modules that are kept.
const MAX_MODULES: usize = 64;

/// The most bytes that they may take together, by what each says of itself: 64 MiB.
const MAX_BYTES: usize = 64 << 20;

/// The modules of this process, by their keys and by whether their engine pools its instances.
pub(crate) static RECENT: Recent<(Key, bool), NamedModule> = Recent::new();

/// Things by keys: those that were used last. Nobody ever waits here. Whoever comes while it is in use does without it, and
/// so does a process that was forked at that moment.
pub(crate) struct Recent<K, V>(Mutex<Vec<Kept<K, V>>>);

struct Kept<K, V> {
    key: K,
    value: V,
    bytes: usize,
}

impl<K: PartialEq, V: Clone> Recent<K, V> {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// What was kept under this key.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.with(|kept| {
            let place = kept.iter().position(|kept| kept.key == *key)?;
            // The last one is the last to go.
            kept[place..].rotate_left(1);
            kept.last().map(|kept| kept.value.clone())
        })?
    }

    /// Keeps something that takes about so many bytes, in the place of what was used least recently.
    pub(crate) fn put(&self, key: K, value: V, bytes: usize) {
        if bytes > MAX_BYTES {
            return;
        }
        let gone = self.with(|kept| {
            let place = kept.iter().position(|kept| kept.key == key);
            let mut gone = Vec::from_iter(place.map(|place| kept.remove(place)));
            kept.push(Kept { key, value, bytes });
            let mut left = kept.len();
            let mut total = kept.iter().map(|kept| kept.bytes).sum::<usize>();
            let old = kept.iter().take_while(|old| {
                let too_many = total > MAX_BYTES || left > MAX_MODULES;
                total -= old.bytes;
                left -= 1;
                too_many
            });
            let old = old.count();
            gone.extend(kept.drain(..old));
            gone
        });
        // Freeing code takes a while, and needs nobody to keep out.
        drop(gone);
    }

    fn with<R>(&self, action: impl FnOnce(&mut Vec<Kept<K, V>>) -> R) -> Option<R> {
        match self.0.try_lock() {
            Ok(mut kept) => Some(action(&mut kept)),
            Err(TryLockError::Poisoned(poisoned)) => Some(action(&mut poisoned.into_inner())),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, MAX_MODULES, Recent};
    use crate::cache::Cache;
    use crate::compilation::{Compiler, NamedModule, NamedWasm};
    use crate::engine::EngineKey;

    #[test]
    fn what_was_not_used_for_longest_goes() {
        let recent = Recent::new();
        (0..MAX_MODULES).for_each(|key| recent.put(key, key, 1));
        assert_eq!(recent.get(&0), Some(0));
        recent.put(MAX_MODULES, MAX_MODULES, 1);
        assert_eq!((recent.get(&0), recent.get(&1), recent.get(&2)), (Some(0), None, Some(2)));
    }

    #[test]
    fn there_are_only_so_many_bytes() {
        let recent = Recent::new();
        recent.put(1, "a", MAX_BYTES / 2);
        recent.put(2, "b", MAX_BYTES / 2);
        recent.put(3, "c", MAX_BYTES + 1);
        assert_eq!((recent.get(&1), recent.get(&2), recent.get(&3)), (Some("a"), Some("b"), None));
        recent.put(4, "d", 1);
        assert_eq!((recent.get(&1), recent.get(&2), recent.get(&4)), (None, Some("b"), Some("d")));
        recent.put(5, "e", MAX_BYTES);
        assert_eq!((recent.get(&2), recent.get(&4), recent.get(&5)), (None, None, Some("e")));
    }

    #[test]
    fn a_key_has_one_value() {
        let recent = Recent::new();
        recent.put(1, "a", MAX_BYTES);
        recent.put(1, "b", MAX_BYTES);
        assert_eq!(recent.get(&1), Some("b"));
    }

    #[test]
    fn nobody_waits() {
        let recent = Recent::new();
        recent.put(1, "a", 1);
        let held = recent.0.lock().unwrap();
        assert_eq!(recent.get(&1), None);
        recent.put(2, "b", 1);
        drop(held);
        assert_eq!((recent.get(&1), recent.get(&2)), (Some("a"), None));
    }

    #[test]
    fn a_module_is_compiled_once_in_each_engine() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path().join("cache"));
        let wasm = wat::parse_str(r#"(module (func (export "compiled once in each engine")))"#).unwrap();
        let compiled = |name: &str, recent: bool, pooling: bool| {
            let compiler = Compiler {
                key: EngineKey::default(),
                cache: Some(&cache),
                recent,
                rewrite: true,
                max_memory_bytes: u64::MAX,
                pooling,
            };
            let source = NamedWasm { name: name.to_owned(), wasm: wasm.clone() };
            compiler.compile(&[source]).unwrap().1.remove(0)
        };
        let is_same = |a: &NamedModule, b: &NamedModule| a.module.image_range() == b.module.image_range();

        let first = compiled("first", true, true);
        std::fs::remove_dir_all(folder.path()).unwrap();
        let second = compiled("second", true, true);
        assert!(is_same(&first, &second), "it is compiled code that is shared");
        assert_eq!(second.name, "second");
        assert!(!folder.path().exists(), "the folder is not looked at");
        assert!(!is_same(&first, &compiled("elsewhere", true, false)), "that engine has no pool");
        assert!(!is_same(&first, &compiled("not wanted", false, true)));
    }
}
