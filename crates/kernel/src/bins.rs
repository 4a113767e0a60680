//! Free runs by size class: two-level segregated fit.

use crate::nodes::{NIL, Nodes};

/// Classes per power of two. Below this size every size is a class of its own.
const COLUMNS: usize = 16;
const COLUMN_BITS: u32 = COLUMNS.ilog2();

/// Sizes are below 2^28 granules, so their logarithm is at most 27; row 0 holds all sizes below 16.
const ROWS: usize = 25;

/// How many runs of a request's own class are looked at. Only these may be too small; any run of
/// a higher class fits. A bound keeps the search constant, however a guest fragments its memory.
const OWN_CLASS_PROBES: usize = 8;

/// The lists of free runs.
pub(crate) struct Bins {
    /// Bit `r` is set when row `r` has a run.
    rows: u32,
    /// Bit `c` of entry `r` is set when the list of that class is not empty.
    columns: [u16; ROWS],
    /// The first run of each list; meaningful only where the bit is set.
    heads: [[u32; COLUMNS]; ROWS],
}

impl Bins {
    pub(crate) const fn new() -> Self {
        Self { rows: 0, columns: [0; ROWS], heads: [[NIL; COLUMNS]; ROWS] }
    }

    pub(crate) fn clear(&mut self) {
        self.rows = 0;
        self.columns = [0; ROWS];
    }

    pub(crate) fn insert(&mut self, nodes: &mut Nodes, id: u32) {
        let (row, column) = class(nodes.get(id).size);
        let next = self.head(row, column);
        let node = nodes.get_mut(id);
        node.prev = NIL;
        node.next = next;
        if next != NIL {
            nodes.get_mut(next).prev = id;
        }
        self.heads[row][column] = id;
        self.columns[row] |= 1 << column;
        self.rows |= 1 << row;
    }

    pub(crate) fn remove(&mut self, nodes: &mut Nodes, id: u32) {
        let node = *nodes.get(id);
        if node.next != NIL {
            nodes.get_mut(node.next).prev = node.prev;
        }
        if node.prev != NIL {
            nodes.get_mut(node.prev).next = node.next;
            return;
        }
        let (row, column) = class(node.size);
        self.heads[row][column] = node.next;
        if node.next == NIL {
            self.columns[row] &= !(1 << column);
            if self.columns[row] == 0 {
                self.rows &= !(1 << row);
            }
        }
    }

    /// A free run of at least `size` granules.
    ///
    /// It may miss a run of the request's own class, so of a size less than a sixteenth above
    /// `size`, when many smaller ones of that class come first.
    pub(crate) fn find(&self, nodes: &Nodes, size: u32) -> Option<u32> {
        let (row, column) = class(size);
        let mut id = self.head(row, column);
        for _ in 0..OWN_CLASS_PROBES {
            if id == NIL {
                break;
            }
            let node = nodes.get(id);
            if node.size >= size {
                return Some(id);
            }
            id = node.next;
        }
        let columns = u32::from(self.columns[row]) & (!0 << (column + 1));
        if columns != 0 {
            return Some(self.heads[row][columns.trailing_zeros() as usize]);
        }
        let rows = self.rows & (!0 << (row + 1));
        if rows == 0 {
            return None;
        }
        let row = rows.trailing_zeros() as usize;
        Some(self.heads[row][self.columns[row].trailing_zeros() as usize])
    }

    fn head(&self, row: usize, column: usize) -> u32 {
        if self.columns[row] & (1 << column) == 0 { NIL } else { self.heads[row][column] }
    }
}

/// The row and column of the class that holds runs of `size` granules.
fn class(size: u32) -> (usize, usize) {
    if (size as usize) < COLUMNS {
        return (0, size as usize);
    }
    let log = size.ilog2();
    let column = (size >> (log - COLUMN_BITS)) as usize % COLUMNS;
    ((log - COLUMN_BITS + 1) as usize, column)
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, ROWS, class};

    #[test]
    fn classes_are_ordered_by_size_and_fit_the_table() {
        let mut last = (0, 0);
        for size in (1..5000).chain((13..28).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1])) {
            let class = class(size);
            assert!(class >= last, "size {size} is in class {class:?}, below {last:?}");
            assert!(class.0 < ROWS && class.1 < COLUMNS, "size {size} is in class {class:?}");
            last = class;
        }
        assert_eq!(class((1 << 28) - 1), (ROWS - 1, COLUMNS - 1));
    }

    #[test]
    fn small_sizes_have_a_class_each() {
        for size in 1..32 {
            assert_ne!(class(size), class(size + 1), "sizes {size} and {}", size + 1);
        }
    }
}
