//! From the first granule of a live block to its node.
//!
//! A trie over the granule number: a root entry covers 1024 granules (16 KiB), a branch entry 16
//! (256 bytes), a leaf entry one. Leaves without entries are recycled, so there are never more
//! leaves than live blocks; branches cost at most a sixty-fourth of the memory that they cover.

use alloc::vec::Vec;

use crate::nodes::{KEEP_ENTRIES, NIL};

const LEAF: usize = 16;
const BRANCH: usize = 64;

#[derive(Clone, Copy)]
struct Leaf {
    /// Node identifiers. In a recycled leaf the first entry links the next recycled one.
    entries: [u32; LEAF],
    used: u32,
}

/// The offset index.
pub(crate) struct Index {
    root: Vec<u32>,
    branches: Vec<[u32; BRANCH]>,
    leaves: Vec<Leaf>,
    recycled: u32,
}

impl Index {
    pub(crate) const fn new() -> Self {
        Self { root: Vec::new(), branches: Vec::new(), leaves: Vec::new(), recycled: NIL }
    }

    pub(crate) fn clear(&mut self) {
        self.root.clear();
        self.root.shrink_to(KEEP_ENTRIES);
        self.branches.clear();
        self.branches.shrink_to(KEEP_ENTRIES / BRANCH);
        self.leaves.clear();
        self.leaves.shrink_to(KEEP_ENTRIES / LEAF);
        self.recycled = NIL;
    }

    pub(crate) fn get(&self, granule: u32) -> Option<u32> {
        let (root, branch, entry) = split(granule);
        let node = self.leaves[self.leaf(root, branch)?].entries[entry];
        (node != NIL).then_some(node)
    }

    /// Adds an entry; `granule` must not have one.
    pub(crate) fn insert(&mut self, granule: u32, node: u32) {
        let (root, branch, entry) = split(granule);
        if root >= self.root.len() {
            self.root.resize(root + 1, NIL);
        }
        if self.root[root] == NIL {
            self.root[root] = self.branches.len() as u32;
            self.branches.push([NIL; BRANCH]);
        }
        let branches = self.root[root] as usize;
        if self.branches[branches][branch] == NIL {
            self.branches[branches][branch] = self.new_leaf();
        }
        let leaf = &mut self.leaves[self.branches[branches][branch] as usize];
        leaf.entries[entry] = node;
        leaf.used += 1;
    }

    /// Removes the entry and returns what it said.
    pub(crate) fn remove(&mut self, granule: u32) -> Option<u32> {
        let (root, branch, entry) = split(granule);
        let id = self.leaf(root, branch)?;
        let leaf = &mut self.leaves[id];
        let node = core::mem::replace(&mut leaf.entries[entry], NIL);
        if node == NIL {
            return None;
        }
        leaf.used -= 1;
        if leaf.used == 0 {
            leaf.entries[0] = self.recycled;
            self.recycled = id as u32;
            self.branches[self.root[root] as usize][branch] = NIL;
        }
        Some(node)
    }

    fn leaf(&self, root: usize, branch: usize) -> Option<usize> {
        let branches = *self.root.get(root)?;
        let leaf = self.branches.get(branches as usize)?[branch];
        (leaf != NIL).then_some(leaf as usize)
    }

    fn new_leaf(&mut self) -> u32 {
        if self.recycled == NIL {
            self.leaves.push(Leaf { entries: [NIL; LEAF], used: 0 });
            return (self.leaves.len() - 1) as u32;
        }
        let id = self.recycled;
        // All other entries of a recycled leaf are empty already.
        self.recycled = core::mem::replace(&mut self.leaves[id as usize].entries[0], NIL);
        id
    }
}

fn split(granule: u32) -> (usize, usize, usize) {
    let granule = granule as usize;
    (granule / (LEAF * BRANCH), granule / LEAF % BRANCH, granule % LEAF)
}

#[cfg(test)]
mod tests {
    use super::Index;

    #[test]
    fn finds_what_was_inserted_and_nothing_else() {
        let granules = [1, 2, 16, 17, 1023, 1024, 70_000, (1 << 28) - 1];
        let mut index = Index::new();
        for (node, &granule) in granules.iter().enumerate() {
            index.insert(granule, node as u32);
        }
        for (node, &granule) in granules.iter().enumerate() {
            assert_eq!(index.get(granule), Some(node as u32));
        }
        for absent in [0, 3, 15, 1025, 69_999, 70_001, (1 << 28) - 2] {
            assert_eq!(index.get(absent), None);
            assert_eq!(index.remove(absent), None);
        }
    }

    #[test]
    fn leaves_are_recycled_empty() {
        let mut index = Index::new();
        for round in 0..100 {
            let granule = 1 + round * 1000;
            index.insert(granule, round);
            index.insert(granule + 1, round + 1);
            assert_eq!(index.remove(granule), Some(round));
            assert_eq!(index.remove(granule), None);
            assert_eq!(index.remove(granule + 1), Some(round + 1));
            assert_eq!(index.get(granule), None);
        }
        assert!(index.leaves.len() <= 2, "{} leaves for two live entries", index.leaves.len());
    }
}
