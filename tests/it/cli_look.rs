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
        (
            ["--annotate", "11min=x"],
            "lies outside the run: it ends at 10 min",
        ),
        (["--rename", "as was=x"], "did you mean `as is`?"),
        (["--rename", "as is"], "OLD=NEW is expected"),
        (["--y-range", "5..5"], "must be greater than the first"),
        (["--y-range", "a..5"], "`a` is no number"),
        (["--key", "left"], "possible values: beside, below, none"),
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
    let stems = ["exhaustion-by-spacing", "one-connection"];
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
    let page = root.path().join("g/trickle/exhaustion-by-spacing.md");
    let page = fs::read_to_string(page).expect("there");
    // 3,976 ports, one a second and one every 10 s, and pauses that are longer than 100 s.
    assert!(
        page.contains("“as is” 1.1 h at 1s, never at 200s"),
        "{page}"
    );
    assert!(
        !root.path().join("g/index.md").exists(),
        "an index of all only"
    );
}

#[test]
fn what_an_author_wants_is_in_the_picture() {
    let svg = picture(&[
        "--subtitle",
        "Seen from afar",
        "--no-caption",
        "--rename",
        "as is=today",
        "--key",
        "below",
        "--no-zoom",
    ]);
    assert!(svg.contains(">Seen from afar<") && svg.contains(">today<"));
    assert!(!svg.contains(">as is<") && !svg.contains("Simulated with"));
    let ranged = picture(&["--y-range", "0..1500"]);
    assert!(ranged.contains(">1,500<") && ranged.contains("clip-path="));
    assert!(picture(&["--scale", "log"]).contains(">1,000<"));
    let narrow = picture(&["--size", "400"]);
    assert!(narrow.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"400\""));
    assert!(
        narrow.contains("font-size=\"120\""),
        "laid out, not reduced"
    );
}

#[test]
fn every_chart_over_time_has_the_author_s_marks() {
    let root = tempfile::tempdir().expect("a folder");
    let flags = [
        "--format",
        "svg",
        "--annotate",
        "60s=here",
        "--replications",
        "2",
    ];
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .current_dir(root.path())
        .args(["run", "snat-scale-out", "--quiet", "--out", "r"])
        .args(flags)
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(0));
    for name in ["ports", "snat", "states"] {
        let svg = fs::read_to_string(root.path().join(format!("r/{name}.svg")));
        assert!(svg.expect("there").contains(">here<"), "{name}");
    }
}

#[test]
fn a_picture_is_also_a_vega_lite_specification() {
    let root = tempfile::tempdir().expect("a folder");
    let (code, stderr) = run(root.path(), &["--format", "svg", "--vega-lite"]);
    assert_eq!(code, 0, "{stderr}");
    for name in ["ports", "states"] {
        let text = fs::read_to_string(root.path().join(format!("r/{name}.vl.json")));
        let specification: serde_json::Value =
            serde_json::from_str(&text.expect("there")).expect("JSON");
        let schema = "https://vega.github.io/schema/vega-lite/v6.json";
        assert_eq!(specification["$schema"], schema);
        let panels = specification["vconcat"]
            .as_array()
            .or(specification["concat"].as_array());
        let rows = &panels.expect("panels")[0]["data"]["values"];
        assert!(rows.as_array().expect("data").len() > 10, "{name}");
    }
    let manifest = fs::read_to_string(root.path().join("r/manifest.json")).expect("there");
    assert!(manifest.contains("ports.vl.json"));
}
