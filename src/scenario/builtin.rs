//! The scenarios that come with the program; their names are those of their files.

/// A built-in scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BuiltIn {
    /// The name: the stem of its file in `scenarios/`.
    pub name: &'static str,
    /// The file's text.
    pub toml: &'static str,
    /// The files that it names: path as written, content.
    pub files: &'static [(&'static str, &'static str)],
}

macro_rules! built_in {
    ($name:literal $(, $file:literal)*) => {
        BuiltIn {
            name: $name,
            toml: include_str!(concat!("../../scenarios/", $name, ".toml")),
            files: &[$(($file, include_str!(concat!("../../scenarios/", $file)))),*],
        }
    };
}

/// Every built-in scenario, the article first.
pub const BUILTIN: &[BuiltIn] = &[
    built_in!("kb2551125"),
    built_in!("kb2551125-net48"),
    built_in!("idle-gap"),
    built_in!("trickle"),
    built_in!("keep-alive-off-time-wait"),
    built_in!("connection-limit-per-group"),
    built_in!("reservation-leak"),
    built_in!("bulk-loader"),
    built_in!("which-port-setting"),
    built_in!("which-connection-limit"),
    built_in!("connection-lease"),
    built_in!("polling-devices"),
    built_in!("shared-ports"),
    built_in!("real-iis-log", "real-iis-log.csv"),
    built_in!("httpclient-per-request"),
    built_in!("finite-workers"),
    built_in!("retry-storm"),
    built_in!("snat-scale-out"),
    built_in!("dns-switch"),
];

impl BuiltIn {
    /// The scenario called `name`.
    pub fn find(name: &str) -> Option<&'static BuiltIn> {
        BUILTIN.iter().find(|scenario| scenario.name == name)
    }

    /// The name most like `name`, if one is like it at all: for "did you mean".
    pub fn suggest(name: &str) -> Option<&'static str> {
        crate::words::closest(name, BUILTIN.iter().map(|scenario| scenario.name))
    }
}
