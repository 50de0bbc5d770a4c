//! The observed curve of `spsim calibrate` from snapshots.

use super::curve::FEWEST_POINTS;
use crate::calibrate::{Channel, Curve};
use crate::diagnose::{Series, State, Step};

/// The sum of the series of a diagnosis, or the one of `remote`.
///
/// # Errors
/// There is no such endpoint, no client's connection at all, or too few snapshots.
pub fn of_series(series: &[Series], remote: Option<&str>) -> Result<(Curve, Vec<String>), String> {
    let chosen: Vec<&Series> = series
        .iter()
        .filter(|it| remote.is_none_or(|remote| it.remote == remote))
        .collect();
    let Some(first) = chosen.first() else {
        return Err(match remote {
            Some(remote) => format!("`{remote}` is not among the remote endpoints"),
            None => "there is no client connection in these snapshots".into(),
        });
    };
    let n = first.steps.len();
    if n < FEWEST_POINTS {
        return Err(format!(
            "{n} snapshots are too few: at least {FEWEST_POINTS} are needed"
        ));
    }
    // Perfmon may lack rows of one counter: then the sum would jump.
    if chosen.iter().any(|it| it.steps.len() != n) {
        return Err("the counters have values at different times: name one with `--remote`".into());
    }
    let mut notes = Vec::new();
    if chosen.len() > 1 {
        notes.push(format!(
            "note: the curve is the sum of {} endpoints; `--remote ADDRESS` takes one",
            chosen.len()
        ));
    }
    let sum = |count: fn(&Step) -> u64| -> Vec<f64> {
        (0..n)
            .map(|index| chosen.iter().map(|it| count(&it.steps[index])).sum::<u64>() as f64)
            .collect()
    };
    // Perfmon and metrics count no TIME_WAIT, and CLOSE_WAIT as established; counts by state do.
    let tells_states = |it: &&Series| {
        let states = || it.steps.iter().flat_map(|step| step.states.keys());
        it.remote.parse::<std::net::SocketAddr>().is_ok()
            || states().any(|state| *state != State::Established)
    };
    let is_counter = !chosen.iter().all(tells_states);
    let is_of_new = chosen.iter().any(|it| it.counts_only_new());
    if is_of_new && !chosen.iter().all(|it| it.counts_only_new()) {
        return Err(
            "some count new connections and some open ones: name one with `--remote`".into(),
        );
    }
    let channels = if is_of_new {
        let totals: Vec<Vec<(f64, f64)>> = chosen.iter().map(|it| it.running_total()).collect();
        let at = |index: usize| totals.iter().map(|it| it[index].1).sum();
        vec![(Channel::Opened, (0..n).map(at).collect())]
    } else if is_counter {
        vec![(Channel::NotTimeWait, sum(Step::total))]
    } else {
        vec![
            (Channel::Alive, sum(Step::alive)),
            (Channel::TimeWait, sum(|step| step.count(State::TimeWait))),
            (Channel::CloseWait, sum(|step| step.count(State::CloseWait))),
        ]
    };
    let times_s = first
        .steps
        .iter()
        .map(|step| step.time_s - first.steps[0].time_s);
    let curve = Curve {
        times_s: times_s.collect(),
        channels,
    };
    Ok((curve, notes))
}
