//! A leak that takes 5 s, for tests of the program from outside.

use std::fs;

/// A group for each request, 100 ports for about as many requests.
pub(crate) const LEAK: &str = r#"
title = "A leak"
duration = "5s"
[machine]
ports = 100
[client.app]
runtime = "net40"
[server.api]
uri = "http://api.example.com/"
response-time = "50ms"
[workload.orders]
server = "api"
arrivals = { poisson = { rate = 20 } }
group = "unique"
[[strategy]]
name = "as is"
[[strategy]]
name = "4 groups"
groups = 4
"#;

/// A folder with the scenario in it, as `leak.toml`.
pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("leak.toml"), LEAK).expect("written");
    folder
}
