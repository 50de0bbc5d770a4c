//! Timelines of both generations (`#[cfg(test)]`), one rule each; the scripts are those of
//! `net::testing`.

use super::{Mono4, Mono6, MonoSettings};
use crate::model::Closer;
use crate::net::EndpointSettings;
use crate::net::testing::Rig;
use crate::units::{ConnectionLimit, SimSpan};

const MANY_PORTS: u32 = 1000;

fn settings(limit: u32, active_close: Closer) -> MonoSettings {
    MonoSettings {
        max_idle_time: Some(SimSpan::from_seconds(100)),
        request_timeout: Some(SimSpan::from_seconds(100)),
        max_service_points: 0,
        endpoints: vec![EndpointSettings {
            limit: ConnectionLimit::new(limit),
            active_close,
            keep_alive_timeout: None,
        }],
        timer_slack: SimSpan::ZERO,
        timer_jitter: None,
    }
}

fn mono6(script: &str) -> String {
    Rig::new(Mono6::new(settings(2, Closer::Server)), MANY_PORTS).play(script)
}

fn mono4(script: &str) -> String {
    Rig::new(Mono4::new(settings(2, Closer::Server)), MANY_PORTS).play(script)
}

/// EX-6.
#[test]
fn ex6_a_waiting_request_takes_the_first_connection_that_is_free() {
    assert_eq!(
        mono6("0 A 10 | 0 A 1 | 0 A 1 | 9 end"),
        "0 r0 on c0 | 0 r1 on c1 | 0 r2 waits | 1 r1 done | 1 r2 on c1 | 2 r2 done"
    );
}

/// EX-11.
#[test]
fn ex11_the_connection_that_is_not_reused_is_closed_after_its_own_delay() {
    assert_eq!(
        mono6("0 A 5 | 0 A 5 | 50 A 1 | 100 A 1 | 104 look | 150 A 1 | 152 look"),
        "0 r0 on c0 | 0 r1 on c1 | 5 r0 done | 5 r1 done | 50 r2 on c1 | 51 r2 done | \
         100 r3 on c1 | 101 r3 done | 104 s=2 tw=0 C=2 g=1 q=0 sp=1 | 105 c0 closed | \
         150 r4 on c1 | 151 r4 done | 152 s=1 tw=1 C=1 g=1 q=0 sp=1"
    );
}

/// EX-20, MO-9.
#[test]
fn ex20_mo9_closing_a_busy_group_counts_its_connection_down_twice() {
    assert_eq!(
        mono6("0 A 10 | 5 drop A | 6 look | 105 look"),
        "0 r0 on c0 | 5 c0 closed | 5 r0 RequestCanceled | 5 true | \
         6 s=0 tw=1 C=-1 g=0 q=0 sp=1 | 105 SP gone | 105 s=0 tw=0 C=0 g=0 q=0 sp=0"
    );
}

/// EX-21, MO-6.
#[test]
fn ex21_mo6_a_service_point_goes_one_idle_time_after_its_last_connection() {
    assert_eq!(
        mono6("0 A 1 | 102 look | 202 look"),
        "0 r0 on c0 | 1 r0 done | 101 c0 closed | 102 s=0 tw=1 C=0 g=0 q=0 sp=1 | \
         201 SP gone | 202 s=0 tw=0 C=0 g=0 q=0 sp=0"
    );
}

/// MO-1, MO-3.
#[test]
fn mo1_mo3_groups_are_raw_names_and_each_has_the_limit_for_itself() {
    assert_eq!(
        mono6("0 A 1 | 0 A 1 | 0 A 1 | 0 B 1 | 0 - 1 | 0 look | 0.5 end"),
        "0 r0 on c0 | 0 r1 on c1 | 0 r2 waits | 0 r3 on c2 | 0 r4 on c3 | \
         0 s=4 tw=0 C=4 g=3 q=1 sp=1"
    );
}

/// MO-2.
#[test]
fn mo2_a_service_point_that_was_only_looked_up_stays_and_counts_towards_the_most_allowed() {
    let mut settings = settings(2, Closer::Server);
    settings.max_service_points = 1;
    settings.endpoints.push(settings.endpoints[0]);
    assert_eq!(
        Rig::new(Mono6::new(settings), MANY_PORTS)
            .play("0 hold | 999 look | 999 A 1 to 1 | 999 end"),
        "999 s=0 tw=0 C=0 g=0 q=0 sp=1 | 999 r0 InvalidOperationException"
    );
}

/// MO-4.
#[test]
fn mo4_the_connection_started_last_is_chosen_and_the_queue_is_first_in_first_out() {
    assert_eq!(
        mono6("0 A 5 | 1 A 1 | 10 A 1 | 20 A 3 | 20 A 3 | 20 A 1 | 20 A 1 | 30 end"),
        "0 r0 on c0 | 1 r1 on c1 | 2 r1 done | 5 r0 done | 10 r2 on c1 | 11 r2 done | \
         20 r3 on c1 | 20 r4 on c0 | 20 r5 waits | 20 r6 waits | 23 r3 done | 23 r5 on c1 | \
         23 r4 done | 23 r6 on c0 | 24 r5 done | 24 r6 done"
    );
}

/// MO-4.
#[test]
fn mo4_a_group_with_an_index_chooses_as_a_small_one_does() {
    let submits: Vec<String> = (0..40).map(|k| format!("{k} A {}", 50 - k)).collect();
    let script = submits.join("|");
    let rig = Rig::new(Mono6::new(settings(40, Closer::Server)), MANY_PORTS);
    let diary = rig.play(&(script + "| 60 A 9 | 61 A 9 | 62 end"));
    assert!(diary.ends_with("60 r40 on c39 | 61 r41 on c38"), "{diary}");
}

/// MO-5.
#[test]
fn mo5_a_delay_that_runs_keeps_its_length_when_the_setting_changes() {
    assert_eq!(
        mono6("0 A 1 | 0 B 2 | 1.5 idle 10 | 13 look | 102 end"),
        "0 r0 on c0 | 0 r1 on c1 | 1 r0 done | 2 r1 done | 12 c1 closed | \
         13 s=1 tw=1 C=1 g=1 q=0 sp=1 | 101 c0 closed"
    );
}

/// MO-5.
#[test]
fn mo5_a_delay_ends_when_the_connection_is_used_and_starts_again_after() {
    assert_eq!(
        mono6("0 A 1 | 100 A 1 | 150 look | 201 look"),
        "0 r0 on c0 | 1 r0 done | 100 r1 on c0 | 101 r1 done | \
         150 s=1 tw=0 C=1 g=1 q=0 sp=1 | 201 c0 closed | 201 s=0 tw=1 C=0 g=0 q=0 sp=1"
    );
}

/// MO-5.
#[test]
fn mo5_an_infinite_idle_time_closes_nothing() {
    assert_eq!(
        mono6("0 A 1 close | 0 idle never | 2 B 1 | 9999 look"),
        "0 r0 on c0 | 1 r0 done | 1 c0 closed | 2 r1 on c1 | 3 r1 done | \
         9999 s=1 tw=0 C=1 g=1 q=0 sp=1"
    );
}

/// MO-6.
#[test]
fn mo6_a_request_during_the_final_wait_keeps_the_service_point() {
    assert_eq!(
        mono6("0 A 1 | 200 A 1 | 301 look | 401 end"),
        "0 r0 on c0 | 1 r0 done | 101 c0 closed | 200 r1 on c1 | 201 r1 done | \
         301 c1 closed | 301 s=0 tw=1 C=0 g=0 q=0 sp=1 | 401 SP gone"
    );
}

/// MO-6.
#[test]
fn mo6_a_setting_that_changes_starts_the_final_wait_anew() {
    assert_eq!(
        mono6("0 A 1 close | 51 idle 10 | 61 end"),
        "0 r0 on c0 | 1 r0 done | 1 c0 closed | 61 SP gone"
    );
}

/// MO-7.
#[test]
fn mo7_a_disposed_service_point_refuses_requests() {
    assert_eq!(
        mono6("0 hold | 0 A 1 | 202 A 1 held | 202 A 1 | 203 look"),
        "0 r0 on c0 | 1 r0 done | 101 c0 closed | 201 SP gone | \
         202 r1 ObjectDisposedException | 202 r2 on c1 | 203 r2 done | \
         203 s=1 tw=0 C=1 g=1 q=0 sp=1"
    );
}

/// MO-8.
#[test]
fn mo8_closing_a_group_ends_everything_in_it() {
    assert_eq!(
        mono6("0 A 9 | 0 A 1 | 2 A 9 | 2 A 9 | 5 drop A | 5 drop A | 5 drop - | 5 look"),
        "0 r0 on c0 | 0 r1 on c1 | 1 r1 done | 2 r2 on c1 | 2 r3 waits | \
         5 r3 RequestCanceled | 5 c1 closed | 5 r2 RequestCanceled | 5 c0 closed | \
         5 r0 RequestCanceled | 5 true | 5 false | 5 true | 5 s=0 tw=2 C=-2 g=0 q=0 sp=1"
    );
}

/// MO-10.
#[test]
fn mo10_a_connection_that_the_server_closed_connects_again_by_itself() {
    assert_eq!(
        mono6("0 A 1 | 30 fin A | 31 look | 40 A 1 | 42 look | 141 end"),
        "0 r0 on c0 | 1 r0 done | 31 s=1 cw=1 tw=0 C=1 g=1 q=0 sp=1 | 40 c0 closed | \
         40 r1 on c1 | 41 r1 done | 42 s=1 tw=0 C=1 g=1 q=0 sp=1 | 141 c1 closed"
    );
}

/// MO-11.
#[test]
fn mo11_current_connections_counts_idle_and_busy_ones() {
    assert_eq!(
        mono6("0 A 1 | 0 B 9 | 2 look"),
        "0 r0 on c0 | 0 r1 on c1 | 1 r0 done | 2 s=2 tw=0 C=2 g=2 q=0 sp=1"
    );
}

/// MO-12.
#[test]
fn mo12_every_close_of_its_own_leaves_time_wait() {
    assert_eq!(
        mono6("0 A 1 | 0 B 1 | 101 look"),
        "0 r0 on c0 | 0 r1 on c1 | 1 r0 done | 1 r1 done | 101 c0 closed | 101 c1 closed | \
         101 s=0 tw=2 C=0 g=0 q=0 sp=1"
    );
    assert_eq!(
        mono6("0 A 1 | 5 drop A | 6 look"),
        "0 r0 on c0 | 1 r0 done | 5 c0 closed | 5 true | 6 s=0 tw=1 C=0 g=0 q=0 sp=1"
    );
}

#[test]
fn a_non_keep_alive_exchange_is_closed_by_whoever_closes_first() {
    let script = "0 A 1 close | 2 look";
    let diary = "0 r0 on c0 | 1 r0 done | 1 c0 closed | ";
    assert_eq!(
        mono6(script),
        diary.to_owned() + "2 s=0 tw=0 C=0 g=0 q=0 sp=1"
    );
    let client = Rig::new(Mono6::new(settings(2, Closer::Client)), MANY_PORTS);
    assert_eq!(
        client.play(script),
        diary.to_owned() + "2 s=0 tw=1 C=0 g=0 q=0 sp=1"
    );
}

#[test]
fn a_refused_connect_fails_its_request_and_leaves_nothing_behind() {
    let one_port = Rig::new(Mono6::new(settings(2, Closer::Server)), 1);
    assert_eq!(
        one_port.play("0 A 1 | 0 A 1 | 0 B 1 | 0 look | 2 A 1 | 3 look"),
        "0 r0 on c0 | 0 r1 WSAENOBUFS | 0 r2 WSAENOBUFS | 0 s=1 tw=0 C=1 g=1 q=0 sp=1 | \
         1 r0 done | 2 r3 on c0 | 3 r3 done | 3 s=1 tw=0 C=1 g=1 q=0 sp=1"
    );
}

/// HW-10: the socket stays, its place is lost, and a collection does not help; waiting it leaves
/// its place in the queue.
#[test]
fn hw_10_a_timeout_on_the_wire_loses_socket_and_place_for_good() {
    assert_eq!(
        mono6(
            "0 A 9 timeout 5 | 0 A 9 | 0 A 9 timeout 3 | 0 A 1 | 7 look | 8 fin left | 8 collect | \
             11 look | 500 look"
        ),
        "0 r0 on c0 | 0 r1 on c1 | 0 r2 waits | 0 r3 waits | 3 r2 Timeout | 5 r0 Timeout | \
         5 c0 left | 7 s=2 tw=0 C=2 g=1 q=1 sp=1 | 9 r1 done | 9 r3 on c1 | 10 r3 done | \
         11 s=2 cw=1 tw=0 C=2 g=1 q=0 sp=1 | 110 c1 closed | 500 s=1 cw=1 tw=0 C=1 g=1 q=0 sp=1"
    );
}

/// HW-7: whatever the body, at the limit the client stops, and a collection does not help.
#[test]
fn hw_7_a_response_left_open_holds_its_connection() {
    assert_eq!(
        mono6("0 A 1 undisposed | 0 A 1 undisposed | 2 A 1 timeout 5 | 3 collect | 8 look"),
        "0 r0 on c0 | 0 r1 on c1 | 1 r0 done | 1 c0 left | 1 r1 done | 1 c1 left | 2 r2 waits | \
         7 r2 Timeout | 8 s=2 tw=0 C=2 g=1 q=0 sp=1"
    );
}

#[test]
fn a_connect_is_given_up_with_its_request() {
    assert_eq!(
        mono6("0 A 1 connect 9 timeout 5 | 6 look"),
        "5 r0 Timeout | 5 c0 closed | 6 s=0 tw=0 C=0 g=0 q=0 sp=1"
    );
}

#[test]
fn an_aborted_request_frees_its_place_and_a_group_of_its_own_goes_with_the_request() {
    assert_eq!(
        mono6("0 A 9 | 1 abort 0 | 2 A 1 ntlm | 4 look"),
        "0 r0 on c0 | 1 r0 RequestCanceled | 1 c0 closed | 2 r1 on c1 | 3 r1 done | \
         3 c1 closed | 4 s=0 tw=2 C=0 g=0 q=0 sp=1"
    );
}

#[test]
fn a_higher_limit_starts_waiting_requests_at_once_on_mono_6() {
    assert_eq!(
        mono6("0 A 9 | 0 A 9 | 0 A 9 | 1 limit 3 | 2 look"),
        "0 r0 on c0 | 0 r1 on c1 | 0 r2 waits | 1 r2 on c2 | 2 s=3 tw=0 C=3 g=1 q=0 sp=1"
    );
}

/// M4-1.
#[test]
fn m4_1_the_front_of_the_list_is_chosen_and_a_full_group_queues() {
    // c0 is moved to the front when r2 chooses it, so r3 finds it first.
    assert_eq!(
        mono4("0 A 3 | 0 A 1 | 0 A 1 | 5 A 1 | 9 end"),
        "0 r0 on c0 | 0 r1 on c1 | 0 r2 waits | 1 r1 done | 1 r2 on c1 | 2 r2 done | \
         3 r0 done | 5 r3 on c0 | 6 r3 done"
    );
}

/// M4-2, M4-3.
#[test]
fn m4_2_m4_3_the_sweep_closes_between_one_and_two_idle_times_and_counts_nothing() {
    assert_eq!(
        mono4("0 A 1 | 0 B 0 | 100 look | 200 look | 300 A 1 | 401 end | 500 look"),
        "0 r0 on c0 | 0 r1 on c1 | 0 r1 done | 1 r0 done | 100 c1 closed | \
         100 s=1 tw=1 C=2 g=1 q=0 sp=1 | 200 c0 closed | 200 s=0 tw=1 C=2 g=0 q=0 sp=1 | \
         300 r2 on c2 | 301 r2 done | 500 c2 closed | 500 s=0 tw=1 C=3 g=0 q=0 sp=1"
    );
}

/// M4-2.
#[test]
fn m4_2_a_changed_idle_time_starts_the_period_anew() {
    assert_eq!(
        mono4("0 A 1 | 50 idle 10 | 60 look"),
        "0 r0 on c0 | 1 r0 done | 60 c0 closed | 60 s=0 tw=1 C=1 g=0 q=0 sp=1"
    );
}

/// M4-2: with a period of zero, `System.Threading.Timer` ticks once; what was busy then stays.
#[test]
fn m4_2_an_idle_time_of_zero_sweeps_once() {
    assert_eq!(
        mono4("0 A 1 | 50 idle 0 | 60 look | 70 A 1 | 90 look"),
        "0 r0 on c0 | 1 r0 done | 50 c0 closed | 60 s=0 tw=1 C=1 g=0 q=0 sp=1 | 70 r1 on c1 | \
         71 r1 done | 90 s=1 tw=1 C=2 g=1 q=0 sp=1"
    );
}

/// M4-2.
#[test]
fn m4_2_a_lower_limit_is_enforced_by_the_next_sweep() {
    assert_eq!(
        mono4("0 A 9 | 0 A 9 | 50 A 1 | 60 limit 1 | 100 look"),
        "0 r0 on c0 | 0 r1 on c1 | 9 r0 done | 9 r1 done | 50 r2 on c1 | 51 r2 done | \
         100 c0 closed | 100 s=1 tw=1 C=2 g=1 q=0 sp=1"
    );
}

/// M4-4.
#[test]
fn m4_4_closing_a_group_leaves_its_queue_waiting() {
    assert_eq!(
        mono4("0 drop A | 0 A 9 | 0 A 9 | 0 A 9 timeout 50 | 5 drop A | 6 look | 6 A 1 | 51 look"),
        "0 true | 0 r0 on c0 | 0 r1 on c1 | 0 r2 waits | 5 c0 closed | 5 r0 RequestCanceled | \
         5 c1 closed | 5 r1 RequestCanceled | 5 true | 6 s=0 tw=2 C=0 g=0 q=1 sp=1 | \
         6 r3 on c2 | 7 r3 done | 50 r2 Timeout | 51 s=1 tw=2 C=1 g=1 q=0 sp=1"
    );
}

#[test]
fn mono_4_keeps_a_connection_object_whose_socket_was_closed() {
    assert_eq!(
        mono4("0 A 1 close | 2 look | 3 A 1 | 5 look"),
        "0 r0 on c0 | 1 r0 done | 1 c0 closed | 2 s=0 tw=0 C=1 g=1 q=0 sp=1 | 3 r1 on c1 | \
         4 r1 done | 5 s=1 tw=0 C=1 g=1 q=0 sp=1"
    );
    let one_port = Rig::new(Mono4::new(settings(2, Closer::Server)), 1);
    assert_eq!(
        one_port.play("0 A 9 | 0 A 1 | 0 look | 10 end"),
        "0 r0 on c0 | 0 r1 WSAENOBUFS | 0 s=1 tw=0 C=2 g=1 q=0 sp=1 | 9 r0 done"
    );
}

/// Nothing of Mono's is sent again; how the connection went is told by the failure's name.
#[test]
fn a_connection_that_breaks_fails_its_request_by_the_name_of_the_break() {
    let plays: [fn(&str) -> String; 2] = [mono6, mono4];
    // Mono 4 keeps the connection object, in its group.
    for (play, kept) in plays.into_iter().zip([0, 1]) {
        for (how, name) in [("lose", "ConnectionClosed"), ("break", "IOException")] {
            assert_eq!(
                play(&format!("0 A 10 | 1 {how} 0 | 2 look")),
                format!(
                    "0 r0 on c0 | 1 r0 {name} | 1 c0 closed | \
                     2 s=0 tw=0 C={kept} g={kept} q=0 sp=1"
                )
            );
        }
    }
}

/// HW-8: a response that is closed before its end resets its connection, which leaves no TIME_WAIT.
#[test]
fn hw_8_a_response_that_is_closed_early_resets_its_connection() {
    assert_eq!(
        mono6("0 A 10 | 1 headers 0 | 2 close-response 0 10 | 3 look"),
        "0 r0 on c0 | 2 r0 done | 2 c0 reset | 3 s=0 tw=0 C=0 g=0 q=0 sp=1"
    );
    // Nothing happens before the headers; what is all there goes on.
    assert_eq!(
        mono6("0 A 10 | 2 close-response 0 10 | 3 look"),
        "0 r0 on c0 | 3 s=1 tw=0 C=1 g=1 q=0 sp=1"
    );
    assert_eq!(
        mono6("0 A 10 | 1 headers 0 | 2 close-response 0 2 | 3 A 1 | 9 look"),
        "0 r0 on c0 | 2 r0 done | 3 r1 on c0 | 4 r1 done | 9 s=1 tw=0 C=1 g=1 q=0 sp=1"
    );
}
