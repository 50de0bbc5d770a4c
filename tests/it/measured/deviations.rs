//! Where model and measurement differ, by how much and why.

/// What differs in one experiment.
pub(crate) struct Deviation {
    pub(crate) name: &'static str,
    pub(crate) why: &'static str,
    /// Which number, and measured minus model.
    pub(crate) by: &'static [(&'static str, f64)],
}

/// The program starts up for about 0.1 s (compiling, first connect): the requests of that time
/// are answered late and each needs a connection, which stays in the pool. The model's program is
/// warm from the start. Rate x 0.1 s bounds it: 10 connections, a few more where it took longer.
const START_UP: &str = "start-up leaves up to rate x 0.1 s (and a few) connections in the pool";

/// The server answers `Connection: close` and closes; client and server race for the first FIN.
/// Who wins is an input of the model (PT-3); `serverfin` and `cliclose` experiments settle it.
const CLOSE_RACE: &str = "the client won the race for the first FIN in part of the exchanges";

/// Linux starts each search at a port of its choice and takes over a port in TIME_WAIT for more
/// than a second if it meets that before a free one; the model takes free ports first. With 500
/// ports both come to rest at 250, the model sooner. With 28,232 ports the measured count stays up
/// to 5% below the number of closes in some experiments (and not at all in others that asked for
/// the same: which, depends on the kernel's hash).
const EARLY_TAKE_OVER: &str = "Linux takes over ports in TIME_WAIT before all others are used";

/// Which ports in TIME_WAIT are old enough when a connect looks for one depends on which were taken
/// over before: the model takes the oldest of a half, Linux the first that it meets.
const SEARCH_ORDER: &str = "the model takes over the oldest port, Linux the first it meets";

/// Each sweep of `CloseConnectionGroup` falls on the instant of a request, and the request of 10 ms
/// before is about to be answered. With the mean latency (the slow start included) it is still in
/// flight and fails (MO-8), once a sweep; in the run no request was caught.
const SWEEP_RACE: &str = "a request answered within 2 ms of the sweep was not caught by it";

pub(crate) const DEVIATIONS: &[Deviation] = &[
    Deviation {
        name: "core31-bounded-K10-r100-d15-delay200",
        why: EARLY_TAKE_OVER,
        by: &[
            ("3/4", -74.0),
            ("4/4", -74.0),
            ("peak", -74.0),
            ("held at end", -74.0),
        ],
    },
    Deviation {
        name: "core31-bounded-K50-r100-d15-delay10",
        why: EARLY_TAKE_OVER,
        by: &[
            ("3/4", -37.4),
            ("4/4", -76.0),
            ("peak", -76.0),
            ("held at end", -76.0),
        ],
    },
    Deviation {
        name: "core31-closegroup-T2-r100-d15",
        why: EARLY_TAKE_OVER,
        by: &[("4/4", -45.8), ("peak", -44.0), ("held at end", -44.0)],
    },
    Deviation {
        name: "core31-exh500-closegroup-T2-r100-d15-tw1",
        why: EARLY_TAKE_OVER,
        by: &[("1/4", -26.0)],
    },
    Deviation {
        name: "core31-exh500-kaoff-r50-d20-cliclose-tw1",
        why: EARLY_TAKE_OVER,
        by: &[("1/4", -70.0), ("2/4", -17.0), ("3/4", -6.0)],
    },
    Deviation {
        name: "core31-exh500-kaoff-r50-d20-cliclose-tw2",
        why: EARLY_TAKE_OVER,
        by: &[("1/4", -65.0), ("2/4", -20.0), ("3/4", -10.0)],
    },
    Deviation {
        name: "core31-exh500-unique-r100-d12-tw1",
        why: EARLY_TAKE_OVER,
        by: &[("1/4", -37.0), ("2/4", -5.0)],
    },
    Deviation {
        name: "core31-exh500-unique-r100-d12-tw2",
        why: EARLY_TAKE_OVER,
        by: &[("1/4", -36.0)],
    },
    Deviation {
        name: "core31-kaoff-r100-d15-cliclose",
        why: EARLY_TAKE_OVER,
        by: &[
            ("3/4", -23.9),
            ("4/4", -68.0),
            ("peak", -68.0),
            ("held at end", -68.0),
        ],
    },
    Deviation {
        name: "core31-pd-kaoff-r100-d10",
        why: CLOSE_RACE,
        by: &[
            ("1/4", 85.0),
            ("2/4", 216.0),
            ("3/4", 266.1),
            ("4/4", 446.0),
            ("peak", 445.0),
            ("held at end", 447.0),
        ],
    },
    Deviation {
        name: "core31-pd-trickle-r10-d20-idle5000",
        why: EARLY_TAKE_OVER,
        by: &[("4/4", -4.0), ("held at end", -4.0)],
    },
    Deviation {
        name: "core31-pd-unique-r100-d10-delay200",
        why: EARLY_TAKE_OVER,
        by: &[
            ("3/4", -31.0),
            ("4/4", -48.0),
            ("peak", -48.0),
            ("held at end", -48.0),
        ],
    },
    Deviation {
        name: "core31-single-r100-d15-delay10",
        why: EARLY_TAKE_OVER,
        by: &[
            ("1/4", -22.9),
            ("2/4", -28.9),
            ("3/4", -29.5),
            ("4/4", -30.0),
            ("peak", -30.0),
            ("held at end", -30.0),
        ],
    },
    Deviation {
        name: "core31-unique-r50-d30-idle4000",
        why: EARLY_TAKE_OVER,
        by: &[("4/4", -68.0), ("peak", -68.0), ("held at end", -68.0)],
    },
    Deviation {
        name: "net8-bounded-K10-r100-d15-delay10",
        why: EARLY_TAKE_OVER,
        by: &[("4/4", -54.0), ("peak", -54.0), ("held at end", -54.0)],
    },
    Deviation {
        name: "net8-closegroup-T2-r100-d15",
        why: EARLY_TAKE_OVER,
        by: &[("4/4", -54.0), ("peak", -54.0), ("held at end", -54.0)],
    },
    Deviation {
        name: "net8-exh500-unique-r100-d12-tw1",
        why: EARLY_TAKE_OVER,
        by: &[("1/4", -37.0)],
    },
    Deviation {
        name: "net8-kaoff-r100-d15-cliclose",
        why: EARLY_TAKE_OVER,
        by: &[
            ("3/4", -24.0),
            ("4/4", -46.0),
            ("peak", -46.0),
            ("held at end", -46.0),
        ],
    },
    Deviation {
        name: "net8-pd-bounded-K10-r100-d10",
        why: START_UP,
        by: &[
            ("1/4", 7.0),
            ("2/4", 7.0),
            ("3/4", 7.0),
            ("4/4", 7.0),
            ("peak", 7.0),
            ("open at end", 7.0),
        ],
    },
    Deviation {
        name: "net8-pd-closegroup-T2-r100-d10",
        why: START_UP,
        by: &[
            ("1/4", 5.0),
            ("2/4", 5.0),
            ("3/4", 5.0),
            ("4/4", 5.0),
            ("peak", 5.0),
            ("open at end", 5.0),
        ],
    },
    Deviation {
        name: "net8-pd-exh500-unique-r100-d12-tw0",
        why: START_UP,
        by: &[
            ("1/4", 11.0),
            ("2/4", 11.0),
            ("3/4", 11.0),
            ("4/4", 11.0),
            ("peak", 11.0),
            ("open at end", 11.0),
        ],
    },
    Deviation {
        name: "net8-pd-kaoff-r100-d10",
        why: CLOSE_RACE,
        by: &[
            ("1/4", 10.0),
            ("2/4", 10.0),
            ("3/4", 35.0),
            ("4/4", 66.0),
            ("peak", 65.0),
            ("held at end", 67.0),
        ],
    },
    Deviation {
        name: "net8-pd-single-r100-d10",
        why: START_UP,
        by: &[
            ("1/4", 5.0),
            ("2/4", 5.0),
            ("3/4", 5.0),
            ("4/4", 5.0),
            ("peak", 5.0),
            ("open at end", 5.0),
        ],
    },
    Deviation {
        name: "net8-pd-unique-r100-d10",
        why: START_UP,
        by: &[
            ("1/4", 9.0),
            ("2/4", 9.0),
            ("3/4", 9.0),
            ("4/4", 9.0),
            ("peak", 9.0),
            ("open at end", 9.0),
        ],
    },
    Deviation {
        name: "net8-single-r100-d15-delay10",
        why: EARLY_TAKE_OVER,
        by: &[
            ("3/4", -25.6),
            ("4/4", -44.1),
            ("peak", -44.0),
            ("held at end", -44.0),
        ],
    },
    Deviation {
        name: "net8-unique-r100-d15-idle100000",
        why: EARLY_TAKE_OVER,
        by: &[
            ("2/4", -18.0),
            ("3/4", -62.0),
            ("4/4", -72.0),
            ("peak", -72.0),
            ("held at end", -72.0),
        ],
    },
    Deviation {
        name: "mono-closegroup-T2-r100-d15",
        why: EARLY_TAKE_OVER,
        by: &[("4/4", -31.0), ("peak", -31.0), ("held at end", -31.0)],
    },
    Deviation {
        name: "mono-closegroup-T2-r100-d15",
        why: SWEEP_RACE,
        by: &[("first failure", 18.0), ("failures", -7.0)],
    },
    Deviation {
        name: "mono-exh500-closegroup-T2-r100-d15-tw0",
        why: SWEEP_RACE,
        by: &[("first failure", 3.0)],
    },
    Deviation {
        name: "mono-exh500-closegroup-T2-r100-d15-tw1",
        why: SEARCH_ORDER,
        by: &[
            ("2/4", -10.0),
            ("3/4", -29.0),
            ("4/4", -57.0),
            ("peak", -57.0),
            ("held at end", -57.0),
        ],
    },
    Deviation {
        name: "mono-exh500-closegroup-T2-r100-d15-tw1",
        why: SWEEP_RACE,
        by: &[("first failure", 16.0), ("failures", -7.0)],
    },
    Deviation {
        name: "mono-exh500-kaoff-r50-d20-cliclose-tw1",
        why: EARLY_TAKE_OVER,
        by: &[("1/4", -66.0), ("2/4", -19.0), ("3/4", -7.0)],
    },
    Deviation {
        name: "mono-exh500-kaoff-r50-d20-cliclose-tw2",
        why: EARLY_TAKE_OVER,
        by: &[("1/4", -76.0), ("2/4", -23.0), ("3/4", -11.0)],
    },
    Deviation {
        name: "mono-exh500-single-r100-d12-tw0",
        why: START_UP,
        by: &[
            ("1/4", 13.0),
            ("2/4", 13.0),
            ("3/4", 13.0),
            ("4/4", 13.0),
            ("peak", 13.0),
            ("open at end", 13.0),
        ],
    },
    Deviation {
        name: "mono-kaoff-r100-d15-cliclose",
        why: EARLY_TAKE_OVER,
        by: &[("4/4", -61.0), ("peak", -61.0), ("held at end", -61.0)],
    },
    Deviation {
        name: "mono-r2-kaoff-r50-d20-serverfin",
        why: START_UP,
        by: &[("peak", 4.0)],
    },
    Deviation {
        name: "mono-single-r100-d10-delay200-idle4000",
        why: START_UP,
        by: &[
            ("1/4", 5.0),
            ("2/4", 5.0),
            ("3/4", 5.0),
            ("4/4", 7.0),
            ("peak", 7.0),
            ("held at end", 7.0),
        ],
    },
    Deviation {
        name: "mono-single-r100-d15-delay10",
        why: START_UP,
        by: &[
            ("1/4", 5.0),
            ("2/4", 5.0),
            ("3/4", 5.0),
            ("4/4", 5.0),
            ("peak", 5.0),
            ("open at end", 5.0),
        ],
    },
    Deviation {
        name: "mono-single-r100-d15-delay200",
        why: START_UP,
        by: &[
            ("1/4", 6.0),
            ("2/4", 6.0),
            ("3/4", 6.0),
            ("4/4", 6.0),
            ("peak", 6.0),
            ("open at end", 6.0),
        ],
    },
    Deviation {
        name: "mono-unique-r50-d30-idle4000",
        why: EARLY_TAKE_OVER,
        by: &[("4/4", -43.0), ("peak", -43.0), ("held at end", -43.0)],
    },
];
