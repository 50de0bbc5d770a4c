//! Groups by owner and name: one small hash table for every family that has groups.
//!
//! **Invariant:** it is never iterated, so its order cannot reach a result.

use crate::kernel::ArenaId;
use crate::model::GroupName;
use hashbrown::HashTable;

/// What a group is found by: the number of its ServicePoint object, and its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupKey {
    /// The ServicePoint object.
    pub owner: u32,
    /// The group's name.
    pub name: GroupName,
}

impl GroupKey {
    /// The table takes a place from the lower bits and a tag from the upper 7. Names are mostly
    /// numbered one after another, so the lower bits keep consecutive names next to each other:
    /// a run of fresh names goes through the table as through an array.
    #[inline(always)]
    fn hash(self) -> u64 {
        // Fibonacci hashing.
        const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
        const TAG: u64 = 0x7f << 57;
        let owners_start = u64::from(self.owner).wrapping_mul(MULTIPLIER) >> 32;
        let place = self.name.to_bits().wrapping_add(owners_start);
        (place & !TAG) | (place.wrapping_mul(MULTIPLIER) & TAG)
    }
}

/// A hash table of group numbers; the groups themselves hold their keys.
#[derive(Clone, Debug)]
pub struct GroupTable<I> {
    table: HashTable<I>,
}

impl<I: ArenaId + PartialEq> GroupTable<I> {
    /// An empty table.
    pub const fn new() -> GroupTable<I> {
        GroupTable {
            table: HashTable::new(),
        }
    }

    /// Forgets every group; keeps its memory.
    pub fn clear(&mut self) {
        self.table.clear();
    }

    /// The group with this key; `key_of` tells any group's.
    #[inline]
    pub fn find(&self, key: GroupKey, key_of: impl Fn(I) -> GroupKey) -> Option<I> {
        self.table
            .find(key.hash(), |&id| key_of(id) == key)
            .copied()
    }

    /// Enters a group that is not in the table.
    #[inline]
    pub fn insert(&mut self, key: GroupKey, id: I, key_of: impl Fn(I) -> GroupKey) {
        self.table
            .insert_unique(key.hash(), id, |&other| key_of(other).hash());
    }

    /// Takes a group out.
    #[inline]
    pub fn remove(&mut self, key: GroupKey, id: I) {
        if let Ok(entry) = self.table.find_entry(key.hash(), |&other| other == id) {
            entry.remove();
        }
    }
}

impl<I: ArenaId + PartialEq> Default for GroupTable<I> {
    fn default() -> Self {
        GroupTable::new()
    }
}
