//! How sure the results are, in sentences: survival, differences, the long run, what to distrust.
//! Everything here is about several runs, or was asked for; a plain single run has none of it.

use super::quoted;
use crate::study::differences::{self, CRITERIA, Certainty, Criterion, StrategyDifference};
use crate::study::rare::{NEVER, Reason};
use crate::study::steady::{Assessment, Horizon, LongRun, Unsettled, assess, load_is_stationary};
use crate::study::{Comparison, Interval, StrategyResult, Survival};
use crate::units::{SimSpan, rounded};
use crate::words::number::{count, counted, exactly, instant, percent, span, two_digits};
use crate::words::plain::{self, listed};
use alloc::string::String;
use alloc::vec::Vec;

/// Fewer replications than this rest on results being nearly normal.
const FEW_RUNS: usize = 10;

/// What several runs say that one does not; without full stops, empty for a single run of which
/// the long run was not asked for.
pub fn sentences(comparison: &Comparison) -> Vec<String> {
    let mut sentences = Vec::new();
    if is_replicated(comparison) {
        sentences.extend(comparison.strategies.iter().filter_map(survival));
        sentences.extend(best_by_criterion(comparison));
    }
    sentences.extend(horizons(comparison));
    sentences.extend(precision(comparison, true));
    sentences.extend(comparison.strategies.iter().filter_map(rare));
    sentences
}

/// What of that may mislead.
pub fn warnings(comparison: &Comparison) -> Vec<String> {
    let mut warnings: Vec<String> = precision(comparison, false).into_iter().collect();
    warnings.extend(comparison.strategies.iter().filter_map(not_rare));
    let fewest = comparison.strategies.iter().map(|it| it.runs.len()).min();
    if let Some(runs @ 2..FEW_RUNS) = fewest {
        warnings.push(format!(
            "{runs} runs are few: their intervals suppose that results are nearly normal, and the \
             widths are rough; 30 are better"
        ));
    }
    warnings.extend(comparison.strategies.iter().filter_map(refused_in_warm_up));
    if !is_replicated(comparison) && !is_asked(comparison) {
        return warnings;
    }
    for result in &comparison.strategies {
        warnings.extend(distrust(result, &assess(result)));
    }
    warnings
}

fn is_replicated(comparison: &Comparison) -> bool {
    comparison.scenario.replications > 1
}

fn is_asked(comparison: &Comparison) -> bool {
    comparison.scenario.steady.is_some()
}

/// "Ports are refused in 1.2e-6 of runs under “as is” (9.8e-7 to 1.5e-6)".
fn rare(result: &StrategyResult) -> Option<String> {
    let found = result.rare_share()?;
    let name = quoted(result);
    let (runs, refused) = (
        counted(found.runs as f64, "run", "runs"),
        count(found.refused as f64),
    );
    if found.refused == 0 {
        return Some(format!(
            "no port is refused under {name} in any of {runs} in which so many requests come that \
             one would be"
        ));
    }
    let short = |share: f64| format!("{:e}", rounded(share, 2));
    if found.share < NEVER {
        return Some(format!(
            "ports are as good as never refused under {name}, in fewer than {} of runs: estimated by \
             {runs} in which more requests come",
            short(NEVER)
        ));
    }
    Some(format!(
        "ports are refused in {} of runs under {name} ({} to {}): estimated by {runs} in which more \
         requests come, {refused} of which were refused one",
        short(found.share),
        short(found.interval.low),
        short(found.interval.high),
    ))
}

/// Why a share that was asked for is not estimated.
fn not_rare(result: &StrategyResult) -> Option<String> {
    let reason = result.rare.as_ref()?.as_ref().err()?;
    Some(format!(
        "in which share of runs ports are refused under {} is counted and not estimated, because \
         {}; {}",
        quoted(result),
        reason.text(),
        Reason::ADVICE
    ))
}

/// "37 of 100 runs exhausted within 10 min under “as is” (28% to 47%)".
fn survival(result: &StrategyResult) -> Option<String> {
    let survival = Survival::of(result);
    let interval = survival.probability()?;
    let (low, high) = (percent(interval.low), percent(interval.high));
    let within = instant(survival.end);
    let name = quoted(result);
    let of = format!(
        "{} of {}",
        survival.exhausted,
        counted(survival.runs as f64, "run", "runs")
    );
    Some(if survival.exhausted == 0 {
        format!(
            "{of} exhausted within {within} under {name}, which leaves a probability of up to \
             {high} open"
        )
    } else {
        format!("{of} exhausted within {within} under {name} ({low} to {high})")
    })
}

/// Which strategies are distinguishably better, by every criterion that tells any apart.
fn best_by_criterion(comparison: &Comparison) -> Vec<String> {
    let found = differences::differences(comparison);
    let mut sentences: Vec<String> = CRITERIA
        .iter()
        .filter_map(|criterion| best(comparison, &found, criterion))
        .collect();
    let mut reductions: Vec<f64> = found
        .iter()
        .filter_map(|it| it.difference.variance_reduction)
        .collect();
    reductions.sort_by(f64::total_cmp);
    let median = reductions.get(reductions.len().saturating_sub(1) / 2);
    if let Some(median) = median.filter(|it| two_digits(1.0 / **it) != "1") {
        sentences.push(format!(
            "Strategies met the same random numbers: a difference between two of them varies {} \
             times as much as between independent runs (median of {})",
            two_digits(1.0 / median),
            counted(reductions.len() as f64, "comparison", "comparisons")
        ));
    }
    sentences
}

fn best(
    comparison: &Comparison,
    found: &[StrategyDifference],
    criterion: &Criterion,
) -> Option<String> {
    let strategies = &comparison.strategies;
    let best = differences::undominated(found, criterion, strategies.len());
    let first = *best.first()?;
    let sure = how_sure(comparison, found, criterion);
    if best.len() == strategies.len() {
        let first = &strategies[first];
        let is_same = |other| differences::is_same(first, other, criterion);
        if strategies.iter().all(is_same) {
            return (strategies.len() > 1).then(|| {
                let words = criterion.words;
                format!("By {words} the strategies have been the same in every run")
            });
        }
        return (strategies.len() > 1).then(|| {
            format!(
                "By {} no strategy is distinguishable from another{sure}",
                criterion.words
            )
        });
    }
    let worse: Vec<String> = (0..strategies.len())
        .filter(|index| !best.contains(index))
        .map(|index| {
            let name = quoted(&strategies[index]);
            match gap(found, criterion, index, first) {
                Some(gap) if count(gap.low) == count(gap.high) => {
                    format!("{name} (exactly {} more)", count(gap.low))
                }
                Some(gap) => {
                    let (low, high) = (count(gap.low), count(gap.high));
                    format!("{name} ({low} to {high} more)")
                }
                None => name,
            }
        })
        .collect();
    let names: Vec<String> = best.iter().map(|it| quoted(&strategies[*it])).collect();
    let alone = names.len() == 1;
    let verb = if alone {
        "has the fewest"
    } else {
        "have the fewest, not distinguishable from each other"
    };
    Some(format!(
        "By {} {} {verb}; clearly more have {}{sure}",
        criterion.words,
        listed(&names),
        listed(&worse)
    ))
}

/// Further runs than this are not worth naming.
const MOST_RUNS_NAMED: u64 = 1_000_000;

/// What is known of the one with the least, where another may have less.
fn how_sure(
    comparison: &Comparison,
    found: &[StrategyDifference],
    criterion: &Criterion,
) -> String {
    let Some(selection) = differences::selection(comparison, found, criterion) else {
        return String::new();
    };
    let name = quoted(&comparison.strategies[selection.index]);
    let zone = percent(differences::INDIFFERENT);
    match selection.certainty {
        Certainty::AsGood => {
            format!("; {name} is the best or within {zone} of it, with 95% confidence")
        }
        Certainty::Open { runs } if runs <= MOST_RUNS_NAMED => format!(
            "; whether {name} is the best or within {zone} of it would take about {}",
            counted(runs as f64, "run", "runs")
        ),
        Certainty::Best | Certainty::Same | Certainty::Open { .. } => String::new(),
    }
}

/// How much more the strategy at `more` has than the one at `less`, where that is settled.
fn gap(
    found: &[StrategyDifference],
    criterion: &Criterion,
    more: usize,
    less: usize,
) -> Option<Interval> {
    let of = found.iter().find(|it| {
        let pair = (it.first.min(it.second), it.first.max(it.second));
        it.criterion.name == criterion.name && pair == (more.min(less), more.max(less))
    })?;
    let interval = of.difference.interval;
    let turned = if of.first == more {
        interval
    } else {
        Interval {
            low: -interval.high,
            high: -interval.low,
        }
    };
    (turned.low > 0.0).then_some(turned)
}

/// For which strategies the end of the run matters and for which the long run, and the figures
/// of the latter.
fn horizons(comparison: &Comparison) -> Vec<String> {
    if !is_replicated(comparison) && !is_asked(comparison) {
        return Vec::new();
    }
    let (mut sentences, mut terminating) = (Vec::new(), Vec::new());
    for result in &comparison.strategies {
        let assessment = assess(result);
        match (
            assessment.horizon,
            assessment.warm_up,
            assessment.ports_in_use,
        ) {
            (Horizon::Steady, Ok(warm_up), Some(ports)) => {
                let how = if comparison.scenario.warm_up.is_some() {
                    "given"
                } else {
                    "found by MSER-5"
                };
                let opened = assessment.opened_per_s.map_or_else(
                    || ", connections opened at a rate that does not settle".into(),
                    |rate| {
                        let own = if rate.from == warm_up {
                            String::new()
                        } else {
                            format!(" from {} on", instant(rate.from))
                        };
                        format!(", {} connections opened a second{own}", figure(&rate))
                    },
                );
                let latency = assessment.latency_mean_s.map_or_else(String::new, |it| {
                    format!(", requests answered in {}", lasting(&it))
                });
                let failed = assessment.failed_share.filter(|it| it.mean > 0.0);
                let failed = failed.map_or_else(String::new, |share| {
                    let ends = share.interval.map_or_else(String::new, |it| {
                        format!(" ({} to {})", percent(it.low), percent(it.high))
                    });
                    format!(", {}{ends} of its requests failing", percent(share.mean))
                });
                sentences.push(format!(
                    "In the long run {} has {} ports in use{opened}{latency}{failed} (steady state, {}; after a \
                     warm-up of {}, {how})",
                    quoted(result),
                    figure(&ports),
                    inferred(assessment.asked),
                    instant(warm_up),
                ));
            }
            (Horizon::Steady, ..) => {}
            (Horizon::Terminating, ..) => terminating.push((quoted(result), assessment.asked)),
        }
    }
    if let Some((_, asked)) = terminating.first() {
        let names: Vec<String> = terminating.iter().map(|(name, _)| name.clone()).collect();
        sentences.push(format!(
            "The figures of {} are those of the whole {}, its beginning included (terminating, {})",
            listed(&names),
            exactly(comparison.scenario.duration),
            inferred(*asked)
        ));
    }
    sentences
}

const fn inferred(asked: bool) -> &'static str {
    if asked { "as asked" } else { "inferred" }
}

/// "31.2 (31.0 to 31.4)".
fn figure(of: &LongRun) -> String {
    let mean = two_digits(of.mean);
    match of.interval {
        Some(ends) if ends.high > ends.low => {
            format!(
                "{mean} ({} to {})",
                two_digits(ends.low),
                two_digits(ends.high)
            )
        }
        _ => mean,
    }
}

/// "102 ms on average (101 ms to 103 ms)".
fn lasting(of: &LongRun) -> String {
    let time = |seconds: f64| span(SimSpan::from_seconds_rounded(seconds));
    let mean = time(of.mean);
    match of.interval {
        Some(ends) if ends.high > ends.low => {
            let (low, high) = (time(ends.low), time(ends.high));
            format!("{mean} on average ({low} to {high})")
        }
        _ => format!("{mean} on average"),
    }
}

/// What a given warm-up leaves out and nobody should miss.
fn refused_in_warm_up(result: &StrategyResult) -> Option<String> {
    let runs = result.runs.len();
    let refused = result.runs.iter().filter(|it| it.refused_in_warm_up);
    let refused = refused.count();
    let name = plain::short(&result.name, 60);
    let when = "during the warm-up, of which nothing counts";
    match refused {
        0 => None,
        _ if runs == 1 => Some(format!("{name}: ports run out {when}")),
        _ => Some(format!(
            "{name}: ports run out in {refused} of {runs} runs {when}"
        )),
    }
}

fn few_samples(result: &StrategyResult, name: &str) -> String {
    format!(
        "{name}: {} cannot tell a warm-up from chance, so nothing is said of a steady state; a \
         smaller `sample-every` gives more, or give `warm-up`",
        counted(result.regular_rows().len() as f64, "sample", "samples")
    )
}

/// What the long-run figures of one strategy suffer from.
fn distrust(result: &StrategyResult, assessment: &Assessment) -> Vec<String> {
    let name = plain::short(&result.name, 60);
    let mut warnings = Vec::new();
    if assessment.horizon == Horizon::Terminating {
        let cannot_tell = !assessment.asked && assessment.warm_up == Err(Unsettled::TooFew);
        if cannot_tell && load_is_stationary(&result.scenario) {
            warnings.push(few_samples(result, &name));
        }
        return warnings;
    }
    let warm_up = match assessment.warm_up {
        Ok(warm_up) => warm_up,
        Err(Unsettled::Moving) => {
            warnings.push(format!(
                "{name}: the ports in use do not settle within {}, so there is no steady state to \
                 report; simulate longer, or give `warm-up`",
                exactly(result.scenario.duration)
            ));
            return warnings;
        }
        Err(Unsettled::TooFew) => {
            warnings.push(few_samples(result, &name));
            return warnings;
        }
    };
    if result.exhausted_count() > 0 {
        warnings.push(format!(
            "{name}: ports run out, so its long run is that of a system that refuses"
        ));
    }
    let left = result.scenario.duration.as_seconds() - warm_up.as_seconds();
    if left < 2.0 * warm_up.as_seconds() {
        warnings.push(format!(
            "{name}: the warm-up takes {} of {}; simulate longer for a steady state to rely on",
            instant(warm_up),
            exactly(result.scenario.duration)
        ));
    }
    if let Some(needed) = assessment.needed() {
        warnings.push(format!(
            "{name}: one run of {} remembers too long for an interval of its long run; simulate \
             about {}, or use --replications",
            exactly(result.scenario.duration),
            span(needed)
        ));
        return warnings;
    }
    match assessment.ports_in_use {
        Some(ports) if ports.interval.is_none() => warnings.push(format!(
            "{name}: too few samples after the warm-up for an interval of the long run; use \
             --replications, or simulate longer"
        )),
        _ => {}
    }
    warnings
}

/// Whether the precision was reached: the sentence where it was, the warning where it was not.
fn precision(comparison: &Comparison, holds: bool) -> Option<String> {
    let reached = comparison.precision.filter(|it| it.holds() == holds)?;
    let runs = comparison.scenario.replications;
    let (metric, wanted) = (reached.metric, percent(reached.wanted));
    Some(if holds {
        format!(
            "{runs} runs were enough to know {metric} to {wanted} or better under every strategy \
             (95% interval)"
        )
    } else if reached.found.is_finite() {
        format!(
            "after {runs} runs, the most allowed, {metric} is known to {} only and not to {wanted}; \
             raise --most-replications",
            percent(reached.found)
        )
    } else {
        format!(
            "after {runs} runs, the most allowed, {metric} has no relative precision under some \
             strategy: its value is 0 or its interval open"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Sample;
    use crate::study::steady_run::SteadyRun;
    use crate::study::{PortsRow, sample};
    use crate::units::SimTime;

    #[test]
    fn a_single_run_claims_nothing() {
        assert!(sentences(&sample::comparison()).is_empty());
        assert!(warnings(&sample::comparison()).is_empty());
    }

    #[test]
    fn several_runs_say_how_sure_they_are() {
        let said = sentences(&sample::replicated()).join("\n");
        for part in [
            "2 of 3 runs exhausted within 5 min under “as is” (21% to 94%)",
            "0 of 3 runs exhausted within 5 min under “16 groups”, which leaves a probability of \
             up to 56% open",
            "By requests lost no strategy is distinguishable from another",
            "(terminating, inferred)",
        ] {
            assert!(said.contains(part), "{part}\nis not in\n{said}");
        }
        let warned = warnings(&sample::replicated()).join("\n");
        assert!(warned.contains("3 runs are few"), "{warned}");
    }

    /// Three runs that agree settle nothing; three dozen do.
    #[test]
    fn many_runs_tell_strategies_apart() {
        let mut comparison = sample::replicated();
        for strategy in &mut comparison.strategies {
            let run = strategy.runs[1].clone();
            let of = |k: u64| {
                let mut run = run.clone();
                run.requests.submitted += k;
                run
            };
            strategy.runs = (0..36).map(of).collect();
        }
        let said = sentences(&comparison).join("\n");
        let part = "By requests lost “16 groups”, “keep-alive off” and “close groups every 30 s” \
                    have the fewest, not distinguishable from each other; clearly more have “as \
                    is” (3,";
        assert!(said.contains(part), "{part}\nis not in\n{said}");
    }

    #[test]
    fn a_steady_state_that_is_asked_for_is_reported_or_refused() {
        let mut comparison = sample::comparison();
        comparison.scenario.steady = Some(true);
        for strategy in &mut comparison.strategies {
            strategy.scenario.steady = Some(true);
        }
        let warned = warnings(&comparison).join("\n");
        assert!(
            warned.contains("16 groups: the ports in use do not settle within 5 min"),
            "{warned}"
        );
    }

    fn named(share: f64, low: f64, high: f64, refused: usize) -> Option<String> {
        let mut comparison = sample::comparison();
        comparison.strategies[0].rare = Some(Ok(crate::study::rare::Share {
            share,
            interval: Interval { low, high },
            runs: 960,
            refused,
        }));
        let said = sentences(&comparison);
        assert!(
            said.len() < 2 && warnings(&comparison).is_empty(),
            "{said:?}"
        );
        said.into_iter().next()
    }

    #[test]
    fn a_rare_refusal_is_told_with_its_interval() {
        assert_eq!(
            named(1.234e-6, 9.76e-7, 1.5e-6, 400).as_deref(),
            Some(
                "ports are refused in 1.2e-6 of runs under “as is” (9.8e-7 to 1.5e-6): estimated \
                 by 960 runs in which more requests come, 400 of which were refused one"
            )
        );
        assert_eq!(
            named(0.0, 0.0, 1.0, 0).as_deref(),
            Some(
                "no port is refused under “as is” in any of 960 runs in which so many requests \
                 come that one would be"
            )
        );
        let never = "ports are as good as never refused under “as is”, in fewer than 1e-100 of \
                     runs: estimated by 960 runs in which more requests come";
        assert_eq!(named(9e-101, 0.0, 2e-100, 3).as_deref(), Some(never));
        assert_ne!(named(NEVER, NEVER, NEVER, 3).as_deref(), Some(never));
    }

    #[test]
    fn a_rare_refusal_that_is_not_estimated_is_warned_of() {
        let mut comparison = sample::comparison();
        comparison.strategies[0].rare = Some(Err(Reason::Tables));
        assert!(sentences(&comparison).is_empty());
        let warned = warnings(&comparison);
        assert_eq!(warned.len(), 1);
        let start = "in which share of runs ports are refused under “as is” is counted and not \
                     estimated, because more than one table of ports may run out; ask for";
        assert!(warned[0].starts_with(start), "{}", warned[0]);
    }

    /// The article's strategies over so many runs, with so many ports at the peak in each.
    fn peaks(runs: u64, peaks: &[&dyn Fn(u64) -> u64]) -> Comparison {
        let mut comparison = sample::replicated();
        comparison.strategies.truncate(peaks.len());
        for (strategy, peak) in comparison.strategies.iter_mut().zip(peaks) {
            let run = strategy.runs[1].clone();
            let of = |k: u64| {
                let mut run = run.clone();
                run.exhausted_at = None;
                run.requests.failed = 0;
                run.connections.opened = 7;
                run.ports.mean = 3.0;
                run.ports.peak = peak(k);
                run
            };
            strategy.runs = (0..runs).map(of).collect();
        }
        comparison
    }

    fn by_peak(comparison: &Comparison) -> String {
        let found = differences::differences(comparison);
        best(comparison, &found, &CRITERIA[1]).expect("there are several")
    }

    #[test]
    fn who_has_the_fewest_is_said_with_what_the_others_have_more() {
        let exact = peaks(30, &[&|_| 900, &|_| 1_000]);
        assert_eq!(
            by_peak(&exact),
            "By ports at the peak “as is” has the fewest; clearly more have “16 groups” (exactly \
             100 more)"
        );
        let turned = peaks(30, &[&|_| 1_000, &|_| 900]);
        assert_eq!(
            by_peak(&turned),
            "By ports at the peak “16 groups” has the fewest; clearly more have “as is” (exactly \
             100 more)"
        );
        let wide = by_peak(&peaks(36, &[&|_| 900, &|k| 2_000 + k * 37 % 11 * 60]));
        assert!(
            wide.contains("“16 groups” (1,") && wide.ends_with(" more)"),
            "{wide}"
        );
        assert_eq!(
            by_peak(&peaks(30, &[&|k| k, &|k| k])),
            "By ports at the peak the strategies have been the same in every run"
        );
        let one = peaks(30, &[&|k| k]);
        assert!(
            best(&one, &[], &CRITERIA[1]).is_none(),
            "nothing to compare"
        );
    }

    #[test]
    fn what_is_as_good_or_would_take_more_runs_is_said() {
        let close = by_peak(&peaks(40, &[&|k| 1_000 + k % 7, &|k| 1_000 + k % 5]));
        assert!(
            close.contains("; “16 groups” is the best or within 2% of it, with 95% confidence"),
            "{close}"
        );
        let noisy = by_peak(&peaks(
            40,
            &[&|k| 1_000 + k % 7, &|k| 700 + k * 37 % 11 * 60],
        ));
        let open = "By ports at the peak no strategy is distinguishable from another; whether \
                    “16 groups” is the best or within 2% of it would take about ";
        assert!(
            noisy.starts_with(open) && noisy.ends_with(" runs"),
            "{noisy}"
        );
        // A zone of nothing is never reached: no number of runs is named.
        let zero = by_peak(&peaks(
            40,
            &[&|k| u64::from(k == 0), &|k| u64::from(k == 1)],
        ));
        assert_eq!(
            zero,
            "By ports at the peak no strategy is distinguishable from another"
        );
    }

    #[test]
    fn what_the_same_random_numbers_gain_is_said_where_they_gain() {
        let said = |second: &dyn Fn(u64) -> u64| {
            let mut comparison = peaks(30, &[&|k| 900 + k * 37 % 11 * 10, second]);
            comparison.strategies[1].scenario.steady = None;
            best_by_criterion(&comparison).join("\n")
        };
        let alike = said(&|k| 950 + k * 37 % 11 * 10 + k % 2);
        assert!(
            alike.contains("Strategies met the same random numbers: a difference between two"),
            "{alike}"
        );
        assert!(alike.contains("(median of "), "{alike}");
    }

    /// The strategies with a load that goes on to the end, and ports that stay at a level.
    fn steady(runs: usize, failed: u64) -> Comparison {
        let mut comparison = sample::comparison();
        comparison.strategies.drain(2..);
        comparison.strategies.remove(0);
        comparison.scenario.replications = runs as u32;
        let result = &mut comparison.strategies[0];
        result.scenario.workloads[0].until = None;
        let samples: Vec<Vec<Sample>> = (0..runs as u64)
            .map(|run| {
                (0..=600_u64)
                    .map(|step| Sample {
                        time: SimTime::from_nanos(step * 500_000_000),
                        ports_in_use: 30 + (step * 37 + run) % 11,
                        opened: step * 2 + run,
                        requests: step * 10,
                        answered: step * (10 - failed),
                        failed: step * failed,
                        latency_us: step * (10 - failed) * 102_000,
                        ..Sample::default()
                    })
                    .collect()
            })
            .collect();
        result.runs = alloc::vec![result.runs[0].clone(); runs];
        result.steady = samples.iter().map(|it| SteadyRun::of(it, None)).collect();
        result.rows = samples[0].iter().map(PortsRow::of).collect();
        comparison
    }

    #[test]
    fn a_long_run_is_told_with_its_figures() {
        let said = sentences(&steady(3, 0)).pop().expect("something is said");
        let start = "In the long run “16 groups” has ";
        let end = " (steady state, inferred; after a warm-up of 15 s, found by MSER-5)";
        assert!(said.starts_with(start) && said.ends_with(end), "{said}");
        let part =
            " connections opened a second from 0 s on, requests answered in 102 ms on average (";
        assert!(said.contains(part), "{said}");
        assert!(!said.contains("failing"), "{said}");
        let failing = sentences(&steady(3, 1)).pop().expect("something is said");
        assert!(
            failing.contains("10%") && failing.contains(" of its requests failing (steady"),
            "{failing}"
        );
        let mut given = steady(3, 0);
        for warm_up in [
            &mut given.scenario.warm_up,
            &mut given.strategies[0].scenario.warm_up,
        ] {
            *warm_up = Some(SimSpan::from_seconds(60));
        }
        given.strategies[0].scenario.steady = Some(true);
        let said = sentences(&given).pop().expect("something is said");
        let end = "(steady state, as asked; after a warm-up of 1 min, given)";
        assert!(said.ends_with(end), "{said}");
        let part = " connections opened a second, requests answered in 102 ms";
        assert!(said.contains(part), "{said}");
    }

    #[test]
    fn a_single_run_says_nothing_of_the_long_run_unless_asked() {
        let mut comparison = steady(1, 0);
        assert!(sentences(&comparison).is_empty());
        comparison.scenario.steady = Some(true);
        assert_eq!(sentences(&comparison).len(), 1);
        comparison.scenario.steady = Some(false);
        comparison.strategies[0].scenario.steady = Some(false);
        assert_eq!(
            sentences(&comparison),
            [
                "The figures of “16 groups” are those of the whole 5 min, its beginning included \
              (terminating, as asked)"
            ]
        );
    }

    #[test]
    fn a_long_run_that_cannot_be_relied_on_is_warned_of() {
        let warned = |change: &dyn Fn(&mut StrategyResult)| {
            let mut comparison = steady(12, 0);
            change(&mut comparison.strategies[0]);
            warnings(&comparison)
        };
        assert!(warned(&|_| {}).is_empty());
        assert!(warned(&|it| it.runs.truncate(9))[0].starts_with("9 runs are few: "));
        assert!(warned(&|it| it.runs.truncate(10)).is_empty());
        let ask = |it: &mut StrategyResult| it.scenario.steady = Some(true);
        let refused = warned(&|it| {
            ask(it);
            it.runs[0].exhausted_at = Some(SimTime::ZERO);
        });
        assert_eq!(
            refused,
            ["16 groups: ports run out, so its long run is that of a system that refuses"]
        );
        // Two thirds of 300 s are left after 100 s: just enough.
        let after = |seconds: u64| {
            warned(&|it| {
                ask(it);
                it.scenario.warm_up = Some(SimSpan::from_seconds(seconds));
            })
        };
        assert!(after(100).is_empty());
        assert_eq!(
            after(101),
            [
                "16 groups: the warm-up takes 1 min 41 s of 5 min; simulate longer for a steady \
              state to rely on"
            ]
        );
        let few = "16 groups: 5 samples cannot tell a warm-up from chance, so nothing is said of \
                   a steady state; a smaller `sample-every` gives more, or give `warm-up`";
        assert_eq!(warned(&|it| it.rows.truncate(5)), [few]);
        let asked = warned(&|it| {
            ask(it);
            it.rows.truncate(5);
        });
        assert_eq!(asked, [few]);
        // Of a load that ends nobody expects a steady state.
        let ending = warned(&|it| {
            it.rows.truncate(5);
            it.scenario.workloads[0].until = Some(SimTime::from_nanos(1));
        });
        assert!(ending.is_empty(), "{ending:?}");
    }

    #[test]
    fn what_a_warm_up_hides_is_said() {
        let warned = |runs: usize, refused: usize| {
            let mut comparison = sample::comparison();
            let one = &mut comparison.strategies[0];
            one.runs = alloc::vec![one.runs[0].clone(); runs];
            for run in &mut one.runs[..refused] {
                run.refused_in_warm_up = true;
            }
            refused_in_warm_up(&comparison.strategies[0])
        };
        assert_eq!(warned(1, 0), None);
        assert_eq!(
            warned(1, 1).as_deref(),
            Some("as is: ports run out during the warm-up, of which nothing counts")
        );
        assert_eq!(
            warned(3, 2).as_deref(),
            Some("as is: ports run out in 2 of 3 runs during the warm-up, of which nothing counts")
        );
        let mut comparison = sample::comparison();
        comparison.strategies[2].runs[0].refused_in_warm_up = true;
        assert!(warnings(&comparison)[0].starts_with("keep-alive off: ports run out during"));
    }

    #[test]
    fn a_precision_is_told_where_it_is_reached_and_warned_of_where_not() {
        let of = |found: f64| {
            let mut comparison = sample::replicated();
            comparison.scenario.replications = 12;
            for one in &mut comparison.strategies {
                one.runs = alloc::vec![one.runs[0].clone(); 12];
            }
            comparison.precision = Some(crate::study::precision::Reached {
                metric: "ports_peak",
                wanted: 0.05,
                found,
                most: 12,
            });
            let has = |all: Vec<String>| all.into_iter().find(|it| it.contains("ports_peak"));
            (has(sentences(&comparison)), has(warnings(&comparison)))
        };
        let reached = "12 runs were enough to know ports_peak to 5% or better under every \
                       strategy (95% interval)";
        assert_eq!(of(0.05), (Some(reached.into()), None));
        let missed = "after 12 runs, the most allowed, ports_peak is known to 7% only and not to \
                      5%; raise --most-replications";
        assert_eq!(of(0.07), (None, Some(missed.into())));
        let none = "after 12 runs, the most allowed, ports_peak has no relative precision under \
                    some strategy: its value is 0 or its interval open";
        assert_eq!(of(f64::INFINITY), (None, Some(none.into())));
    }

    #[test]
    fn figures_have_an_interval_where_it_is_one() {
        let of = |interval| LongRun {
            mean: 0.102,
            from: SimTime::ZERO,
            interval,
            needed: None,
        };
        let some = |low, high| Some(Interval { low, high });
        assert_eq!(figure(&of(some(0.1, 0.25))), "0.1 (0.1 to 0.25)");
        assert_eq!(figure(&of(some(0.1, 0.1))), "0.1");
        assert_eq!(figure(&of(None)), "0.1");
        assert_eq!(
            lasting(&of(some(0.101, 0.103))),
            "102 ms on average (101 ms to 103 ms)"
        );
        assert_eq!(lasting(&of(some(0.1, 0.1))), "102 ms on average");
        assert_eq!(lasting(&of(None)), "102 ms on average");
    }
}
