//! An observed curve: ports over time, in one or several channels that a sample can be asked for.

use crate::sim::Sample;
use crate::units::SimTime;
use alloc::vec::Vec;

/// What was counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Channel {
    /// Ports in any state.
    Total,
    /// Ports in neither TIME_WAIT nor CLOSE_WAIT.
    Alive,
    /// Ports held after this side closed first.
    TimeWait,
    /// Ports whose server has closed and whose program has not noticed.
    CloseWait,
    /// Ports in any state but TIME_WAIT, as Perfmon counts `Connections Established`.
    NotTimeWait,
    /// Ports in any state but CLOSE_WAIT.
    NotCloseWait,
    /// Connections established since the first observation, whether or not they are open still.
    Opened,
}

impl Channel {
    /// The count that a sample of a run has.
    pub fn of(self, sample: &Sample) -> f64 {
        let count = match self {
            Channel::Total => sample.ports_in_use,
            Channel::Alive => sample.connecting + sample.busy + sample.idle,
            Channel::TimeWait => sample.time_wait,
            Channel::CloseWait => sample.close_wait,
            Channel::NotTimeWait => sample.ports_in_use - sample.time_wait,
            Channel::NotCloseWait => sample.ports_in_use - sample.close_wait,
            Channel::Opened => return sample.opened as f64,
        };
        count as f64
    }
}

/// An observed curve.
///
/// **Invariant:** at least two times, rising from 0; one value per time in every channel; the
/// channels are disjoint and make up what was counted.
#[derive(Clone, PartialEq, Debug)]
pub struct Curve {
    /// Seconds since the first observation.
    pub times_s: Vec<f64>,
    /// What was counted, and the counts.
    pub channels: Vec<(Channel, Vec<f64>)>,
}

impl Curve {
    /// Seconds from the first observation to the last.
    pub fn span_s(&self) -> f64 {
        self.times_s.last().copied().unwrap_or(0.0)
    }

    /// All channels together.
    pub fn total(&self) -> Vec<f64> {
        let values: Vec<f64> = self.values().collect();
        self.total_of(&values)
    }

    /// Every value, one channel after the other.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.channels
            .iter()
            .flat_map(|(_, values)| values.iter().copied())
    }

    /// The sum over the channels of `values`, which stand as [`Curve::values`] has them.
    pub fn total_of(&self, values: &[f64]) -> Vec<f64> {
        let n = self.times_s.len();
        (0..n)
            .map(|index| values.iter().skip(index).step_by(n).sum())
            .collect()
    }

    /// What a run's samples say of each value, if the scenario began `start_s` before the first
    /// observation. Between two samples the count is taken on the straight line.
    pub fn read(&self, samples: &[Sample], start_s: f64) -> Vec<f64> {
        let mut values = Vec::with_capacity(self.channels.len() * self.times_s.len());
        for (channel, _) in &self.channels {
            let mut after = 0;
            for time in &self.times_s {
                let at = time + start_s;
                while after < samples.len() && samples[after].time.as_seconds() < at {
                    after += 1;
                }
                values.push(between(samples, after, at, *channel));
            }
        }
        values
    }
}

/// The value at `at` seconds: `after` is the first sample not before it.
fn between(samples: &[Sample], after: usize, at: f64, channel: Channel) -> f64 {
    let Some(right) = samples.get(after).or(samples.last()) else {
        return 0.0;
    };
    let left = samples.get(after.saturating_sub(1)).unwrap_or(right);
    let seconds = |time: SimTime| time.as_seconds();
    let width = seconds(right.time) - seconds(left.time);
    let share = if width > 0.0 {
        ((at - seconds(left.time)) / width).clamp(0.0, 1.0)
    } else {
        1.0
    };
    let (low, high) = (channel.of(left), channel.of(right));
    low + share * (high - low)
}
