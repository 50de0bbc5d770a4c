//! What a question asks for: with which word its answer begins.

use alloc::string::String;

/// Makes what is asked of the strategy of this name.
pub type OfStrategy = fn(String) -> Asked;

/// What the author asks for, each of the strategy of this name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// A name: the strategy that does best.
    Best,
    /// Names: the strategies that serve the load without running out.
    Holding,
    /// Yes or no: do ports run out?
    RunsOut(String),
    /// Yes or no: does it serve the load, without running out?
    Holds(String),
    /// Yes or no: are the ports given back by the end of the run?
    ComesBack(String),
    /// A time: when do ports run out?
    When(String),
    /// A time: how long after the first move do requests go to the old address?
    OldAddress(String),
    /// A time: how long after the first failure do requests fail?
    FailsFor(String),
    /// A number: how many requests fail?
    Failed(String),
    /// A number: how many ports are in use at the peak?
    Peak(String),
    /// A number: how many connections are opened?
    Opened(String),
}

impl Asked {
    /// What can be asked of a strategy: the key of each, what makes it of a name, and what is told.
    pub const OF_STRATEGY: [(&str, OfStrategy, &str); 9] = [
        (
            "runs-out",
            Asked::RunsOut,
            "Yes or no: whether ports run out.",
        ),
        (
            "holds",
            Asked::Holds,
            "Yes or no: whether it serves the load without running out.",
        ),
        (
            "comes-back",
            Asked::ComesBack,
            "Yes or no: whether the ports are given back by the end of the run.",
        ),
        ("when", Asked::When, "A time: when ports run out."),
        (
            "old-address",
            Asked::OldAddress,
            "A time: how long after the first move requests go to the old address.",
        ),
        (
            "fails-for",
            Asked::FailsFor,
            "A time: how long after the first failure requests fail.",
        ),
        ("failed", Asked::Failed, "A number: how many requests fail."),
        (
            "peak",
            Asked::Peak,
            "A number: how many ports are in use at the peak.",
        ),
        (
            "opened",
            Asked::Opened,
            "A number: how many connections are opened.",
        ),
    ];

    /// Its key, and the strategy it is about; [`Asked::Best`] and [`Asked::Holding`] are about
    /// none.
    pub fn parts(&self) -> (&'static str, Option<&str>) {
        let of = match self {
            Asked::Best => return ("best", None),
            Asked::Holding => return ("holding", None),
            Asked::RunsOut(of)
            | Asked::Holds(of)
            | Asked::ComesBack(of)
            | Asked::When(of)
            | Asked::OldAddress(of)
            | Asked::FailsFor(of)
            | Asked::Failed(of)
            | Asked::Peak(of)
            | Asked::Opened(of) => of,
        };
        let mut kinds = Asked::OF_STRATEGY.iter();
        let found = kinds.find(|(_, make, _)| make(of.clone()) == *self);
        (found.map_or("best", |(key, _, _)| key), Some(of))
    }
}
