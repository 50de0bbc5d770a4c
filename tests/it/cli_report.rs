//! `spsim report` from outside: results folders, good and bad.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::Path;

fn spsim(folder: &Path, args: &[&str], stdin: &str) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .current_dir(folder)
        .args(args)
        .write_stdin(stdin)
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

/// What is done to a folder, the file that is named for it, and words of the message.
type Damage<'a> = (&'a dyn Fn(&Path), &'a str, &'a str);

const SMALL: &str = r#"
title = "<script>alert(1)</script> & ![x](y)"
question = "]]> </title> \"'"
duration = "20s"
machine.ports = 40
client.a = {}
server.s = { uri = "http://h/", response-time = "10ms" }
workload.w = { group = "unique", arrivals = { every = "250ms" } }
[[strategy]]
name = "as is"
[[strategy]]
name = "</desc></svg><b>"
groups = 2
"#;

/// A folder with results in `r`.
fn results(args: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    let all = [
        &["run", "-", "--out", "r", "--quiet", "--format", "svg"],
        args,
    ]
    .concat();
    let (code, _, stderr) = spsim(root.path(), &all, SMALL);
    assert_eq!(code, 0, "{stderr}");
    root
}

fn report(root: &Path) -> (i32, String, String) {
    spsim(root, &["report", "r", "--out", "-"], "")
}

/// The best of bad strategies is not sold as a cure.
#[test]
fn the_page_says_where_nothing_helps() {
    let root = results(&["--strategy", "as is"]);
    let (code, page, _) = report(root.path());
    assert_eq!(code, 0);
    let said = "<p>It changes nothing and is exhausted: no strategy here is a cure.</p>";
    assert!(page.contains(said), "{page}");
}

#[test]
fn the_page_is_whole_in_itself_and_says_what_the_results_say() {
    let root = results(&["--port-map"]);
    let (code, page, stderr) = report(root.path());
    assert_eq!((code, stderr.as_str()), (0, ""));
    // The script names what it makes by namespaces, which are nobody's address.
    let asks = page.replace("http://www.w3.org/", "");
    for forbidden in ["http://www", "https://", " src=", "@import", "url("] {
        assert!(!asks.contains(forbidden), "{forbidden}");
    }
    let summary = fs::read_to_string(root.path().join("r/summary.json")).expect("there");
    let summary: Value = serde_json::from_str(&summary).expect("JSON");
    let exhausted = summary["strategies"][0]["exhausted_at_s"].as_f64();
    let read = &data(&page)[0]["strategies"][0]["exhausted"];
    assert!(exhausted.is_some());
    assert_eq!(read.as_f64(), exhausted);
    assert!(
        page.contains("Under “as is” ports run out after 10 s"),
        "{page}"
    );
    assert!(page.contains("The map of every single port"));
    let map = &data(&page)[0]["map"];
    let frames = map["strategies"][0]["frames"].as_array().expect("frames");
    assert_eq!(Some(frames.len()), map["times"].as_array().map(Vec::len));
}

/// What the script of a page reads.
fn data(page: &str) -> Value {
    let start = "<script type=\"application/json\" id=\"data\">";
    let (_, rest) = page.split_once(start).expect("there");
    let (text, _) = rest.split_once("</script>").expect("it ends");
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn the_script_reads_every_row_and_the_instant_without_a_port() {
    let root = results(&["--port-map"]);
    let (_, page, _) = report(root.path());
    let data = &data(&page)[0];
    let rows = fs::read_to_string(root.path().join("r/ports.csv")).expect("there");
    let mut rows = rows.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = rows.next().expect("a head");
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let times: Vec<f64> = data["times"].as_array().expect("a list")[..]
        .iter()
        .map(|it| it.as_f64().expect("a number"))
        .collect();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
    let place = |at: f64| times.iter().position(|it| it.total_cmp(&at).is_eq());
    let columns = data["columns"].as_array().expect("a list");
    for row in rows.filter(|row| row[0] == "as is") {
        let at = place(number(row[1])).expect("each row is an instant");
        for (column, name) in columns.iter().enumerate() {
            let name = match name.as_str() {
                Some("ports") => "ports_in_use",
                other => other.expect("a name"),
            };
            let cell = head.iter().position(|it| *it == name).expect("a column");
            let count = &data["strategies"][0]["counts"][column][at];
            assert_eq!(count.as_f64(), Some(number(row[cell])), "{name} at {at}");
        }
    }
    let exhausted = &data["strategies"][0]["exhausted"];
    assert!(place(exhausted.as_f64().expect("a time")).is_some());
}

#[test]
fn without_a_port_map_the_rest_is_there() {
    let root = results(&[]);
    let (code, page, _) = report(root.path());
    assert_eq!(code, 0);
    assert!(data(&page)[0]["map"].is_null());
    assert!(!page.contains("The map of every single port"));
    assert!(page.contains("<svg class=\"chart\""));
}

#[test]
fn markup_of_a_scenario_is_text_on_the_page() {
    let root = results(&["--port-map"]);
    let (_, page, _) = report(root.path());
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; ![x](y)"));
    assert!(!page.contains("<script>alert"));
    assert!(!page.contains("</svg><b>"));
    assert_eq!(
        page.matches("</script>").count(),
        2,
        "its data and its script"
    );
}

#[test]
fn the_same_results_give_the_same_page() {
    let root = results(&["--port-map"]);
    let again = results(&["--port-map", "--threads", "1"]);
    assert_eq!(report(root.path()), report(again.path()));
}

#[test]
fn a_folder_that_is_not_whole_is_said_by_name() {
    let edit = |root: &Path, name: &str, change: &dyn Fn(String) -> String| {
        let path = root.join("r").join(name);
        let text = fs::read_to_string(&path).expect("there");
        fs::write(path, change(text)).expect("ours");
    };
    let remove =
        |root: &Path, name: &str| fs::remove_file(root.join("r").join(name)).expect("ours");
    let cases: [Damage<'_>; 7] = [
        (
            &|root| {
                edit(root, "summary.json", &|text| {
                    text.replace("\"seed\": 1", "\"seed\": 2")
                });
            },
            "summary.json",
            "its digest differs",
        ),
        (
            &|root| edit(root, "ports.csv", &|text| text + "x"),
            "ports.csv",
            "its digest differs",
        ),
        (
            &|root| remove(root, "ports.csv"),
            "ports.csv",
            "half written",
        ),
        (
            &|root| remove(root, "port-map.json"),
            "port-map.json",
            "half written",
        ),
        (
            &|root| remove(root, "manifest.json"),
            "manifest.json",
            "has not ended",
        ),
        (
            &|root| {
                edit(root, "manifest.json", &|text| {
                    text.replace("\"spsim\": \"", "\"spsim\": \"9.")
                });
            },
            "manifest.json",
            "was written by spsim 9.",
        ),
        (
            &|root| edit(root, "manifest.json", &|text| text[..text.len() / 2].into()),
            "manifest.json",
            "cannot be understood",
        ),
    ];
    for (damage, file, words) in cases {
        let root = results(&["--port-map"]);
        damage(root.path());
        let (code, stdout, stderr) = report(root.path());
        assert_eq!((code, stdout.as_str()), (3, ""), "{file}: {stderr}");
        assert!(stderr.contains(&format!("r/{file} ")), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
}

#[test]
fn what_is_no_results_folder_is_said() {
    let root = tempfile::tempdir().expect("a folder");
    fs::write(root.path().join("file"), "x").expect("ours");
    fs::create_dir(root.path().join("empty")).expect("ours");
    for (folder, words) in [
        ("missing", "missing: no such folder"),
        ("file", "file: is a file, not a results folder"),
        ("empty", "no folder of `spsim run` is here"),
    ] {
        let (code, _, stderr) = spsim(root.path(), &["report", folder], "");
        assert_eq!(code, 3, "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    assert_eq!(spsim(root.path(), &["report"], "").0, 2);
    assert!(
        !root.path().join("report.html").exists(),
        "nothing is written"
    );
}

#[test]
fn a_manifest_cannot_lead_out_of_its_folder() {
    let root = results(&[]);
    fs::write(root.path().join("secret"), "x").expect("ours");
    let path = root.path().join("r/manifest.json");
    let text = fs::read_to_string(&path).expect("there");
    fs::write(&path, text.replace("\"ports.csv\"", "\"../secret\"")).expect("ours");
    let (code, _, stderr) = report(root.path());
    assert_eq!(code, 3);
    assert!(stderr.contains("../secret is missing"), "{stderr}");
}
