//! Keys of modern .NET, keys without effect, and what a strategy is limited to.

use super::{Fake, SMALL, good, line, problems, read, read_small};
use crate::model::strategy::{Aim, Target};
use crate::model::{Api, ClientPerRequest};
use crate::scenario::Override;
use crate::units::{ConnectionLimit, SimSpan};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Each warning as `marked text: message (help)`.
fn warnings(text: &str) -> Vec<String> {
    good(text)
        .warnings
        .iter()
        .map(|it| line(text, it))
        .collect()
}

const TWO: &str = r#"
duration = "5min"
[client.shop]
runtime = "net8"
[client.billing]
runtime = "net48"
[server.api]
response-time = "100ms"
[workload.orders]
client = "shop"
arrivals = { poisson = { rate = 50 } }
[workload.billing]
client = "billing"
arrivals = { poisson = { rate = 5 } }
"#;

#[test]
fn a_client_with_a_handler_of_its_own_is_read_and_shown() {
    let text = format!(
        "{SMALL}client-per-request = \"dropped\"\nundisposed = 0.1\n[client.app]\n\
         runtime = \"net9\"\napi = \"HttpClient\"\nmax-connections-per-server = 4\n\
         pooled-connection-idle-timeout = \"never\"\npooled-connection-lifetime = \"5min\"\n\
         gc = {{ every = \"5s\" }}\n"
    );
    let read = good(&text);
    let client = &read.scenario.clients[0];
    assert_eq!(client.api, Api::HttpClient);
    assert_eq!(client.max_connections_per_server, ConnectionLimit::new(4));
    assert_eq!(client.pooled_connection_idle_timeout, Some(None));
    assert_eq!(
        client.pooled_connection_lifetime,
        Some(SimSpan::from_seconds(300))
    );
    assert_eq!(client.handler_lifetime, Some(SimSpan::from_seconds(120)));
    assert_eq!(client.gc_every, Some(SimSpan::from_seconds(5)));
    let workload = &read.scenario.workloads[0];
    assert_eq!(workload.client_per_request, ClientPerRequest::Dropped);
    assert_eq!(workload.undisposed.to_string(), "0.1");
    assert_eq!(
        good(&crate::scenario::show(&read)).scenario.clients,
        read.scenario.clients
    );
}

#[test]
fn old_keys_say_what_is_written_now() {
    let old = |set: &str| {
        let errors = read_small(&[set]).expect_err(set);
        let all = errors
            .into_iter()
            .map(|it| format!("{} ({})", it.message, it.help));
        all.collect::<Vec<_>>().concat()
    };
    let said = old("workload.orders.proxy-untouched=true");
    assert!(said.contains("`client-per-request = false`"), "{said}");
    let said = old("workload.orders.group=\"httpclient-per-request\"");
    assert!(said.contains("`client-per-request = \"held\"`"), "{said}");
    let said = old("workload.orders.group=\"httpclient-per-request-disposed\"");
    assert!(said.contains("`client-per-request = true`"), "{said}");
}

#[test]
fn what_is_stored_and_never_read_is_a_warning_by_name() {
    let text = format!(
        "{SMALL}group = \"unique\"\n[client.app]\nruntime = \"net8\"\nmax-idle-time = \"10s\"\n\
         [[strategy]]\nname = \"net8\"\n\
         [[strategy]]\nname = \"limit\"\nconnection-limit = 50\n\
         [[strategy]]\nname = \"net48\"\nruntime = \"net48\"\nconnection-limit = 50\n\
         [[strategy]]\nname = \"close\"\nclose-groups = {{ every = \"30s\" }}\n"
    );
    let said = warnings(&text);
    let about = |key: &str| said.iter().filter(|it| it.contains(key)).count();
    for key in [
        "`max-idle-time`",
        "`connection-limit`",
        "`group`",
        "`close-groups`",
    ] {
        assert_eq!(
            about(&format!("{key} has no effect on `net8`")),
            1,
            "{said:#?}"
        );
    }
    assert_eq!(said.len(), 4, "nothing about net48: {said:#?}");
}

#[test]
fn what_there_is_no_property_for_is_an_error_unless_a_strategy_has_it() {
    let base = format!("{SMALL}[client.app]\nruntime = \"net8\"\nmax-connections-per-server = 4\n");
    let said = problems(&format!("{base}[[strategy]]\nname = \"as is\"\n"));
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].contains("`max-connections-per-server` cannot be set there"));
    assert!(
        said[0].contains("it takes `api = \"HttpClient\"`"),
        "{said:#?}"
    );
    good(&format!(
        "{base}[[strategy]]\nname = \"web\"\n[[strategy]]\nname = \"client\"\napi = \"HttpClient\"\n"
    ));
    let held = problems(&format!("{SMALL}client-per-request = \"held\"\n"));
    assert!(
        held[0].contains("it takes `api = \"HttpClient\"`"),
        "{held:#?}"
    );
    let old = problems(&format!(
        "{SMALL}[client.app]\nruntime = \"net20\"\napi = \"HttpClient\"\n"
    ));
    assert_eq!(old.len(), 1, "{old:#?}");
    assert!(old[0].contains("cannot be had on `net20`"), "{old:#?}");
    assert!(old[0].contains("it can on net40, net45, net48, mono6, netcore31, net8, net9"));
}

#[test]
fn a_strategy_changes_what_it_aims_at_alone() {
    let text = format!(
        "{TWO}[[strategy]]\nname = \"x\"\nonly = [\"orders\", \"client.billing\"]\n\
         keep-alive = false\nconnection-limit = 9\n"
    );
    let read = good(&text);
    let strategy = &read.scenario.strategies[0];
    let targets = alloc::vec![Target::Workload(0), Target::Client(1)];
    assert_eq!(strategy.only, Aim(Some(targets)));
    let variant = read.scenario.under(strategy);
    let kept: Vec<_> = variant.workloads.iter().map(|it| it.keep_alive).collect();
    assert_eq!(kept, [Some(false), None]);
    let limits: Vec<_> = variant
        .clients
        .iter()
        .map(|it| it.connection_limit)
        .collect();
    assert_eq!(limits, [None, Some(ConnectionLimit::new(9))]);
    assert!(
        crate::scenario::show(&read).contains("only = [\"workload.orders\", \"client.billing\"]")
    );
}

#[test]
fn an_aim_that_names_nothing_or_two_things_is_an_error() {
    let with = |only: &str, key: &str| {
        problems(&format!(
            "{TWO}[[strategy]]\nname = \"x\"\nonly = {only}\n{key}\n"
        ))
    };
    let nothing = with("[\"bills\"]", "keep-alive = false");
    assert_eq!(nothing.len(), 1, "{nothing:#?}");
    assert!(nothing[0].contains("`only` names `bills`, which is not there"));
    assert!(nothing[0].contains("`client.shop`") && nothing[0].contains("`workload.orders`"));
    let two = with("[\"billing\"]", "keep-alive = false");
    assert!(
        two[0].contains("which is a client and a workload"),
        "{two:#?}"
    );
    assert!(
        two[0].contains("write `client.billing` or `workload.billing`"),
        "{two:#?}"
    );
    let wrong = with("[\"orders\"]", "connection-limit = 9");
    assert!(
        wrong[0].contains("`connection-limit` means nothing to what `only` names"),
        "{wrong:#?}"
    );
    assert!(wrong[0].contains("it is a key of a client"), "{wrong:#?}");
    let machine = with("[\"orders\"]", "ports = 100");
    assert!(
        machine[0].contains("about the whole machine"),
        "{machine:#?}"
    );
    assert!(with("[]", "keep-alive = false")[0].contains("names nothing"));
}

#[test]
fn set_reaches_the_new_keys() {
    let change = |key: &str, value: &str| Override {
        typed_as: "--set",
        key: key.into(),
        value: value.into(),
    };
    let changes = [
        change("client.app.runtime", "net8"),
        change("client.app.api", "HttpClient"),
        change("client.app.gc.every", "5s"),
        change("workload.orders.client-per-request", "dropped"),
    ];
    let text = format!("{SMALL}[client.app]\nruntime = \"net48\"\n");
    let read = read(&text, "test", &changes, &mut Fake).expect("this is right");
    assert_eq!(
        read.scenario.clients[0].gc_every,
        Some(SimSpan::from_seconds(5))
    );
    assert_eq!(
        read.scenario.workloads[0].client_per_request,
        ClientPerRequest::Dropped
    );
}

/// SP-10: a collection ends what no timer does, on .NET Framework only where something is.
#[test]
fn collections_do_something_where_a_service_point_may_have_no_timer() {
    let said = |client: &str| {
        let all = warnings(&format!(
            "{SMALL}[client.app]\ngc = {{ every = \"30s\" }}\n{client}\n"
        ));
        all.iter()
            .filter(|it| it.contains("`gc` has no effect"))
            .count()
    };
    for works in [
        "runtime = \"net8\"",
        "runtime = \"net48\"\nreservation-leak = true",
        "runtime = \"net40\"\nmax-idle-time = \"never\"",
    ] {
        assert_eq!(said(works), 0, "{works}");
    }
    for idle in ["runtime = \"net48\"", "runtime = \"mono6\""] {
        assert_eq!(said(idle), 1, "{idle}");
    }
}
