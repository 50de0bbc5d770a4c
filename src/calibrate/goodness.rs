//! How well a fitted model agrees with the observation.

use super::search::Found;
use super::slopes::dot;
use super::{Channel, Point, Problem};
use alloc::string::String;
use alloc::vec::Vec;

/// How well model and observation agree, over all channels together.
#[derive(Clone, PartialEq, Debug)]
pub struct Goodness {
    /// Root of the mean square of the deviations, in ports.
    pub rmse: f64,
    /// The share of the observation's variance that the model explains; `None` where the
    /// observation does not vary.
    pub r_squared: Option<f64>,
    /// What single runs of the model deviate from its mean, in ports: the deviation that chance
    /// alone makes.
    pub scatter: f64,
    /// Correlation of each deviation with the next; `None` where there is none to speak of.
    pub autocorrelation: Option<f64>,
    /// The largest deviation: its place, observation less model.
    pub worst: (f64, f64),
    /// The largest observed count.
    highest: f64,
    /// What the scenario cannot show, whatever its numbers.
    lacks: Vec<String>,
}

pub(super) fn of(problem: &Problem, found: &Found, points: &[Point]) -> Goodness {
    let n = points.len() as f64;
    let misses: Vec<f64> = points.iter().map(|it| it.observed - it.model).collect();
    let mean = points.iter().map(|it| it.observed).sum::<f64>() / n;
    let squares = dot(&misses, &misses);
    let spread: f64 = points
        .iter()
        .map(|it| (it.observed - mean) * (it.observed - mean))
        .sum();
    let pairs: f64 = misses.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let worst = points
        .iter()
        .zip(&misses)
        .fold((0.0, 0.0_f64), |worst, (point, miss)| {
            if miss.abs() > worst.1.abs() {
                (point.time_s, *miss)
            } else {
                worst
            }
        });
    Goodness {
        rmse: libm::sqrt(squares / n),
        r_squared: (spread > 0.0).then(|| 1.0 - squares / spread),
        scatter: scatter(problem, found, points),
        autocorrelation: (squares > 1e-9 * n).then(|| pairs / squares),
        worst,
        highest: points.iter().map(|it| it.observed).fold(0.0, f64::max),
        lacks: lacks(problem, found),
    }
}

fn scatter(problem: &Problem, found: &Found, points: &[Point]) -> f64 {
    let runs = found.replications.len() as f64;
    let squares: f64 = found
        .replications
        .iter()
        .flat_map(|values| problem.observed.total_of(values).into_iter().zip(points))
        .map(|(value, point)| (value - point.model) * (value - point.model))
        .sum();
    libm::sqrt(squares / (runs - 1.0) / points.len() as f64)
}

/// States that were observed and never occur in the model.
fn lacks(problem: &Problem, found: &Found) -> Vec<String> {
    let mut all = Vec::new();
    let n = problem.observed.times_s.len();
    for (number, (channel, values)) in problem.observed.channels.iter().enumerate() {
        let seen = values.iter().copied().fold(0.0, f64::max);
        let model = found.replications.iter();
        let shown = model
            .flat_map(|values| &values[number * n..(number + 1) * n])
            .copied()
            .fold(0.0, f64::max);
        if seen < 3.0 || shown > 0.0 {
            continue;
        }
        let (state, hint) = match channel {
            Channel::TimeWait => (
                "TIME_WAIT",
                "set `machine.time-wait`, `active-close` or `keep-alive`",
            ),
            Channel::CloseWait => ("CLOSE_WAIT", "set the server's `closes-idle-after`"),
            _ => ("any connection", "set the workload's `from` and `until`"),
        };
        all.push(format!(
            "up to {seen:.0} ports were observed in {state}, the model has none: {hint}"
        ));
    }
    all
}

impl Goodness {
    /// Whether the model lacks something that was observed.
    pub fn is_misfit(&self) -> bool {
        self.misses() || !self.lacks.is_empty()
    }

    /// More than chance makes, more than rounding to whole ports, more than anybody minds.
    fn misses(&self) -> bool {
        self.rmse > 2.0 * self.scatter && self.rmse > (0.02 * self.highest).max(1.0)
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        let mut all = self.lacks.clone();
        if self.misses() {
            let (rmse, scatter) = (self.rmse, self.scatter);
            let (time, by) = self.worst;
            let side = if by > 0.0 { "below" } else { "above" };
            let pattern = match self.autocorrelation {
                Some(it) if it > 0.5 => ", and its deviations hang together over time",
                _ => "",
            };
            all.push(format!(
                "the model misses by {rmse:.1} ports, its own runs scatter by {scatter:.1}{pattern}: \
                 it lacks something (most at {time:.1} s, {:.0} {side})",
                by.abs()
            ));
        }
        if self.is_misfit() {
            all.push(
                "the fitted numbers have no interval: what the model lacks may have moved them by \
                 any amount"
                    .into(),
            );
        }
        all
    }
}
