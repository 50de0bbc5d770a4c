//! How requests hold ports, found out from a few runs as the scenario says.

use super::held::Load;
use super::tilt::{Shape, loads};
use crate::model::{CloseGroups, Scenario};
use crate::sim::Sample;
use crate::units::SimSpan;
use alloc::vec::Vec;

/// Where no time that the scenario names fits, times at this distance are tried.
const FACTOR: f64 = 1.1;

/// Down to this share of the run.
const SHORTEST: f64 = 1e-5;

/// By how much better another time must fit than those that the scenario names.
const NOTABLY: f64 = 0.6;

/// The ports in use are said to be explained where what is left of them is less than this.
const EXPLAINED: f64 = 0.25;

/// A request holds a port: where it seems to be so nearly one, that is chance.
const ONE: f64 = 0.1;

/// A candidate.
#[derive(Clone, Copy, Debug)]
struct Fit {
    shape: Shape,
    /// What it leaves of the ports in use, relative to them.
    left: f64,
}

/// How ports are held in runs of which these are the samples, one list each; `None` where that is
/// not by each request for about as long as its answer takes, and some time more.
pub(super) fn shape(variant: &Scenario, runs: &[&[Sample]]) -> Option<Shape> {
    let first = runs.first()?;
    // Where ports are given back all at once, what counts is the most that was in use so far.
    let is_swept = matches!(variant.close_groups, Some(CloseGroups::Every(_)));
    let mut mean = Vec::with_capacity(first.len());
    let mut most = 0.0;
    // What becomes of ports once no request comes is of no interest.
    let loads = loads(variant, 0.0)?;
    let end = loads.iter().map(Load::end).fold(0.0, f64::max);
    let under_load = first.iter().take_while(|it| it.time.as_seconds() <= end);
    for (place, sample) in under_load.enumerate() {
        let of_runs = runs.iter().map(|run| run.get(place));
        let sum: u64 = of_runs
            .map(|it| Some(it?.ports_in_use))
            .sum::<Option<u64>>()?;
        let in_use = sum as f64 / runs.len() as f64;
        most = libm::fmax(most, in_use);
        let counted = if is_swept { most } else { in_use };
        mean.push((sample.time.as_seconds(), counted));
    }
    // By how much chance moves such a mean, relative to it.
    let chance = 1.0 / libm::sqrt(libm::fmax(most, 1.0) * runs.len() as f64);
    let spread_over = variant.duration.as_seconds();
    let named = times_of(variant);
    let mut others = (0..)
        .map(|step| spread_over / libm::pow(FACTOR, f64::from(step)))
        .take_while(|it| *it >= SHORTEST * spread_over);
    let best = |times: &mut dyn Iterator<Item = f64>| {
        let fits =
            times.filter_map(|plus| fit(variant, &mean, plus, libm::fmax(ONE, 3.0 * chance)));
        fits.min_by(|one, other| one.left.total_cmp(&other.left))
    };
    let named = best(&mut named.into_iter())?;
    let found = match best(&mut others) {
        Some(other) if other.left < NOTABLY * named.left && named.left > EXPLAINED / 4.0 => other,
        _ => named,
    };
    (found.left <= libm::fmax(EXPLAINED, 4.0 * chance)).then_some(found.shape)
}

/// Times for which ports may be held after an answer, in seconds: those that the scenario names,
/// and sums of two.
fn times_of(variant: &Scenario) -> Vec<f64> {
    let machine = &variant.machine;
    let mut named: Vec<f64> = alloc::vec![0.0, machine.time_wait.as_seconds()];
    let mut add = |span: Option<SimSpan>| named.extend(span.map(SimSpan::as_seconds));
    for client in &variant.clients {
        add(client.idle_time());
        add(client.connection_lease);
        add(client.pooled_connection_lifetime);
        add(client.handler_lifetime);
        add(client.gc_every);
    }
    for server in &variant.servers {
        add(server.closes_idle_after);
        add(server.keep_alive_timeout);
    }
    if let Some(CloseGroups::Every(span) | CloseGroups::After(span)) = variant.close_groups {
        add(Some(span));
    }
    let connect = variant.servers.iter();
    let connect = connect.filter_map(|it| it.connect_time.mean_seconds());
    let connect = connect.fold(0.0, f64::max);
    let mut times: Vec<f64> = (named.iter())
        .flat_map(|one| named.iter().map(move |other| one + other + connect))
        .chain([f64::INFINITY])
        .collect();
    times.sort_by(f64::total_cmp);
    times.dedup_by(|one, other| one.to_bits() == other.to_bits());
    times
}

/// How well it fits that ports are held so much longer than answers take.
fn fit(variant: &Scenario, seen: &[(f64, f64)], plus: f64, chance: f64) -> Option<Fit> {
    let loads = loads(variant, plus)?;
    let mut so_far = 0.0;
    let expected: Vec<f64> = (seen.iter())
        .map(|(at, _)| {
            let held = loads.iter().map(|it| it.held(*at, *at)).sum();
            so_far = libm::fmax(so_far, held);
            so_far
        })
        .collect();
    let pairs = || seen.iter().map(|it| it.1).zip(expected.iter().copied());
    let (product, square) = pairs().fold((0.0, 0.0), |(product, square), (seen, expected)| {
        (product + seen * expected, square + expected * expected)
    });
    if product <= 0.0 {
        return None;
    }
    let each = product / square;
    let is_one = libm::fabs(each - 1.0) < chance;
    let each = if is_one { 1.0 } else { each };
    let (left, all) = pairs().fold((0.0, 0.0), |(left, all), (seen, expected)| {
        let rest = seen - each * expected;
        (left + rest * rest, all + seen * seen)
    });
    let ports_each = each;
    Some(Fit {
        shape: Shape { plus, ports_each },
        left: libm::sqrt(left / all),
    })
}
