//! Groups by owner and name: one small hash table for every family that has groups.
//!
//! Keys lie in the table itself, side by side with the numbers they lead to: a look-up that
//! stands before everything else of a request reads one line of memory, mostly.
//!
//! **Invariant:** it is never iterated, so its order cannot reach a result.

use crate::kernel::ArenaId;
use crate::model::GroupName;
use alloc::vec::Vec;
use core::marker::PhantomData;

/// What a group is found by: the number of its ServicePoint object, and its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupKey {
    /// The ServicePoint object; never `u32::MAX`, which stands for none.
    pub owner: u32,
    /// The group's name.
    pub name: GroupName,
}

/// One place of the table: a group's key and number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Place {
    name: GroupName,
    owner: u32,
    id: u32,
}

impl Place {
    const FREE: Place = Place {
        name: GroupName::UNNAMED,
        owner: u32::MAX,
        id: 0,
    };

    #[inline(always)]
    const fn is_free(self) -> bool {
        self.owner == u32::MAX
    }

    #[inline(always)]
    const fn key(self) -> GroupKey {
        GroupKey {
            owner: self.owner,
            name: self.name,
        }
    }
}

/// How many places a table has that has any.
const FEWEST: usize = 16;

/// A hash table of group numbers, with linear probing (Knuth, The Art of Computer Programming 3,
/// section 6.4, algorithms L and R).
///
/// **Invariant:** no more than half of the places are taken; between a group and the place where
/// its search begins, none is free.
#[derive(Clone, Debug)]
pub struct GroupTable<I> {
    /// None, or a power of two.
    places: Vec<Place>,
    len: usize,
    /// How many bits of a product do not say where a search begins.
    shift: u32,
    id: PhantomData<I>,
}

impl<I: ArenaId> GroupTable<I> {
    /// An empty table.
    pub const fn new() -> GroupTable<I> {
        GroupTable {
            places: Vec::new(),
            len: 0,
            shift: 0,
            id: PhantomData,
        }
    }

    /// Forgets every group; keeps its memory.
    pub fn clear(&mut self) {
        if self.len > 0 {
            self.places.fill(Place::FREE);
            self.len = 0;
        }
    }

    /// Where the search for a key begins, in a table that has places.
    #[inline(always)]
    fn home(&self, key: GroupKey) -> usize {
        // Fibonacci hashing: names are mostly numbered one after another, and the uppermost bits
        // of their products lie as far apart as can be (Knuth, theorem 6.4 S).
        const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
        let bits = key.name.to_bits() ^ (u64::from(key.owner) << 32);
        (bits.wrapping_mul(MULTIPLIER) >> self.shift) as usize
    }

    /// The group with this key.
    #[inline(always)]
    pub fn find(&self, key: GroupKey) -> Option<I> {
        if self.places.is_empty() {
            return None;
        }
        let mut place = self.home(key);
        loop {
            let found = self.places[place];
            if found.key() == key {
                return Some(I::from_index(found.id));
            }
            if found.is_free() {
                return None;
            }
            place = self.after(place);
        }
    }

    #[inline(always)]
    fn after(&self, place: usize) -> usize {
        (place + 1) & (self.places.len() - 1)
    }

    /// Enters a group that is not in the table.
    #[inline]
    pub fn insert(&mut self, key: GroupKey, id: I) {
        if self.places.len() < 2 * (self.len + 1) {
            self.grow();
        }
        self.len += 1;
        self.enter(Place {
            name: key.name,
            owner: key.owner,
            id: id.index(),
        });
    }

    #[inline(always)]
    fn enter(&mut self, group: Place) {
        let mut place = self.home(group.key());
        while !self.places[place].is_free() {
            debug_assert!(
                self.places[place].key() != group.key(),
                "a group was entered twice"
            );
            place = self.after(place);
        }
        self.places[place] = group;
    }

    #[cold]
    fn grow(&mut self) {
        let wider = alloc::vec![Place::FREE; (2 * self.places.len()).max(FEWEST)];
        self.shift = u64::BITS - wider.len().trailing_zeros();
        for group in core::mem::replace(&mut self.places, wider) {
            if !group.is_free() {
                self.enter(group);
            }
        }
    }

    /// Takes a group out that is in the table.
    pub fn remove(&mut self, key: GroupKey) {
        let mut hole = self.home(key);
        while self.places[hole].key() != key {
            assert!(
                !self.places[hole].is_free(),
                "the group is not in the table"
            );
            hole = self.after(hole);
        }
        self.len -= 1;
        // What was put behind it only because its place was taken moves up.
        let mut place = self.after(hole);
        while !self.places[place].is_free() {
            let home = self.home(self.places[place].key());
            let mask = self.places.len() - 1;
            if place.wrapping_sub(home) & mask >= place.wrapping_sub(hole) & mask {
                self.places[hole] = self.places[place];
                hole = place;
            }
            place = self.after(place);
        }
        self.places[hole] = Place::FREE;
    }
}

impl<I: ArenaId> Default for GroupTable<I> {
    fn default() -> Self {
        GroupTable::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::RequestId;
    use alloc::collections::BTreeMap;
    use alloc::collections::btree_map::Entry;
    use proptest::prelude::*;

    proptest! {
        /// Whatever comes and goes in whatever order, it agrees with an ordered map.
        #[test]
        fn agrees_with_a_map(
            steps in proptest::collection::vec((any::<bool>(), 0..3_u32, 0..40_u64), 0..400),
        ) {
            let mut table = GroupTable::new();
            let mut map = BTreeMap::new();
            for (number, (enters, owner, name)) in steps.into_iter().enumerate() {
                let key = GroupKey { owner, name: GroupName::pooled(name) };
                let id = RequestId(number as u32);
                match map.entry((owner, name)) {
                    Entry::Occupied(known) => {
                        table.remove(key);
                        known.remove();
                    }
                    Entry::Vacant(unknown) if enters => {
                        table.insert(key, id);
                        unknown.insert(id);
                    }
                    Entry::Vacant(_) => {}
                }
                for number in 0..3 * 40 {
                    let (owner, name) = (number as u32 / 40, number % 40);
                    let key = GroupKey { owner, name: GroupName::pooled(name) };
                    prop_assert_eq!(table.find(key), map.get(&(owner, name)).copied());
                }
            }
            table.clear();
            let key = GroupKey { owner: 0, name: GroupName::pooled(0) };
            prop_assert_eq!(table.find(key), None);
        }
    }

    /// Numbered names of many ServicePoints do not crowd: what the hash is for.
    #[test]
    fn numbered_names_are_found_near_their_places() {
        let mut table = GroupTable::new();
        let keys = (0..50_u32).flat_map(|owner| {
            (0..200).map(move |name| GroupKey {
                owner,
                name: GroupName::fresh(name),
            })
        });
        for (number, key) in keys.clone().enumerate() {
            table.insert(key, RequestId(number as u32));
        }
        let mask = table.places.len() - 1;
        let distance = |key: GroupKey| {
            let is_there = |place: &usize| table.places[*place].key() == key;
            let place = (0..=mask).find(is_there).expect("it was entered");
            place.wrapping_sub(table.home(key)) & mask
        };
        let sample: Vec<usize> = keys.step_by(97).map(distance).collect();
        let mean = sample.iter().sum::<usize>() as f64 / sample.len() as f64;
        assert!(mean < 1.0, "mean distance {mean}");
    }
}
