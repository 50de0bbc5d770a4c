//! A set of group names that stays small for the names a program makes up one after another.

use crate::model::GroupName;
use alloc::collections::BTreeMap;

/// Names as intervals of their numbers: a run of fresh names costs as much as one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NameSet {
    /// First to last of each interval, both included; no two touch.
    intervals: BTreeMap<u64, u64>,
    /// The interval that grew last, kept out of the map: (first, last).
    recent: Option<(u64, u64)>,
    /// No name in the set is above this: what tells a fresh name apart without a search.
    highest: u64,
    len: u64,
}

impl NameSet {
    /// An empty set.
    pub const fn new() -> NameSet {
        NameSet {
            intervals: BTreeMap::new(),
            recent: None,
            highest: 0,
            len: 0,
        }
    }

    /// How many names are in it.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether it is empty.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether `name` is in it.
    #[inline]
    pub fn contains(&self, name: GroupName) -> bool {
        let bits = name.to_bits();
        !self.is_above_all(bits)
            && (self
                .recent
                .is_some_and(|(first, last)| first <= bits && bits <= last)
                || self.interval_around(bits).is_some())
    }

    /// Puts `name` in; false when it was in already.
    #[inline]
    pub fn insert(&mut self, name: GroupName) -> bool {
        let bits = name.to_bits();
        if self.contains(name) {
            return false;
        }
        let was_above_all = self.is_above_all(bits);
        self.len += 1;
        self.highest = self.highest.max(bits);
        match &mut self.recent {
            Some((_, last))
                if *last + 1 == bits
                    && (was_above_all || !self.intervals.contains_key(&(bits + 1))) =>
            {
                *last = bits;
            }
            _ => {
                if let Some((first, last)) = self.recent.take() {
                    self.intervals.insert(first, last);
                }
                self.recent = Some(self.grown_around(bits));
            }
        }
        true
    }

    /// The interval that `bits` makes with its neighbours, which leave the map.
    fn grown_around(&mut self, bits: u64) -> (u64, u64) {
        let mut grown = (bits, bits);
        if let Some((&first, &last)) = self.intervals.range(..bits).next_back()
            && last + 1 == bits
        {
            self.intervals.remove(&first);
            grown.0 = first;
        }
        if let Some(last) = self.intervals.remove(&(bits + 1)) {
            grown.1 = last;
        }
        grown
    }

    /// Takes `name` out; false when it was not in.
    #[inline]
    pub fn remove(&mut self, name: GroupName) -> bool {
        let bits = name.to_bits();
        if self.is_above_all(bits) {
            return false;
        }
        if let Some((first, last)) = self.recent.take() {
            self.intervals.insert(first, last);
        }
        let Some((first, last)) = self.interval_around(bits) else {
            return false;
        };
        debug_assert!(first <= bits && bits <= last, "another interval was found");
        self.intervals.remove(&first);
        if first < bits {
            self.intervals.insert(first, bits - 1);
        }
        if bits < last {
            self.intervals.insert(bits + 1, last);
        }
        self.len -= 1;
        true
    }

    #[inline]
    fn is_above_all(&self, bits: u64) -> bool {
        self.is_empty() || bits > self.highest
    }

    fn interval_around(&self, bits: u64) -> Option<(u64, u64)> {
        let (&first, &last) = self.intervals.range(..=bits).next_back()?;
        (bits <= last).then_some((first, last))
    }

    /// The names, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = GroupName> + '_ {
        let recent = self.recent;
        let before = self.intervals.iter().map(|(first, last)| (*first, *last));
        let is_before = move |interval: &(u64, u64)| recent.is_none_or(|r| interval.0 < r.0);
        let after = self.intervals.iter().map(|(first, last)| (*first, *last));
        before
            .take_while(is_before)
            .chain(recent)
            .chain(after.skip_while(is_before))
            .flat_map(|(first, last)| (first..=last).map(GroupName::from_bits))
    }

    /// Empties the set.
    pub fn clear(&mut self) {
        *self = NameSet::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_a_plain_set(
            steps in proptest::collection::vec((any::<bool>(), 0..24u64), 0..200),
        ) {
            let mut names = NameSet::new();
            let mut plain = BTreeSet::new();
            for (inserts, number) in steps {
                let name = GroupName::fresh(number);
                if inserts {
                    prop_assert_eq!(names.insert(name), plain.insert(name));
                } else {
                    prop_assert_eq!(names.remove(name), plain.remove(&name));
                }
                prop_assert_eq!(names.len(), plain.len() as u64);
                let agrees = |n| {
                    let name = GroupName::fresh(n);
                    names.contains(name) == plain.contains(&name)
                };
                prop_assert!((0..24).all(agrees));
                prop_assert!(names.iter().eq(plain.iter().copied()));
            }
        }
    }

    #[test]
    fn a_run_of_fresh_names_is_one_interval() {
        let mut names = NameSet::new();
        for number in (0..10_000).map(|k| k ^ 1) {
            names.insert(GroupName::fresh(number));
        }
        assert_eq!(names.len(), 10_000);
        assert!(names.intervals.len() <= 1);
    }
}
