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
    rows.add(
        "loopback is unlimited",
        &profile.loopback_is_unlimited,
        yes_or_no,
    );
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
    rows.add(
        "each group has an idle timer",
        &rules.group_idle_timer,
        yes_or_no,
    );
    rows.add(
        "chosen connections are reserved",
        &rules.reserves,
        yes_or_no,
    );
    rows.add(
        "avoids non-keep-alive connections",
        &rules.avoids_non_keep_alive,
        yes_or_no,
    );
    rows.add(
        "forced requests start at once",
        &rules.starts_forced_at_once,
        yes_or_no,
    );
    rows.add(
        "KeepAlive = false acts at the start",
        &rules.keep_alive_ends_at_start,
        yes_or_no,
    );
    rows.add(
        "an abort dooms the pipeline",
        &rules.abort_dooms_pipeline,
        yes_or_no,
    );
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
    rows.add("requests share one client", &rules.shares_client, yes_or_no);
    rows.add(
        "age is checked at reuse",
        &rules.checks_idle_at_reuse,
        yes_or_no,
    );
    let hands_over = &rules.hands_over_freed_connections;
    rows.add("freed connections go to waiters", hands_over, yes_or_no);
    let taken_out = &rules.service_point_takes_out;
    rows.add("reading ServicePoint makes a client", taken_out, yes_or_no);
    let idle = &rules.pooled_idle_timeout;
    rows.add("PooledConnectionIdleTimeout", idle, ToString::to_string);
    let obeys = &rules.obeys_keep_alive_header;
    rows.add("the header Keep-Alive is obeyed", obeys, yes_or_no);
    let reset = &rules.collected_is_reset;
    rows.add("collected connections are reset", reset, yes_or_no);
}

/// What `ConnectionLeaseTimeout` does, in a word.
pub(super) const fn lease(support: LeaseSupport) -> &'static str {
    match support {
        LeaseSupport::Honoured => "honoured",
        LeaseSupport::Ignored => "ignored",
        LeaseSupport::Throws => "throws",
    }
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "it is passed where a reference is wanted"
)]
fn yes_or_no(value: &bool) -> String {
    if *value { "yes" } else { "no" }.to_owned()
}

/// The rows of one profile.
struct Rows {
    profile: &'static str,
    rows: Vec<Vec<String>>,
}

impl Rows {
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
