//! The life of a connection, as the gallery draws it.
use spsim::inside::scenario;
use spsim::inside::study::lifeline::{Lifeline, Stage, of_the_first};
use spsim::{InputFiles, SimTime};

fn life(toml: &str) -> Lifeline {
    let mut files = InputFiles::in_memory(&[]);
    let read = scenario::read(toml, "test", &[], &mut files).expect("a scenario");
    let variant = read.scenario.under(&read.scenario.strategies[0]);
    let life = of_the_first(&variant, "baseline", &files).expect("no traces");
    life.expect("a connection")
}

const KEPT: &str = "duration = \"10min\"\nserver.api.response-time = \"1s\"\n\
                    workload.one.arrivals = { every = \"2s\", until = \"5s\" }\n";

#[test]
fn a_kept_connection_serves_idles_and_closes_after_the_idle_time() {
    let life = life(KEPT);
    let seconds: Vec<(f64, f64, Stage)> = life
        .intervals()
        .map(|(from, until, stage)| (from.as_seconds(), until.as_seconds(), stage))
        .collect();
    // .NET Framework 4.8 by default: 100 s after the last answer.
    let idle_until = seconds[5].1;
    assert_eq!(
        &seconds[..5],
        [
            (0.0, 1.0, Stage::Busy),
            (1.0, 2.0, Stage::Idle),
            (2.0, 3.0, Stage::Busy),
            (3.0, 4.0, Stage::Idle),
            (4.0, 5.0, Stage::Busy),
        ]
    );
    assert_eq!((life.requests, seconds[5].0), (3, 5.0));
    assert!((105.0..=106.0).contains(&idle_until), "{idle_until}");
}

#[test]
fn without_keep_alive_the_port_is_held_after_the_answer() {
    let life = life(&format!(
        "{KEPT}workload.one.keep-alive = false\nserver.api.active-close = \"client\"\n\
         machine.time-wait = \"2min\"\n"
    ));
    let stages: Vec<Stage> = life.stages.iter().map(|it| it.1).collect();
    assert_eq!(stages, [Stage::Busy, Stage::TimeWait]);
    assert_eq!(
        (life.end, life.requests),
        (SimTime::from_nanos(121_000_000_000), 1)
    );
}
