//! Storage with dense, reusable, typed numbers.

use alloc::vec::Vec;
use core::marker::PhantomData;
use core::ops::{Index, IndexMut};

/// A number that an [`Arena`] gives out. Make one with [`arena_id!`](crate::kernel::arena_id).
pub trait ArenaId: Copy {
    /// The id with this number.
    fn from_index(index: u32) -> Self;
    /// The number of this id.
    fn index(self) -> u32;
}

/// Defines a typed id: `arena_id!(GroupId, "group")` prints as `group#3`.
macro_rules! arena_id {
    ($(#[$doc:meta])* $name:ident, $word:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);

        impl $name {
            /// No such thing: what a link at the end of a list holds.
            #[allow(dead_code, reason = "not every kind of thing is linked")]
            pub const NONE: $name = $name(u32::MAX);

            /// Whether this is [`Self::NONE`].
            #[allow(dead_code, reason = "as above")]
            pub const fn is_none(self) -> bool {
                self.0 == u32::MAX
            }
        }

        impl $crate::kernel::ArenaId for $name {
            #[inline]
            fn from_index(index: u32) -> Self {
                $name(index)
            }
            #[inline]
            fn index(self) -> u32 {
                self.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!($word, "#{}"), self.0)
            }
        }
    };
}
pub(crate) use arena_id;

/// Items under dense numbers; a removed item's number is given to the next.
#[derive(Clone, Debug)]
pub struct Arena<I, T> {
    /// Those from `used` on are left over from before the arena was cleared.
    items: Vec<T>,
    /// How many numbers were ever given out.
    used: u32,
    free: Vec<u32>,
    id: PhantomData<I>,
}

impl<I: ArenaId, T> Default for Arena<I, T> {
    fn default() -> Self {
        Arena::new()
    }
}

impl<I: ArenaId, T> Arena<I, T> {
    /// An empty arena.
    pub const fn new() -> Arena<I, T> {
        Arena {
            items: Vec::new(),
            used: 0,
            free: Vec::new(),
            id: PhantomData,
        }
    }

    /// Sets memory aside for so many items: they are not moved as their number grows. Memory that
    /// no item has come to is not touched.
    pub fn reserve(&mut self, items: usize) {
        self.items.reserve(items.saturating_sub(self.items.len()));
    }

    /// Stores `item` and gives its number.
    #[inline]
    pub fn insert(&mut self, item: T) -> I {
        let index = self.next_index();
        match self.items.get_mut(index as usize) {
            Some(place) => *place = item,
            None => self.items.push(item),
        }
        I::from_index(index)
    }

    /// The number that the next item gets, to be told before it is stored.
    #[inline(always)]
    pub fn next_id(&self) -> I {
        I::from_index(self.free.last().copied().unwrap_or(self.used))
    }

    #[inline(always)]
    fn next_index(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            debug_assert!(self.used < u32::MAX, "that number stands for none");
            self.used += 1;
            self.used - 1
        })
    }

    /// The item under a number; `None` for a number that was never given out, such as the one that
    /// stands for none.
    #[inline(always)]
    pub fn get_mut(&mut self, id: I) -> Option<&mut T> {
        self.items.get_mut(id.index() as usize)
    }

    /// Gives a number back. The item stays readable until the number is used again.
    #[inline]
    pub fn remove(&mut self, id: I) {
        debug_assert!(id.index() < self.used, "a number was given back unused");
        debug_assert!(
            !self.free.contains(&id.index()),
            "an item was removed twice"
        );
        self.free.push(id.index());
    }

    /// Forgets every item; keeps its memory.
    pub fn clear(&mut self) {
        self.used = 0;
        self.free.clear();
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.used as usize - self.free.len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ids in use, ascending. Linear: for views, not for runs.
    pub fn ids(&self) -> Vec<I> {
        let mut used = alloc::vec![true; self.used as usize];
        for index in &self.free {
            used[*index as usize] = false;
        }
        (0..self.used)
            .filter(|index| used[*index as usize])
            .map(I::from_index)
            .collect()
    }
}

impl<I: ArenaId, T: Default> Arena<I, T> {
    /// Stores `item` and gives its number, as [`Arena::insert`] does, but so that the item is
    /// built in its place: worth it where items are large and come at a high rate.
    #[inline(always)]
    pub fn insert_in_place(&mut self, item: T) -> I {
        let (id, place) = self.open();
        *place = item;
        id
    }

    /// Gives a number, and the place for its item, which holds whatever was there before.
    #[inline(always)]
    pub fn open(&mut self) -> (I, &mut T) {
        let index = self.next_index();
        if index as usize == self.items.len() {
            self.grow();
        }
        (I::from_index(index), &mut self.items[index as usize])
    }

    #[cold]
    fn grow(&mut self) {
        self.items.push(T::default());
    }
}

impl<I: ArenaId, T> Index<I> for Arena<I, T> {
    type Output = T;
    #[inline(always)]
    fn index(&self, id: I) -> &T {
        &self.items[id.index() as usize]
    }
}

impl<I: ArenaId, T> IndexMut<I> for Arena<I, T> {
    #[inline(always)]
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.items[id.index() as usize]
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        unreachable_pub,
        dead_code,
        reason = "an id is made whole, for other rooms"
    )]

    use super::*;

    #[derive(Clone, Copy, PartialEq, Debug)]
    struct LetterId(u32);

    impl ArenaId for LetterId {
        fn from_index(index: u32) -> Self {
            LetterId(index)
        }
        fn index(self) -> u32 {
            self.0
        }
    }

    #[test]
    fn numbers_are_reused() {
        let mut arena: Arena<LetterId, char> = Arena::new();
        let (a, b) = (arena.insert('a'), arena.insert('b'));
        arena.remove(a);
        assert_eq!(arena.len(), 1);
        assert_eq!(arena.insert_in_place('c'), a);
        assert_eq!((arena[a], arena[b]), ('c', 'b'));
        assert_eq!(arena.ids(), [a, b]);
        assert!(!arena.is_empty());
        assert_eq!(arena.get_mut(b), Some(&mut 'b'));
        assert_eq!(arena.get_mut(LetterId(7)), None);
        let d = arena.insert_in_place('d');
        assert_eq!((d, arena[d]), (LetterId(2), 'd'));
        arena.clear();
        assert!(arena.is_empty());
        assert_eq!((arena.insert('e'), arena.insert_in_place('f')), (a, b));
        assert_eq!(arena.ids(), [a, b], "what was cleared is gone");
    }
}
