//! What a result rests on, in sentences: computed from the scenario, the same everywhere.

use super::certainty;
use crate::model::profile::Mechanism;
use crate::model::service::AbandonedWork;
use crate::model::settings::{Client, Server};
use crate::model::{Closer, IdleClose, PortScope, Scenario};
use crate::study::Comparison;
use crate::words::labels::Labels;
use crate::words::number;
use alloc::string::String;
use alloc::vec::Vec;

/// The assumptions in force under any of the strategies, one sentence each.
pub fn in_force(comparison: &Comparison) -> Vec<String> {
    let variants = variants(comparison);
    let mut sentences = closers(comparison);
    sentences.push(each(&variants, time_wait));
    sentences.push(each(&variants, scope));
    if variants.iter().any(|(_, variant)| is_framework(variant)) {
        sentences.push(each(&variants, idle_close));
    }
    if variants.iter().any(|(_, variant)| may_leak(variant)) {
        sentences.push(each(&variants, leak));
    }
    if variants.iter().any(|(_, variant)| may_lack_timers(variant)) {
        sentences.push(each(&variants, collections));
    }
    if variants.iter().any(|(_, variant)| variant.nat.is_some()) {
        sentences.push(
            "A connect without a SNAT port is dropped, sent again, and given up like one that \
             nobody answers"
                .into(),
        );
    }
    let servers = variants.iter().flat_map(|(_, variant)| &variant.servers);
    if servers.into_iter().any(|it| it.service.workers.is_some()) {
        sentences.push(each(&variants, abandoned));
    }
    if variants.iter().any(|(_, variant)| moves(variant)) {
        let mut servers = variants.iter().flat_map(|(_, variant)| &variant.servers);
        let goes_down = servers.any(|server| server.old_address_down_after.is_some());
        let until = if goes_down {
            " until it goes down; a client whose connect it refuses looks the name up again"
        } else {
            ""
        };
        sentences.push(format!(
            "Connections to an old address stay open and are served there{until}; the resolver's \
             own cache is not modelled"
        ));
    }
    sentences
}

fn moves(variant: &Scenario) -> bool {
    variant.servers.iter().any(|it| !it.moves_at.is_empty())
}

/// What servers with workers do for clients that have given up.
fn abandoned(variant: &Scenario) -> String {
    let with_workers = |it: &&Server| it.service.workers.is_some();
    let mut servers = variant.servers.iter().filter(with_workers);
    let stops = servers.any(|it| it.service.abandoned_work == AbandonedWork::Stops);
    if stops {
        "A server drops work when its client closes the connection".into()
    } else {
        "A server works on for a client that has given up".into()
    }
}

/// The assumptions in a few words, for the caption of a chart.
pub fn in_brief(comparison: &Comparison, labels: &Labels) -> String {
    let words = &labels.assumed;
    let variants = variants(comparison);
    let each = |say: &dyn Fn(&Scenario) -> String| {
        each_named(&variants, say, |said, names| words.of_some(&said, &names))
    };
    let mut parts = vec![each(&|variant| match closer_of(variant) {
        Some(Closer::Server) => words.server_closes_first(),
        Some(Closer::Client) => words.client_closes_first(),
        None => words.closer_differs(),
    })];
    parts.push(each(&|variant| match time_wait_nanos(variant) {
        None => words.no_time_wait(),
        Some(_) => words.time_wait(&labels.span(variant.machine.time_wait)),
    }));
    if variants.iter().any(|(_, variant)| is_framework(variant)) {
        parts.push(each(&|variant| match variant.machine.idle_close {
            IdleClose::Reset => words.closed_by_reset(),
            IdleClose::Fin => words.closed_by_fin(),
        }));
    }
    if variants.iter().any(|(_, variant)| leaks(variant)) {
        parts.push(words.reservations_leak());
    }
    words.all(&parts.join("; "))
}

/// What may mislead a reader of the numbers until somebody has looked.
pub fn warnings(comparison: &Comparison) -> Vec<String> {
    let mut warnings = comparison.warnings.clone();
    for strategy in &comparison.strategies {
        let variant = &strategy.scenario;
        let name = &strategy.name;
        let closed = strategy.mean(|run| run.ports.client_first as f64);
        if time_wait_nanos(variant).is_none() && closed > 0.0 {
            let connections = number::counted(closed, "connection", "connections");
            warnings.push(format!(
                "{name}: the client closes {connections} first, which leaves ports in TIME_WAIT, \
                 and TIME_WAIT is not modelled; set `machine.time-wait` to see its cost"
            ));
        }
        if leaks(variant) {
            warnings.push(format!(
                "{name}: `reservation-leak` is on; it is derived from source and was not measured \
                 on the real runtime"
            ));
        }
    }
    warnings.extend(certainty::warnings(comparison));
    warnings
}

fn variants(comparison: &Comparison) -> Vec<(&str, &Scenario)> {
    let variants = comparison.strategies.iter();
    variants
        .map(|strategy| (strategy.name.as_str(), &strategy.scenario))
        .collect()
}

/// One sentence when all variants agree; else what each of the groups that agree says, with its
/// strategies named.
fn each(variants: &[(&str, &Scenario)], say: impl Fn(&Scenario) -> String) -> String {
    each_named(variants, say, |said, names| format!("{said} ({names})"))
}

/// [`each`] with `named` to join a sentence and its strategies.
fn each_named(
    variants: &[(&str, &Scenario)],
    say: impl Fn(&Scenario) -> String,
    named: impl Fn(String, String) -> String,
) -> String {
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, variant) in variants {
        let sentence = say(variant);
        match said.iter_mut().find(|(known, _)| *known == sentence) {
            Some((_, names)) => names.push(name),
            None => said.push((sentence, vec![name])),
        }
    }
    if let [(sentence, _)] = said.as_slice() {
        return sentence.clone();
    }
    let parts: Vec<String> = said
        .into_iter()
        .map(|(sentence, names)| named(sentence, names.join(", ")))
        .collect();
    parts.join("; ")
}

fn closers(comparison: &Comparison) -> Vec<String> {
    // No strategy changes who closes first, so the base scenario speaks for all.
    let servers = &comparison.scenario.servers;
    let say = |who: Closer| {
        let effect = match who {
            Closer::Server => {
                "The server closes first after a response to a request with keep-alive off, so the \
                 client's port is free at once; what keep-alive off gains rests on this"
            }
            Closer::Client => {
                "The client closes first after a response to a request with keep-alive off, so its \
                 port stays taken through TIME_WAIT"
            }
        };
        let named: Vec<&str> = servers
            .iter()
            .filter(|server| server.active_close == who)
            .map(|server| server.name.as_str())
            .collect();
        let all = named.len() == servers.len();
        let of = if all {
            String::new()
        } else {
            format!(" ({})", named.join(", "))
        };
        (!named.is_empty()).then(|| format!("{effect}{of}"))
    };
    [Closer::Server, Closer::Client]
        .into_iter()
        .filter_map(say)
        .collect()
}

/// The common closer; `None` when the servers differ.
fn closer_of(variant: &Scenario) -> Option<Closer> {
    let first = variant.servers.first()?.active_close;
    let agree = |server: &crate::model::Server| server.active_close == first;
    variant.servers.iter().all(agree).then_some(first)
}

/// `None` where nobody said how long `TIME_WAIT` lasts.
fn time_wait_nanos(variant: &Scenario) -> Option<u64> {
    let machine = &variant.machine;
    machine
        .time_wait_given
        .then_some(machine.time_wait.as_nanos())
}

fn time_wait(variant: &Scenario) -> String {
    let hold = number::span(variant.machine.time_wait);
    let mut text = match time_wait_nanos(variant) {
        None => "TIME_WAIT not modelled: a port is free as soon as its connection is closed".into(),
        Some(0) => {
            "TIME_WAIT is set to 0 s: a port is free as soon as its connection is closed".into()
        }
        Some(_) => format!("TIME_WAIT holds a port for {hold} when the client closed first"),
    };
    if let Some(after) = variant.machine.time_wait_reuse_after {
        let after = number::span(after);
        text += &format!(
            "; one held longer than {after} is taken over when no port at an even offset is free"
        );
    }
    text
}

fn scope(variant: &Scenario) -> String {
    match variant.machine.scope {
        PortScope::Host => "A local port serves one connection at a time on the whole host".into(),
        PortScope::Destination => {
            "A local port serves one connection per remote endpoint; ports are counted at the \
             fullest endpoint"
                .into()
        }
    }
}

fn idle_close(variant: &Scenario) -> String {
    match variant.machine.idle_close {
        IdleClose::Reset => {
            ".NET Framework closes idle connections by a reset, which frees the port at once \
             (not settled on real Windows; `idle-close = \"fin\"` assumes the opposite)"
        }
        IdleClose::Fin => {
            ".NET Framework closes idle connections by a FIN, client first, so the port goes \
             through TIME_WAIT (not settled on real Windows; `idle-close = \"reset\"` assumes the \
             opposite)"
        }
    }
    .into()
}

fn leak(variant: &Scenario) -> String {
    if leaks(variant) {
        "A refused attempt leaves its reservation behind (`reservation-leak` on; derived from \
         source, not measured)"
    } else {
        "A refused attempt leaves no reservation behind (`reservation-leak` off)"
    }
    .into()
}

fn is_framework(variant: &Scenario) -> bool {
    let mut clients = variant.clients.iter();
    clients.any(|client| matches!(client.mechanism(), Mechanism::Framework(_)))
}

/// Whether the runtime of any client reserves, so that the leak's switch matters.
fn may_leak(variant: &Scenario) -> bool {
    variant
        .clients
        .iter()
        .any(|client| match &client.mechanism() {
            Mechanism::Framework(rules) => rules.reserves.value,
            _ => false,
        })
}

/// Whether a ServicePoint may have no timer that ends it (SP-10): after a leak, or where nothing is
/// ever idle for too long.
fn may_lack_timers(variant: &Scenario) -> bool {
    let is_endless = |client: &Client| match client.mechanism() {
        Mechanism::Framework(_) => client.max_idle_time.is_none(),
        _ => false,
    };
    leaks(variant) || variant.clients.iter().any(is_endless)
}

fn collections(variant: &Scenario) -> String {
    if variant
        .clients
        .iter()
        .any(|client| client.gc_every.is_some())
    {
        "A garbage collection takes a ServicePoint that nobody uses and no timer keeps (`gc` on)"
    } else {
        "No garbage collection takes a ServicePoint that no timer ends, so what it holds is an \
         upper bound (`gc` off)"
    }
    .into()
}

fn leaks(variant: &Scenario) -> bool {
    may_leak(variant) && variant.clients.iter().any(|client| client.reservation_leak)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::sample;
    use crate::units::SimSpan;

    fn on_every_variant(change: impl Fn(&mut Scenario)) -> Comparison {
        let mut comparison = sample::comparison();
        change(&mut comparison.scenario);
        for strategy in &mut comparison.strategies {
            change(&mut strategy.scenario);
        }
        comparison
    }

    #[test]
    fn what_was_not_modelled_is_said() {
        let said = in_force(&sample::comparison());
        assert!(said[0].starts_with("The server closes first"));
        assert!(said[1].starts_with("TIME_WAIT not modelled"));
        assert_eq!(
            in_brief(&sample::comparison(), &crate::words::labels::ENGLISH),
            "Assumed: the server closes first when keep-alive is off; TIME_WAIT not modelled; \
             idle connections are closed by a reset."
        );
    }

    #[test]
    fn a_client_that_closes_first_is_said_with_its_time_wait() {
        let comparison = on_every_variant(|variant| {
            variant.machine.time_wait = SimSpan::from_seconds(240);
            variant.machine.time_wait_given = true;
            variant.servers[0].active_close = Closer::Client;
        });
        let said = in_force(&comparison);
        assert!(said[0].starts_with("The client closes first"));
        assert_eq!(
            said[1],
            "TIME_WAIT holds a port for 4 min when the client closed first"
        );
        assert!(warnings(&comparison).is_empty());
    }

    #[test]
    fn who_closes_first_without_time_wait_is_warned() {
        let mut comparison = sample::comparison();
        comparison.strategies[1].runs[0].ports.client_first = 120;
        let said = warnings(&comparison);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with("16 groups: the client closes 120 connections first, "));
        let modelled = on_every_variant(|variant| variant.machine.time_wait_given = true);
        assert!(warnings(&modelled).is_empty());
    }

    #[test]
    fn strategies_that_differ_are_named() {
        let mut comparison = sample::comparison();
        let machine = &mut comparison.strategies[2].scenario.machine;
        machine.time_wait = SimSpan::from_seconds(30);
        machine.time_wait_given = true;
        let said = in_force(&comparison);
        assert!(
            said[1].contains("TIME_WAIT holds a port for 30 s")
                && said[1].ends_with("(keep-alive off)"),
            "{}",
            said[1]
        );
    }

    /// SP-10.
    #[test]
    fn whether_collections_run_is_said_where_it_matters() {
        let said = |change: fn(&mut Scenario)| in_force(&on_every_variant(change)).concat();
        assert!(!said(|_| {}).contains("garbage collection"));
        assert!(said(|variant| variant.clients[0].reservation_leak = true).contains("`gc` off"));
        assert!(said(|variant| variant.clients[0].max_idle_time = None).contains("`gc` off"));
        let collected = said(|variant| {
            variant.clients[0].max_idle_time = None;
            variant.clients[0].gc_every = Some(SimSpan::from_seconds(30));
        });
        assert!(collected.contains("`gc` on"));
        // One strategy that has no timer is enough.
        let mut comparison = sample::comparison();
        comparison.strategies[1].scenario.clients[0].max_idle_time = None;
        assert!(in_force(&comparison).concat().contains("`gc` off"));
    }

    #[test]
    fn a_leak_that_is_on_is_a_warning_too() {
        let comparison = on_every_variant(|variant| variant.clients[0].reservation_leak = true);
        assert!(
            in_force(&comparison)
                .concat()
                .contains("`reservation-leak` on")
        );
        assert!(warnings(&comparison).concat().contains("was not measured"));
    }

    /// Whether any assumption says this after a change to every variant.
    fn is_said(part: &str, change: impl Fn(&mut Scenario)) -> bool {
        let said = in_force(&on_every_variant(change));
        said.iter().any(|it| it.contains(part))
    }

    #[test]
    fn the_article_rests_on_these() {
        let said = in_force(&sample::comparison());
        let starts = [
            "The server closes first after a response to a request with keep-alive off",
            "TIME_WAIT not modelled: a port is free as soon as its connection is closed",
            "A local port serves one connection at a time on the whole host",
            ".NET Framework closes idle connections by a reset",
            "A refused attempt leaves no reservation behind",
        ];
        assert_eq!(said.len(), starts.len(), "{said:?}");
        for (said, start) in said.iter().zip(starts) {
            assert!(said.starts_with(start), "{said}");
        }
        assert!(is_said("one connection per remote endpoint", |it| {
            it.machine.scope = PortScope::Destination;
        }));
        assert!(is_said("idle connections by a FIN", |it| {
            it.machine.idle_close = IdleClose::Fin;
        }));
    }

    /// What is .NET Framework's own is said where one strategy is of it.
    #[test]
    fn what_another_runtime_has_not_is_not_said_of_it() {
        let net8 = crate::profiles::find("net8").expect("it is there");
        let moved = |places: core::ops::Range<usize>| {
            let mut comparison = sample::comparison();
            for strategy in &mut comparison.strategies[places] {
                strategy.scenario.clients[0].runtime = net8;
                strategy.scenario.clients[0].max_idle_time = None;
                strategy.scenario.clients[0].reservation_leak = true;
            }
            (in_force(&comparison).concat(), warnings(&comparison))
        };
        for part in ["idle connections", "reservation behind"] {
            assert!(moved(0..3).0.contains(part));
            assert!(!moved(0..4).0.contains(part));
        }
        let (said, warned) = moved(0..4);
        assert!(!said.contains("garbage") && warned.is_empty(), "{said}");
    }

    #[test]
    fn time_wait_is_said_as_it_is_given() {
        let given = |hold: u64, reuse: Option<u64>| {
            move |it: &mut Scenario| {
                it.machine.time_wait = SimSpan::from_seconds(hold);
                it.machine.time_wait_given = true;
                it.machine.time_wait_reuse_after = reuse.map(SimSpan::from_seconds);
            }
        };
        assert!(is_said(
            "TIME_WAIT is set to 0 s: a port is free",
            given(0, None)
        ));
        let reuse = "when the client closed first; one held longer than 1 s is taken over when no \
                     port at an even offset is free";
        assert!(is_said(reuse, given(60, Some(1))));
        assert!(!is_said("taken over", given(60, None)));
    }

    #[test]
    fn nats_workers_and_moves_are_said_where_there_are_any() {
        assert!(is_said("A connect without a SNAT port is dropped", |it| {
            it.nat = Some(crate::model::Nat {
                allocation: crate::model::nat::NatAllocation::PerInstance(64),
                preset: None,
                hold_after_fin: SimSpan::from_seconds(240),
                hold_after_reset: SimSpan::from_seconds(15),
                idle_timeout: None,
                forgotten: crate::model::nat::Forgotten::Dropped,
                scope: PortScope::Destination,
            });
        }));
        let with_workers = |rule: AbandonedWork| {
            move |it: &mut Scenario| {
                it.servers[0].service.workers = Some(4);
                it.servers[0].service.abandoned_work = rule;
            }
        };
        assert!(is_said(
            "works on for a client that has given up",
            with_workers(AbandonedWork::Finishes)
        ));
        assert!(is_said(
            "drops work when its client closes",
            with_workers(AbandonedWork::Stops)
        ));
        // Who has no workers has no work to drop.
        assert!(!is_said("given up", |_| {}));
        let beside = |it: &mut Scenario| {
            let mut other = it.servers[0].clone();
            other.service.abandoned_work = AbandonedWork::Stops;
            it.servers.push(other);
            it.servers[0].service.workers = Some(4);
        };
        assert!(is_said("works on for a client that has given up", beside));
        let moves = |down: Option<u64>| {
            move |it: &mut Scenario| {
                it.servers[0].moves_at = vec![crate::units::SimTime::ZERO];
                it.servers[0].old_address_down_after = down.map(SimSpan::from_seconds);
            }
        };
        assert!(is_said(
            "stay open and are served there; the resolver's own",
            moves(None)
        ));
        assert!(is_said(
            "are served there until it goes down; a client",
            moves(Some(9))
        ));
        assert!(!is_said("old address", |_| {}));
    }

    #[test]
    fn servers_that_close_differently_are_named() {
        let two = on_every_variant(|variant| {
            let mut other = variant.servers[0].clone();
            other.name = "files".into();
            other.active_close = Closer::Client;
            variant.servers.push(other);
        });
        let said = in_force(&two);
        assert!(said[0].starts_with("The server closes first") && said[0].ends_with(" (api)"));
        assert!(said[1].starts_with("The client closes first") && said[1].ends_with(" (files)"));
        assert_eq!(
            in_brief(&two, &crate::words::labels::ENGLISH),
            "Assumed: who closes first differs by server; TIME_WAIT not modelled; idle \
             connections are closed by a reset."
        );
    }

    #[test]
    fn the_caption_says_what_is_assumed_otherwise() {
        let all = on_every_variant(|variant| {
            variant.servers[0].active_close = Closer::Client;
            variant.machine.time_wait = SimSpan::from_seconds(240);
            variant.machine.time_wait_given = true;
            variant.machine.idle_close = IdleClose::Fin;
            variant.clients[0].reservation_leak = true;
        });
        assert_eq!(
            in_brief(&all, &crate::words::labels::ENGLISH),
            "Assumed: the client closes first when keep-alive is off; TIME_WAIT 4 min; idle \
             connections are closed by a FIN; reservations leak after a refusal."
        );
        let mut one = sample::comparison();
        one.strategies[1].scenario.machine.idle_close = IdleClose::Fin;
        let said = in_brief(&one, &crate::words::labels::ENGLISH);
        assert!(said.contains("closed by a FIN (16 groups)"), "{said}");
    }

    #[test]
    fn a_single_connection_that_the_client_closed_is_one() {
        let mut comparison = sample::comparison();
        comparison.strategies[0].runs[0].ports.client_first = 1;
        comparison.warnings.push("the reader's own".into());
        let said = warnings(&comparison);
        assert_eq!(said.len(), 2);
        assert_eq!(said[0], "the reader's own");
        assert!(said[1].starts_with("as is: the client closes 1 connection first, which"));
        comparison.strategies[0].runs[0].refused_in_warm_up = true;
        assert_eq!(
            warnings(&comparison).len(),
            3,
            "what certainty warns of comes too"
        );
    }
}
