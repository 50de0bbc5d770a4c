//! What .NET generations, operating systems, clouds and servers bring along: sourced constants.
//!
//! Lives here: data with its sources, and its look-up by name. Does not live here: anything that
//! behaves (`net`), and how a scenario names it (`scenario`).
//!
//! **Invariant:** every value from outside carries where it was read and how sure that is.

use crate::model::RuntimeProfile;

pub mod framework;
pub mod modern;
pub mod mono;
pub mod nats;
pub mod ports;
pub mod servers;

pub use framework::{NET20, NET20_RTM, NET40, NET45, NET48};
pub use modern::{NET8, NET9, NETCORE31};
pub use mono::{MONO4, MONO6};
pub use ports::PortPreset;

/// Every runtime profile, oldest first within its family.
pub static ALL: &[&RuntimeProfile] = &[
    &NET20_RTM, &NET20, &NET40, &NET45, &NET48, &MONO4, &MONO6, &NETCORE31, &NET8, &NET9,
];

/// The profile called `name` in scenarios.
pub fn find(name: &str) -> Option<&'static RuntimeProfile> {
    ALL.iter().copied().find(|profile| profile.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::profile::{
        CloseMatch, FrameworkRules, HttpClientOf, LeaseSupport, Mechanism,
    };
    use crate::units::{ConnectionLimit, SimSpan};

    fn rules(profile: &RuntimeProfile) -> FrameworkRules {
        match profile.mechanism {
            Mechanism::Framework(rules) => rules,
            _ => panic!("{} is not a Framework profile", profile.name),
        }
    }

    #[test]
    fn every_profile_is_found_by_its_name() {
        for profile in ALL {
            assert_eq!(find(profile.name), Some(*profile));
        }
        assert_eq!(find("net41"), None);
    }

    #[test]
    fn near_misses_are_suggested_and_nonsense_is_not() {
        let suggest = |name| crate::words::closest(name, ALL.iter().map(|it| it.name));
        assert_eq!(suggest("net4.0"), Some("net40"));
        assert_eq!(suggest("netcore3.1"), Some("netcore31"));
        assert_eq!(suggest("visual-basic"), None);
        assert_eq!(
            crate::words::closest("a", ["b"]),
            Some("b"),
            "one letter may be wrong"
        );
    }

    #[test]
    fn framework_versions_differ_where_their_sources_do() {
        // CG-6: the per-group timer arrived with 4.5.
        let timers = [&NET20_RTM, &NET20, &NET40, &NET45, &NET48]
            .map(|profile| rules(profile).group_idle_timer.value);
        assert_eq!(timers, [false, false, false, true, true]);
        // AS-1, AS-2: 2.0 RTM does not reserve, 2.0 does not avoid.
        assert!(!rules(&NET20_RTM).reserves.value);
        assert!(rules(&NET20).reserves.value && !rules(&NET20).avoids_non_keep_alive.value);
        assert!(rules(&NET40).avoids_non_keep_alive.value);
        // CL-4, FL-4, AS-3 (g): only the newest source.
        assert_eq!(rules(&NET45).close_match.value, CloseMatch::Exact);
        assert_eq!(rules(&NET48).close_match.value, CloseMatch::Prefix);
        assert!(!rules(&NET45).abort_dooms_pipeline.value);
        assert!(rules(&NET48).starts_forced_at_once.value);
    }

    #[test]
    fn defaults_are_those_of_the_constants_table() {
        // K-1, K-3, NC-2.
        assert_eq!(NET40.max_idle_time.value, SimSpan::from_seconds(100));
        assert_eq!(NET40.connection_limit.value, ConnectionLimit::new(2));
        assert_eq!(NET8.connection_limit.value, ConnectionLimit::UNLIMITED);
        assert_eq!(NET8.max_idle_time.value, SimSpan::from_seconds(100));
        // NC-5.
        let pooled = [&NETCORE31, &NET8, &NET9].map(|profile| match profile.http_client {
            HttpClientOf::SocketsHttp(rules) => rules.pooled_idle_timeout.value,
            _ => panic!("{} has no handler of its own", profile.name),
        });
        assert_eq!(pooled, [120, 60, 60].map(SimSpan::from_seconds));
        // M4-5, MO-11.
        assert_eq!(MONO4.connection_lease.value, LeaseSupport::Throws);
        assert_eq!(MONO6.connection_lease.value, LeaseSupport::Ignored);
    }
}
