//! What follows from the seeds of which it is known where they turn.

use super::{Ends, Ran, Seed, Stage, Turns};
use crate::study::goal::Judgement;
use crate::study::plan::search::{Effort, Evidence, Found, Scale};
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

impl<E, R: FnMut(f64, &[u32]) -> Result<Ran, E>> Turns<'_, R> {
    /// The neighbouring values that are furthest apart where the goal is said to hold.
    pub(super) fn widest_gap(&self, scale: Scale, (mild, harsh): Ends) -> Option<(f64, f64)> {
        let (mildest, harshest) = self.range();
        let (from, to) = if self.among.asked.holds_on(Ordering::Less) {
            (mildest, mild?)
        } else {
            (harsh?, harshest)
        };
        let inside = self.seen.iter().map(|it| it.harshness);
        let inside = inside.filter(|it| from <= *it && *it <= to);
        let mut inside: Vec<f64> = inside.map(|it| self.value(it)).collect();
        inside.sort_by(f64::total_cmp);
        let gaps = inside.windows(2).map(|pair| (pair[0], pair[1]));
        let wide = gaps.filter(|(low, high)| !self.search.is_near(*low, *high));
        wide.reduce(|one, other| {
            if scale.width(other.0, other.1) > scale.width(one.0, one.1) {
                other
            } else {
                one
            }
        })
    }

    pub(super) fn conclude(&self, stage: &Stage, (mild, harsh): Ends) -> Option<Found> {
        let asked = self.among.asked;
        let holds_when_mild = asked.holds_on(Ordering::Less);
        let side = |at: f64| {
            if mild.is_some_and(|it| at <= it) {
                Some(Ordering::Less)
            } else if harsh.is_some_and(|it| at >= it) {
                Some(Ordering::Greater)
            } else {
                None
            }
        };
        let mut evidence: Vec<(f64, Evidence)> = Vec::new();
        for it in &self.seen {
            let of = self.known_at(it.harshness).min(stage.of as usize);
            let hits = self.hits(it.harshness, of as u32) as usize;
            let judgement = match side(it.harshness) {
                Some(side) => Judgement::certain(asked.holds_on(side)),
                None => Judgement::Open(asked.seems_to_hold(hits, of)),
            };
            let is_whole = of == stage.of as usize;
            let seen = Evidence {
                at: self.value(it.harshness),
                effort: if is_whole {
                    Effort::Decide
                } else {
                    Effort::Glance
                },
                judgement,
                runs: of as u32,
                rises: Vec::new(),
                events: it.events,
                seen: if of > 0 {
                    asked.text(hits, of)
                } else {
                    String::new()
                },
            };
            evidence.push((it.harshness, seen));
        }
        evidence.sort_by(|one, other| one.0.total_cmp(&other.0));
        let holding = evidence
            .iter()
            .filter(|(_, it)| it.judgement.is_certain() || it.effort == Effort::Decide);
        let holding = holding
            .filter(|(_, it)| it.judgement.leans_to_hold())
            .map(|it| it.0);
        let limit = if holds_when_mild {
            holding.reduce(f64::max)?
        } else {
            holding.reduce(f64::min)?
        };
        let (low, high) = if self.rises {
            (mild, harsh)
        } else {
            (harsh, mild)
        };
        let both = mild.zip(harsh);
        let mut evidence: Vec<Evidence> = evidence.into_iter().map(|it| it.1).collect();
        if !self.rises {
            evidence.reverse();
        }
        Some(Found {
            limit: self.value(limit),
            low: low.map(|it| self.value(it)),
            high: high.map(|it| self.value(it)),
            holds_below: holds_when_mild == self.rises,
            is_certain: both.is_some_and(|(mild, harsh)| self.is_near(mild, harsh)),
            turns_once: self.among.turns_once,
            evidence,
        })
    }

    /// Of how many seeds, from the first on, it is known what they do at a value.
    pub(super) fn known_at(&self, harshness: f64) -> usize {
        let open = |it: &Seed| it.clear < harshness && harshness < it.hit;
        let first_open = self.seeds.iter().position(open);
        first_open.unwrap_or(self.seeds.len())
    }
}
