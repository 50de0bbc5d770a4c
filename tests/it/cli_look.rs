//! The flags that say how pictures look, from outside.

use assert_cmd::Command;
use std::fs;
use std::path::Path;

fn run(folder: &Path, args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .current_dir(folder)
        .args(["run", "idle-gap", "--quiet", "--out", "r"])
        .args(args)
        .output()
        .expect("it starts");
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    (output.status.code().expect("it exits"), text)
}

/// `ports.svg` of a run with these flags.
fn picture(args: &[&str]) -> String {
    let root = tempfile::tempdir().expect("a folder");
    let (code, stderr) = run(root.path(), &[&["--format", "svg"], args].concat());
    assert_eq!(code, 0, "{stderr}");
    fs::read_to_string(root.path().join("r/ports.svg")).expect("there")
}

#[test]
fn a_theme_changes_colours_and_nothing_else() {
    let without_colours = |svg: &str| -> String {
        let parts = svg.split("=\"#").enumerate();
        parts
            .map(|(index, part)| if index == 0 { part } else { &part[6..] })
            .collect()
    };
    let light = picture(&[]);
    assert!(light.contains("fill=\"#FFFFFF\""));
    for theme in ["dark", "print"] {
        let other = picture(&["--theme", theme]);
        assert_ne!(other, light);
        assert_eq!(without_colours(&other), without_colours(&light), "{theme}");
    }
    assert!(!picture(&["--theme", "dark"]).contains("#FFFFFF"));
}

#[test]
fn titles_and_marks_are_text_whatever_they_hold() {
    let svg = picture(&[
        "--title",
        "<b>T</b>&\"'",
        "--annotate",
        "60s=</text><script>x</script>",
        "--annotate",
        "30s=fill=\"#FFFFFF\"",
        "--theme",
        "dark",
    ]);
    assert!(svg.contains("&lt;b&gt;T&lt;/b&gt;&amp;&quot;&#39;"));
    assert!(svg.contains("&lt;/text&gt;&lt;script&gt;x"));
    assert!(
        svg.contains("fill=&quot;#FFFFFF&quot;"),
        "a text is no colour"
    );
    assert!(!svg.contains("<script>"));
}

#[test]
fn sizes_and_doubles_are_what_they_say() {
    let root = tempfile::tempdir().expect("a folder");
    let (code, stderr) = run(
        root.path(),
        &["--format", "png", "--size", "450", "--double"],
    );
    assert_eq!(code, 0, "{stderr}");
    let width = |name: &str| -> u32 {
        let bytes = fs::read(root.path().join("r").join(name)).expect("there");
        u32::from_be_bytes(bytes[16..20].try_into().expect("four bytes"))
    };
    assert_eq!((width("ports.png"), width("ports@2x.png")), (450, 900));
    assert_eq!((width("states.png"), width("states@2x.png")), (450, 900));
    let page = fs::read_to_string(root.path().join("r/ports.md")).expect("there");
    assert!(page.starts_with("![Local ports in use over"), "{page}");
    assert!(page.contains("](ports.png)"), "{page}");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let root = tempfile::tempdir().expect("a folder");
    for (args, words) in [
        (["--annotate", "60s"], "TIME=TEXT is expected"),
        (["--annotate", "60=x"], "a time needs a unit"),
        (["--size", "5"], "300..=4000"),
        (["--theme", "pink"], "possible values: light, dark, print"),
    ] {
        let (code, stderr) = run(root.path(), &args);
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    assert!(!root.path().join("r").exists());
}

#[test]
fn the_gallery_of_a_scenario_is_whole_and_described() {
    let root = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .current_dir(root.path())
        .args(["gallery", "trickle", "--out", "g", "--theme", "dark"])
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(0));
    let stems = [
        "exhaustion-by-load",
        "peak-by-idle-time",
        "latency-by-limit",
        "leak-phases",
        "picture",
    ];
    for stem in stems {
        let file = |ending: &str| {
            let path = root
                .path()
                .join("g/trickle")
                .join(format!("{stem}.{ending}"));
            fs::read_to_string(path).expect("there")
        };
        let (svg, page) = (file("svg"), file("md"));
        assert!(
            svg.contains("<title id=") && svg.contains("<desc id="),
            "{stem}"
        );
        assert!(svg.len() < 200_000, "{stem}");
        assert!(
            page.starts_with("![") && page.contains(&format!("]({stem}.svg)")),
            "{page}"
        );
    }
    let page = fs::read_to_string(root.path().join("g/trickle/leak-phases.md")).expect("there");
    // 100 s of idle time on .NET 4.0: the pauses on either side of it.
    assert!(
        page.contains("pauses last 110 s or longer; with 95 s they do not"),
        "{page}"
    );
}
