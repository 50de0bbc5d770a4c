//! How long well-known servers keep an idle connection: names for `closes-idle-after`.

use crate::model::profile::Sourced;
use crate::units::SimSpan;

/// A server's default keep-alive time.
#[derive(Clone, PartialEq, Debug)]
pub struct ServerPreset {
    /// The name in scenarios: `iis`.
    pub name: &'static str,
    /// The name people know.
    pub title: &'static str,
    /// The server closes a connection that was idle this long.
    pub closes_idle_after: Sourced<SimSpan>,
}

const fn preset(
    name: &'static str,
    title: &'static str,
    closes_idle_after: Sourced<SimSpan>,
) -> ServerPreset {
    ServerPreset {
        name,
        title,
        closes_idle_after,
    }
}

/// Every server preset, by name.
pub static ALL: &[ServerPreset] = &[
    preset(
        "alb",
        "AWS Application Load Balancer",
        Sourced::uncertain(
            SimSpan::from_seconds(60),
            "docs.aws.amazon.com/elasticloadbalancing, edit-load-balancer-attributes \
             (idle timeout; the number was not in the excerpt read)",
        ),
    ),
    preset(
        "apache",
        "Apache httpd",
        Sourced::read(
            SimSpan::from_seconds(5),
            "httpd source, DEFAULT_KEEPALIVE_TIMEOUT",
        ),
    ),
    preset(
        "envoy",
        "Envoy",
        Sourced::read(
            SimSpan::from_seconds(3_600),
            "envoyproxy.io, faq/configuration/timeouts (idle_timeout)",
        ),
    ),
    preset(
        "gcp-alb",
        "GCP external Application Load Balancer, global",
        Sourced::read(
            SimSpan::from_seconds(610),
            "pulumi_gcp, TargetHttpProxy.httpKeepAliveTimeoutSec (600 s when regional)",
        ),
    ),
    preset(
        "iis",
        "IIS (http.sys connectionTimeout)",
        Sourced::read(
            SimSpan::from_seconds(120),
            "iis-docs, system.applicationHost/sites/site/limits (00:02:00)",
        ),
    ),
    preset(
        "kestrel",
        "ASP.NET Core Kestrel",
        Sourced::read(
            SimSpan::from_seconds(130),
            "learn.microsoft.com, KestrelServerLimits.KeepAliveTimeout (2 min in 1.x and 2.0)",
        ),
    ),
    preset(
        "nginx",
        "nginx",
        Sourced::read(
            SimSpan::from_seconds(75),
            "nginx source, keepalive_timeout 75000 ms (packaged nginx.conf often says 65)",
        ),
    ),
];

/// The preset called `name` in scenarios.
pub fn find(name: &str) -> Option<&'static ServerPreset> {
    ALL.iter().find(|preset| preset.name == name)
}
