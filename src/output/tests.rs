//! Tests of the room as a whole: every file of the article's comparison, and of hostile ones.

use super::*;
use crate::record::Column::{CloseWait, Idle, PortsInUse, TimeWait};
use crate::record::Columns;
use crate::study::sample;
use crate::units::SimSpan;

mod labels;
mod overlaps;

/// A terminal that shows colours.
const COLOURED: Terminal = Terminal {
    color: true,
    width: None,
};

const BOTH: PictureFormats = PictureFormats {
    svg: true,
    png: true,
};

/// A picture as SVG.
fn drawn(picture: &Picture, comparison: &Comparison, look: &Look) -> String {
    look.drawn(&(picture.draw)(comparison, look))
}

fn file(comparison: &Comparison, name: &str) -> Vec<u8> {
    let files = artifacts(comparison, BOTH);
    let found = files.into_iter().find(|file| file.name == name);
    found.expect("the file is written").bytes
}

fn text(comparison: &Comparison, name: &str) -> String {
    String::from_utf8(file(comparison, name)).expect("text files are UTF-8")
}

/// Names and titles that try to be markup, to steer the terminal, or to fill the page.
fn hostile() -> Comparison {
    let mut comparison = sample::comparison();
    let evil = "</title><script>alert('x')</script> & \"q\" ![i](j) | `c` \u{1b}[31m\u{202e}\n# h";
    comparison.scenario.title = format!("{evil} {}", "very long title ".repeat(200));
    comparison.scenario.question = "W".repeat(5_000);
    comparison.scenario.name = "exhausted --flag <b>".into();
    comparison.strategies[0].name = evil.into();
    comparison.scenario.strategies[0].name = evil.into();
    comparison.strategies[1].name = "safe".repeat(50);
    comparison
}

/// Twelve strategies: more than there are colours.
fn many() -> Comparison {
    let mut comparison = sample::comparison();
    for round in 0..2 {
        for mut one in sample::comparison().strategies {
            one.name = format!("{} {round}", one.name);
            comparison.strategies.push(one);
        }
    }
    comparison
}

/// A strategy with far more ports than the others, and every state.
fn limits() -> Comparison {
    let mut comparison = sample::comparison();
    comparison.strategies[3].runs[0].ports.limit = 28_232;
    for strategy in &mut comparison.strategies {
        for row in &mut strategy.rows {
            row.values[TimeWait] = row.values[Idle] * 0.6;
            row.values[CloseWait] = row.values[Idle] * 0.1;
            row.values[Idle] *= 0.3;
        }
    }
    comparison
}

/// Two strategies that run out late, with long names and over several runs.
fn late() -> Comparison {
    let mut comparison = sample::replicated();
    for (index, second) in [(0, 140), (3, 290)] {
        let strategy = &mut comparison.strategies[index];
        strategy.name = format!("a strategy with a rather long name, number {index}");
        for run in &mut strategy.runs {
            run.exhausted_at = Some(crate::units::SimTime::from_nanos(second * 1_000_000_000));
        }
    }
    comparison
}

fn single() -> Comparison {
    let mut comparison = sample::comparison();
    comparison.strategies.truncate(1);
    comparison
}

/// Ten programs on one machine, more than have a layer of their own.
fn shared() -> Comparison {
    let mut comparison = sample::comparison();
    let client = comparison.scenario.clients[0].clone();
    let clients = (0..10).map(|index| crate::model::Client {
        name: format!("number {index} of the programs with a rather long name"),
        ..client.clone()
    });
    let clients: Vec<crate::model::Client> = clients.collect();
    comparison.scenario.clients.clone_from(&clients);
    for strategy in &mut comparison.strategies {
        strategy.scenario.clients.clone_from(&clients);
        let rows = strategy.rows.iter().flat_map(|row| {
            let mut values = Columns::default();
            values[PortsInUse] = row.values[PortsInUse] / 10.0;
            (0..10).map(move |client| crate::study::comparison::ClientRow {
                time: row.time,
                client,
                values,
            })
        });
        strategy.clients = rows.collect();
    }
    comparison
}

fn all() -> [(&'static str, Comparison); 8] {
    [
        ("article", sample::comparison()),
        ("replicated", sample::replicated()),
        ("hostile", hostile()),
        ("many", many()),
        ("limits", limits()),
        ("late", late()),
        ("single", single()),
        ("shared", shared()),
    ]
}

/// To look at the pictures: `SPSIM_LOOK=DIR cargo test --release --lib output::tests`.
#[test]
fn pictures_to_look_at() {
    let Some(folder) = std::env::var_os("SPSIM_LOOK") else {
        return;
    };
    for (name, comparison) in all() {
        let folder = std::path::Path::new(&folder).join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        for picture in &PICTURES {
            let start = std::time::Instant::now();
            let svg = drawn(picture, &comparison, &Look::default());
            let drawn = start.elapsed();
            let _ = png::render(&svg, PNG_SCALE);
            let both = start.elapsed();
            let times = format!("{name} {}: {drawn:?}, with PNG {both:?}\n", picture.stem);
            std::fs::write(folder.join(picture.stem), times).expect("written");
        }
        for file in artifacts(&comparison, BOTH) {
            std::fs::write(folder.join(file.name), file.bytes).expect("written");
        }
        let table = terminal_table(&comparison, COLOURED);
        std::fs::write(folder.join("table.txt"), table).expect("written");
    }
}

#[test]
fn the_files_of_a_run_and_their_order() {
    let names = |svg, png| -> Vec<String> {
        let files = artifacts(&single(), PictureFormats { svg, png });
        files.into_iter().map(|file| file.name).collect()
    };
    let every = [
        "ports.csv",
        "summary.json",
        "ports.svg",
        "ports.png",
        "ports.md",
        "states.svg",
        "states.png",
        "states.md",
        "README.md",
        "manifest.json",
    ];
    assert_eq!(names(true, true), every);
    assert_eq!(
        names(false, false),
        ["ports.csv", "summary.json", "README.md", "manifest.json"]
    );
    assert_eq!(
        names(false, true)[2..6],
        ["ports.png", "ports.md", "states.png", "states.md"]
    );
}

#[test]
fn the_same_comparison_gives_the_same_bytes() {
    for (name, comparison) in all() {
        let again = artifacts(&comparison.clone(), BOTH);
        assert!(artifacts(&comparison, BOTH) == again, "{name} differs");
    }
}

#[test]
fn csv_has_the_columns_of_the_contract() {
    let csv = text(&sample::comparison(), "ports.csv");
    let mut lines = csv.lines();
    assert_eq!(
        lines.next(),
        Some(
            "strategy,time_s,ports_in_use,connecting,busy,idle,close_wait,time_wait,\
             service_points,groups,connections,current_connections,queued,requests,failed,opened,\
             answered,timed_out,unanswered"
        )
    );
    assert_eq!(
        lines.next(),
        Some("as is,0.0,2,0,2,0,0,0,1,0,2,0,0,0,0,0,0,0,0")
    );
    assert_eq!(
        lines.next(),
        Some("as is,0.5,33,0,5,28,0,0,1,0,33,0,0,33,0,33,33,0,0")
    );
    assert_eq!(csv.lines().count(), 1 + 4 * 601);
}

#[test]
fn csv_of_replications_ends_in_the_interval() {
    let mut comparison = sample::replicated();
    comparison.strategies[0].rows[1].ports_in_use = None;
    let csv = text(&comparison, "ports.csv");
    let lines: Vec<&str> = csv.lines().take(3).collect();
    assert!(lines[0].ends_with(",unanswered,ports_in_use_lo,ports_in_use_hi"));
    assert_eq!(
        lines[1],
        "as is,0.0,2.333,0.0,2.0,0.0,0.0,0.0,1.0,0.0,2.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,2.217,2.45"
    );
    assert!(
        lines[2].ends_with(",33.0,0.0,0.0,,"),
        "missing is empty: {}",
        lines[2]
    );
}

/// Programs that read tables look at the first rows of a column and take the rest for the same.
#[test]
fn a_column_is_of_one_type_in_every_row() {
    let none = PictureFormats {
        svg: false,
        png: false,
    };
    let mut seen = 0;
    for comparison in [sample::comparison(), sample::replicated()] {
        let files = artifacts(&comparison, none).into_iter();
        for table in files.filter(|it| it.name.strip_suffix(".csv").is_some()) {
            let mut reader = ::csv::Reader::from_reader(&*table.bytes);
            let names = reader.headers().expect("names").clone();
            let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
            for (column, name) in names.iter().enumerate().skip(1) {
                let cells = rows.iter().map(|row| &row[column]);
                let there: Vec<&str> = cells.filter(|it| !it.is_empty()).collect();
                let whole = there.iter().filter(|it| it.parse::<i64>().is_ok()).count();
                assert!(
                    whole == 0 || whole == there.len(),
                    "{name} of {}",
                    table.name
                );
                assert!(there.iter().all(|it| it.parse::<f64>().is_ok()), "{name}");
                seen += 1;
            }
        }
    }
    assert!(seen > 60, "{seen} columns");
}

#[test]
fn json_is_the_documented_schema_with_null_for_missing() {
    let mut comparison = sample::comparison();
    comparison.strategies[1].runs[0].latency = crate::record::DurationSummary::default();
    let json: serde_json::Value =
        serde_json::from_str(&summary_json(&comparison)).expect("valid JSON");
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect()
    };
    let mut top = [
        "schema",
        "spsim",
        "scenario",
        "digest",
        "seed",
        "replications",
        "title",
        "question",
        "expect",
        "duration_s",
        "findings",
        "strategies",
        "assumptions",
        "warnings",
    ];
    top.sort_unstable();
    let mut found = keys(&json);
    found.sort();
    assert_eq!(found, top);
    assert_eq!(json["digest"], "00c0ffee12345678");
    let (as_is, groups) = (&json["strategies"][0], &json["strategies"][1]);
    assert_eq!(as_is["exhausted_at_s"], 100.0125);
    assert_eq!(as_is["ports"]["limit"].as_u64(), Some(5000));
    assert_eq!(as_is["ports"]["final"].as_u64(), Some(0));
    assert_eq!(as_is["errors"]["WSAENOBUFS"].as_u64(), Some(4000));
    assert_eq!(as_is["verdict"], "exhausted");
    assert!(as_is.get("exhausted").is_none(), "only with replications");
    assert!(groups["exhausted_at_s"].is_null());
    assert!(groups["latency_s"]["p99"].is_null());
    assert_eq!(groups["queue_s"]["p99"].as_u64(), Some(0));
}

#[test]
fn json_of_replications_counts_the_exhausted() {
    let json: serde_json::Value =
        serde_json::from_str(&summary_json(&sample::replicated())).expect("valid JSON");
    let as_is = &json["strategies"][0];
    assert_eq!(
        as_is["exhausted"],
        serde_json::json!({ "count": 2, "of": 3 })
    );
    assert_eq!(
        as_is["exhausted_at_s"], 102.0125,
        "the median, not the mean"
    );
    assert_eq!(as_is["verdict"], "exhausted in 2 of 3 runs");
}

#[test]
fn the_terminal_shows_table_winner_and_assumptions() {
    let shown = terminal_table(&sample::comparison(), Terminal::default());
    assert!(!shown.contains('\u{1b}'));
    let expected = [
        " strategy                 verdict     peak of limit  exhausted at  failed  opened  p99 latency  ports over time",
        " as is                    exhausted  5,000 of 5,000    1 min 40 s   4,000   5,000       456 ms  ▁▂▃▄▅▆▇████████████████▁",
        " 16 groups                safe          32 of 5,000             –       0      32       456 ms  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
    ];
    let lines: Vec<&str> = shown.lines().skip(3).take(3).collect();
    assert_eq!(lines, expected);
    assert!(shown.contains("request.ConnectionGroupName = \"pool-\" + (k % 16);"));
    assert!(shown.contains("TIME_WAIT not modelled"));
    assert!(shown.contains("server closes first"));
}

#[test]
fn a_table_fits_its_terminal() {
    for (name, comparison) in all() {
        for width in [80, 100, 120] {
            let narrow = Terminal {
                color: true,
                width: Some(width),
            };
            let whole = text::strategies(&comparison, false);
            let table = whole.rows_in(Some(width));
            assert_eq!(table.len(), comparison.strategies.len() + 1, "{name}");
            for line in table.iter().flat_map(|row| row.lines()) {
                assert!(line.chars().count() <= width, "{name}: {width}: {line}");
            }
            // Not a word of it is lost, and its curves only where they have no room.
            let words = |rows: &[String]| {
                let mut words: Vec<char> = rows.concat().chars().collect();
                words.retain(|it| !it.is_whitespace());
                words.sort_unstable();
                words
            };
            assert_eq!(words(&table), words(&whole.rows_in(None)), "{name}");
            let shown = terminal_table(&comparison, narrow);
            let has_room = text::strategies(&comparison, true).width() <= width;
            assert_eq!(
                shown.contains("ports over time"),
                has_room,
                "{name}: {width}"
            );
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    for (name, comparison) in all() {
        let mut plain = terminal_table(&comparison, COLOURED);
        for code in ["0m", "1m", "2m", "31m", "32m", "33m"] {
            plain = plain.replace(&format!("\u{1b}[{code}"), "");
        }
        assert_eq!(
            plain,
            terminal_table(&comparison, Terminal::default()),
            "{name}"
        );
    }
}

#[test]
fn hostile_text_is_shown_and_never_obeyed() {
    for name in ["ports.svg", "states.svg", "README.md"] {
        let shown = text(&hostile(), name);
        assert!(!shown.contains("<script"), "{name}");
        assert!(!shown.contains('\u{1b}'), "{name}");
        assert!(shown.contains("&lt;script&gt;"), "{name}");
    }
    let readme = text(&hostile(), "README.md");
    assert!(readme.contains("\\[i\\](j)"), "no picture by a title");
    assert!(!terminal_table(&hostile(), Terminal::default()).contains('\u{1b}'));
}

#[test]
fn pictures_stay_small_whatever_the_horizon() {
    for (name, comparison) in all() {
        for picture in &PICTURES {
            let (file, size) = (
                picture.stem,
                drawn(picture, &comparison, &Look::default()).len(),
            );
            assert!(size < 120_000, "{name} {file}: {size}");
        }
    }
    let mut long = many();
    for strategy in &mut long.strategies {
        let rows = strategy.rows.clone();
        strategy.rows = rows.iter().cycle().take(100_000).copied().collect();
        for (index, row) in strategy.rows.iter_mut().enumerate() {
            row.time = crate::units::SimTime::from_nanos(index as u64 * 3_000_000);
            row.values[PortsInUse] += (index % 97) as f64;
            row.values[Idle] += (index % 97) as f64;
        }
    }
    for picture in &PICTURES {
        let (file, size) = (picture.stem, drawn(picture, &long, &Look::default()).len());
        assert!(size < 200_000, "{file}: {size}");
    }
}

type PlacedText = (String, [f32; 4]);

/// Every text of a chart with its box: left, top, right, bottom.
fn texts(svg: &str) -> (Vec<PlacedText>, (f32, f32)) {
    let tree = png::tree(svg);
    let mut found = Vec::new();
    let mut groups = vec![tree.root()];
    while let Some(group) = groups.pop() {
        for node in group.children() {
            match node {
                resvg::usvg::Node::Group(inner) => groups.push(inner),
                resvg::usvg::Node::Text(text) => {
                    let area = text.abs_bounding_box();
                    let words = text
                        .chunks()
                        .iter()
                        .map(resvg::usvg::TextChunk::text)
                        .collect();
                    found.push((
                        words,
                        [area.left(), area.top(), area.right(), area.bottom()],
                    ));
                }
                _ => {}
            }
        }
    }
    (found, (tree.size().width(), tree.size().height()))
}

#[test]
fn no_text_is_clipped_or_covers_another() {
    for (name, comparison) in all() {
        for picture in &PICTURES {
            let svg = drawn(picture, &comparison, &Look::default());
            let count = no_text_meets_another(&format!("{name} {}", picture.stem), &svg);
            assert!(count > 10, "{name} {} has text", picture.stem);
        }
    }
}

/// How many texts there are.
fn no_text_meets_another(name: &str, svg: &str) -> usize {
    let (texts, (width, height)) = texts(svg);
    for (index, (words, [left, top, right, bottom])) in texts.iter().enumerate() {
        let inside = *left >= 0.0 && *top >= 0.0 && *right <= width && *bottom <= height;
        assert!(inside, "{name}: `{words}` is clipped");
        for (other, area) in &texts[..index] {
            // A line's box has air above and below, which may touch.
            let apart = area[0] >= right - 1.0
                || area[2] <= left + 1.0
                || area[1] >= bottom - 3.0
                || area[3] <= top + 3.0;
            assert!(apart, "{name}: `{words}` covers `{other}`");
        }
    }
    texts.len()
}

#[test]
fn every_program_is_in_the_stack_and_the_last_ones_together() {
    let svg = text(&shared(), "clients.svg");
    for name in [
        ">number 0 of",
        ">number 6 of",
        ">3 others<",
        ">Local ports held by:<",
    ] {
        assert!(svg.contains(name), "{name}");
    }
    assert!(!svg.contains(">number 7"));
    let page = text(&shared(), "clients.md");
    assert!(
        page.contains("number 9 of"),
        "the sentence names all: {page}"
    );
    let names = artifacts(&single(), BOTH);
    assert!(
        names.iter().all(|it| it.name != "clients.svg"),
        "one program"
    );
}

#[test]
fn pictures_name_themselves_for_screen_readers() {
    let svg = text(&sample::comparison(), "ports.svg");
    assert!(svg.contains("role=\"img\" aria-labelledby=\"ports-title ports-desc\""));
    assert!(
        svg.contains(
            "<title id=\"ports-title\">Unique ConnectionGroupName on every request</title>"
        )
    );
    assert!(svg.contains("ports run out after 1 min 40 s"));
    assert!(svg.contains("data-strategy=\"16 groups\""));
}

#[test]
fn a_png_can_be_twice_as_large() {
    let svg = drawn(&PICTURES[0], &single(), &Look::default());
    let width = |png: &[u8]| u32::from_be_bytes([png[16], png[17], png[18], png[19]]);
    assert_eq!(width(&png::render(&svg, 1.0)), 900);
    assert_eq!(width(&png::render(&svg, 2.0)), 1800);
}

#[test]
fn a_run_of_no_time_and_no_requests_is_still_a_result() {
    let mut comparison = single();
    comparison.scenario.duration = SimSpan::from_nanos(1);
    let strategy = &mut comparison.strategies[0];
    strategy.rows.truncate(1);
    strategy.rows[0].values = Columns::default();
    strategy.runs = vec![crate::record::RunSummary::default()];
    let files = artifacts(&comparison, BOTH);
    assert_eq!(files.len(), 10);
    comparison.strategies[0].rows.clear();
    artifacts(&comparison, BOTH);
}
