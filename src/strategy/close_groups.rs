//! The article's third remedy: `CloseConnectionGroup` for the names created so far.

use super::Policy;
use crate::model::{CloseGroups, GroupName};
use crate::net::NameSet;
use crate::units::{SimSpan, SimTime};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

/// Remembers the names that the program created, and says when to close which.
#[derive(Clone, PartialEq, Debug)]
pub struct GroupCloser {
    rule: CloseGroups,
    /// Whether it is about the groups of each workload.
    closes: Vec<bool>,
    /// The names created and not closed since, by process and endpoint.
    created: BTreeMap<(u32, u32), NameSet>,
    /// With [`CloseGroups::After`]: when each was created, in that order.
    ages: VecDeque<Created>,
}

/// A name that the program created.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Created {
    at: SimTime,
    process: u32,
    endpoint: u32,
    name: GroupName,
}

impl GroupCloser {
    /// A program that follows `rule` for the groups of those of its workloads for which this is
    /// true.
    pub fn new(rule: CloseGroups, closes: impl Iterator<Item = bool>) -> GroupCloser {
        GroupCloser {
            rule,
            closes: closes.collect(),
            created: BTreeMap::new(),
            ages: VecDeque::new(),
        }
    }

    fn everything(&mut self) -> Vec<(u32, u32, GroupName)> {
        let mut names = Vec::new();
        for ((process, endpoint), set) in &mut self.created {
            names.extend(set.iter().map(|name| (*process, *endpoint, name)));
            set.clear();
        }
        names
    }

    fn older_than(
        &mut self,
        now: SimTime,
        span: SimSpan,
    ) -> (Vec<(u32, u32, GroupName)>, Option<SimTime>) {
        let mut names = Vec::new();
        while let Some(oldest) = self.ages.front() {
            let due = oldest.at.saturating_add(span);
            if due > now {
                return (names, Some(due));
            }
            let set = self.created.get_mut(&(oldest.process, oldest.endpoint));
            let was_created = set.is_some_and(|set| set.remove(oldest.name));
            assert!(was_created, "a name has an age that was not created");
            names.push((oldest.process, oldest.endpoint, oldest.name));
            self.ages.pop_front();
        }
        (names, None)
    }
}

impl Policy for GroupCloser {
    fn first_call(&self) -> Option<SimTime> {
        match self.rule {
            CloseGroups::Every(span) => Some(SimTime::ZERO + span),
            CloseGroups::After(_) | CloseGroups::WhenPortsAbove(_) => None,
        }
    }

    fn on_submit(
        &mut self,
        now: SimTime,
        workload: u32,
        process: u32,
        endpoint: u32,
        name: GroupName,
    ) -> Option<SimTime> {
        if !self.closes[workload as usize] {
            return None;
        }
        let is_new = self
            .created
            .entry((process, endpoint))
            .or_default()
            .insert(name);
        let CloseGroups::After(span) = self.rule else {
            return None;
        };
        if !is_new {
            return None;
        }
        let was_empty = self.ages.is_empty();
        self.ages.push_back(Created {
            at: now,
            process,
            endpoint,
            name,
        });
        was_empty.then(|| now.saturating_add(span))
    }

    fn on_opened(&mut self, ports_share: f64) -> bool {
        matches!(self.rule, CloseGroups::WhenPortsAbove(limit) if ports_share > limit)
    }

    fn watches_ports(&self) -> bool {
        matches!(self.rule, CloseGroups::WhenPortsAbove(_))
    }

    fn call(&mut self, now: SimTime) -> (Vec<(u32, u32, GroupName)>, Option<SimTime>) {
        match self.rule {
            CloseGroups::Every(span) => (self.everything(), Some(now.saturating_add(span))),
            CloseGroups::WhenPortsAbove(_) => (self.everything(), None),
            CloseGroups::After(span) => self.older_than(now, span),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimSpan::from_seconds(seconds)
    }

    #[test]
    fn every_closes_what_was_created_so_far_and_forgets_it() {
        let mut closer = GroupCloser::new(
            CloseGroups::Every(SimSpan::from_seconds(30)),
            [true].into_iter(),
        );
        assert_eq!(closer.first_call(), Some(at(30)));
        for number in [0, 1, 0] {
            assert_eq!(
                closer.on_submit(at(1), 0, 0, 0, GroupName::fresh(number)),
                None
            );
        }
        let (names, next) = closer.call(at(30));
        assert_eq!(
            names,
            [(0, 0, GroupName::fresh(0)), (0, 0, GroupName::fresh(1))]
        );
        assert_eq!(next, Some(at(60)));
        assert_eq!(closer.call(at(60)).0, []);
    }

    #[test]
    fn after_closes_each_name_at_its_age() {
        let mut closer = GroupCloser::new(
            CloseGroups::After(SimSpan::from_seconds(10)),
            [true].into_iter(),
        );
        assert_eq!(
            closer.on_submit(at(0), 0, 0, 0, GroupName::pooled(1)),
            Some(at(10))
        );
        assert_eq!(closer.on_submit(at(4), 0, 0, 0, GroupName::pooled(2)), None);
        assert_eq!(
            closer.on_submit(at(5), 0, 0, 0, GroupName::pooled(1)),
            None,
            "used, not new"
        );
        assert_eq!(
            closer.call(at(10)),
            (alloc::vec![(0, 0, GroupName::pooled(1))], Some(at(14)))
        );
        assert_eq!(
            closer.on_submit(at(11), 0, 0, 0, GroupName::pooled(1)),
            None,
            "14 comes first"
        );
        assert_eq!(
            closer.call(at(14)),
            (alloc::vec![(0, 0, GroupName::pooled(2))], Some(at(21)))
        );
    }

    #[test]
    fn ports_are_watched_by_the_rule_that_is_about_them() {
        let closer = |rule| GroupCloser::new(rule, [true].into_iter());
        let mut above = closer(CloseGroups::WhenPortsAbove(0.8));
        assert!(above.watches_ports());
        assert!(!above.on_opened(0.8) && above.on_opened(0.81));
        assert_eq!(above.first_call(), None);
        above.on_submit(at(1), 0, 0, 0, GroupName::pooled(1));
        let names = alloc::vec![(0, 0, GroupName::pooled(1))];
        assert_eq!(above.call(at(2)), (names, None));
        let mut every = closer(CloseGroups::Every(SimSpan::from_seconds(30)));
        assert!(!every.watches_ports() && !every.on_opened(1.0));
    }
}
