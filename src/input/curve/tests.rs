//! What is read of a curve's CSV, and what is refused.

use super::*;

fn read(text: &str) -> Result<Observation, Vec<String>> {
    read_csv(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())))
}

#[test]
fn states_are_split_from_the_total() {
    let text = "time_s;ports_in_use;time_wait;note\n0;1;0;a\n1;3;1;b\n2;5;2;c\n3;7;3;d\n4;9;4;e\n";
    let found = read(text).expect("good");
    assert_eq!(
        found.curve.channels,
        [
            (Channel::NotTimeWait, vec![1.0, 2.0, 3.0, 4.0, 5.0]),
            (Channel::TimeWait, vec![0.0, 1.0, 2.0, 3.0, 4.0]),
        ]
    );
    assert_eq!(
        found.told,
        ["note: columns used: `time_s`, `ports_in_use`, `time_wait`; not used: `note`"]
    );
    assert_eq!(found.curve.total(), [1.0, 3.0, 5.0, 7.0, 9.0]);
}

#[test]
fn bad_rows_are_told_and_good_ones_sorted() {
    let text = "t_s,ports\n5,1\n1,2\nx,3\n2,-1\n2,many\n3\n2,4\n2,5\n4,6\n3,7";
    let found = read(text).expect("good");
    assert_eq!(found.curve.times_s, [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(found.curve.total(), [2.0, 4.0, 7.0, 6.0, 1.0]);
    assert_eq!(found.skipped, 4);
    assert_eq!(
        found.told,
        [
            "skipped line 4: time `x` is neither seconds nor ISO 8601",
            "skipped line 5: `-1` is not a count of ports",
            "skipped line 6: `many` is not a count of ports",
            "skipped line 7: 1 fields, the header has 2",
            "note: 2 lines earlier than the one before: sorted (first: line 3)",
            "note: 1 line at the same time as another: left out (first: line 9)",
        ]
    );
}

#[test]
fn dates_and_seconds_since_1970_are_times() {
    let iso = "timestamp,ports\n2026-11-22T07:20:40Z,1\n2026-11-22 07:20:50,2\n\
               2026-11-22T07:21:00Z,3\n2026-11-22T07:21:10Z,4\n2026-11-22T07:21:20Z,5\n";
    let epoch = "time,ports\n1795332040,1\n1795332050,2\n1795332060,3\n1795332070,4\n\
                 1795332080.0,5\n";
    for text in [iso, epoch] {
        let found = read(text).expect("good");
        assert_eq!(found.curve.times_s, [0.0, 10.0, 20.0, 30.0, 40.0]);
    }
}

#[test]
fn what_is_no_curve_says_why() {
    let problem = |text: &str| read(text).expect_err("bad").join("; ");
    assert_eq!(
        problem("a,b\n1,2\n"),
        "has no column of times (time_s, t_s, time, timestamp, seconds, elapsed_s): \
         it has `a`, `b`"
    );
    assert!(problem("time_s,b\n1,2\n").starts_with("has no column of ports (ports_in_use,"));
    assert_eq!(
        problem("time_s,ports\n1,2\n"),
        "holds 1 observations: at least 5 are needed"
    );
    let two = "strategy,time_s,ports_in_use\na,0,1\nb,0,1\n";
    assert!(problem(two).starts_with("holds several strategies (`a`, `b`)"));
    assert!(is_curve(b"# x\nstrategy,time_s,ports_in_use\n"));
    assert!(!is_curve(b"time_s,group\n"));
}
