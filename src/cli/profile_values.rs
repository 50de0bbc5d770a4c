//! Every value of every runtime profile, with its source: the long half of
//! `spsim list profiles`.

use super::listing::Listing;
use crate::model::RuntimeProfile;
use crate::model::profile::{
    CloseMatch, FrameworkRules, LeaseSupport, Mechanism, SocketsHttpRules, Sourced,
};
use crate::profiles;

/// One row a value: profile, what it is, the value, where it was read and how sure that is.
pub(super) fn listing() -> Listing {
    Listing {
        title: "profile values",
        header: vec!["profile", "what", "value", "source"],
        rows: profiles::ALL
            .iter()
            .flat_map(|profile| rows_of(profile))
            .collect(),
    }
}

fn rows_of(profile: &RuntimeProfile) -> Vec<Vec<String>> {
    let mut rows = Rows {
        profile: profile.name,
        rows: Vec::new(),
    };
    rows.add(
        "default connection limit",
        &profile.connection_limit,
        ToString::to_string,
    );
    rows.flags(&[("loopback is unlimited", &profile.loopback_is_unlimited)]);
    rows.add(
        "default idle time",
        &profile.max_idle_time,
        ToString::to_string,
    );
    rows.add("connection lease", &profile.connection_lease, |it| {
        lease(*it).to_owned()
    });
    match &profile.mechanism {
        Mechanism::Framework(rules) => framework(&mut rows, rules),
        Mechanism::SocketsHttp(rules) => sockets_http(&mut rows, rules),
        // Their mechanisms read no switch: what they do is code in `net::mono`.
        Mechanism::Mono4 | Mechanism::Mono6 => {}
    }
    rows.rows
}

fn framework(rows: &mut Rows, rules: &FrameworkRules) {
    rows.flags(&[
        ("each group has an idle timer", &rules.group_idle_timer),
        ("chosen connections are reserved", &rules.reserves),
        (
            "avoids non-keep-alive connections",
            &rules.avoids_non_keep_alive,
        ),
        (
            "forced requests start at once",
            &rules.starts_forced_at_once,
        ),
        (
            "KeepAlive = false acts at the start",
            &rules.keep_alive_ends_at_start,
        ),
        ("an abort dooms the pipeline", &rules.abort_dooms_pipeline),
    ]);
    rows.add("CloseConnectionGroup matches", &rules.close_match, |it| {
        match it {
            CloseMatch::Exact => "the exact name",
            CloseMatch::Prefix => "names that start so",
        }
        .to_owned()
    });
    let drain = &rules.response_drain;
    rows.add("a closed response is drained for", drain, |it| match it {
        Some(span) => span.to_string(),
        None => "as long as it takes".to_owned(),
    });
}

fn sockets_http(rows: &mut Rows, rules: &SocketsHttpRules) {
    rows.flags(&[
        ("requests share one client", &rules.shares_client),
        ("age is checked at reuse", &rules.checks_idle_at_reuse),
        (
            "freed connections go to waiters",
            &rules.hands_over_freed_connections,
        ),
        (
            "reading ServicePoint makes a client",
            &rules.service_point_takes_out,
        ),
    ]);
    let idle = &rules.pooled_idle_timeout;
    rows.add("PooledConnectionIdleTimeout", idle, ToString::to_string);
    rows.flags(&[
        (
            "the header Keep-Alive is obeyed",
            &rules.obeys_keep_alive_header,
        ),
        ("collected connections are reset", &rules.collected_is_reset),
    ]);
}

/// What `ConnectionLeaseTimeout` does, in a word.
pub(super) const fn lease(support: LeaseSupport) -> &'static str {
    match support {
        LeaseSupport::Honoured => "honoured",
        LeaseSupport::Ignored => "ignored",
        LeaseSupport::Throws => "throws",
    }
}

/// The rows of one profile.
struct Rows {
    profile: &'static str,
    rows: Vec<Vec<String>>,
}

impl Rows {
    fn flags(&mut self, all: &[(&str, &Sourced<bool>)]) {
        for (what, flag) in all {
            let yes_or_no = |value: &bool| if *value { "yes" } else { "no" }.to_owned();
            self.add(what, flag, yes_or_no);
        }
    }

    fn add<T>(&mut self, what: &str, sourced: &Sourced<T>, show: impl Fn(&T) -> String) {
        let value = show(&sourced.value);
        self.rows.push(vec![
            self.profile.into(),
            what.into(),
            value,
            sourced.cited(),
        ]);
    }
}
