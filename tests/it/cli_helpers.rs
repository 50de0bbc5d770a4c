//! `spsim new`, `schema`, `completions` and `man` from outside.

use assert_cmd::Command;
use std::fs;
use std::path::Path;

fn outcome(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .current_dir(folder)
        .args(args)
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

#[test]
fn the_starter_runs_as_it_is() {
    let root = tempfile::tempdir().expect("a folder");
    let (code, _, stderr) = outcome(root.path(), &["new", "mine.toml"]);
    assert_eq!(code, 0, "{stderr}");
    let (code, table, stderr) = outcome(root.path(), &["run", "mine.toml", "--out", "none"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        table.contains("then ports run out under “as is”"),
        "{table}"
    );
    let (_, printed, _) = outcome(root.path(), &["new"]);
    let written = fs::read_to_string(root.path().join("mine.toml")).expect("there");
    assert_eq!(printed, written);
}

#[test]
fn the_lab_is_the_committed_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, stdout, stderr) = outcome(folder.path(), &["lab"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
    let written = fs::read(folder.path().join("lab.html")).expect("written");
    let committed = include_bytes!("../../output/lab/index.html");
    assert!(written == committed, "{} bytes", written.len());
    let (code, stdout, _) = outcome(folder.path(), &["lab", "--out", "-"]);
    assert_eq!((code, stdout.as_bytes()), (0, &committed[..]));
    let (code, _, stderr) = outcome(folder.path(), &["lab", "--out", "."]);
    assert_eq!(code, 1, "{stderr}");
}

#[test]
fn nothing_is_overwritten() {
    let root = tempfile::tempdir().expect("a folder");
    fs::write(root.path().join("mine.toml"), "mine").expect("ours");
    let (code, _, stderr) = outcome(root.path(), &["new", "mine.toml"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("mine.toml exists already"), "{stderr}");
    let kept = fs::read_to_string(root.path().join("mine.toml")).expect("there");
    assert_eq!(kept, "mine");
    assert_eq!(outcome(root.path(), &["new", "mine"]).0, 2);
}

#[test]
fn the_schema_is_json_that_names_its_dialect() {
    let (code, text, _) = outcome(Path::new("."), &["schema"]);
    assert_eq!(code, 0);
    let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert!(schema["properties"]["machine"]["properties"]["ports"].is_object());
}

#[test]
fn every_shell_has_its_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, text, stderr) = outcome(Path::new("."), &["completions", shell]);
        assert_eq!(code, 0, "{stderr}");
        assert!(text.contains("spsim --"), "{shell}: {text}");
        let (code, asked, stderr) = answered(Path::new("."), shell, &["spsim", "inspe"]);
        assert!(
            code == 0 && asked.starts_with("inspect"),
            "{shell}: {asked}{stderr}"
        );
    }
    assert_eq!(outcome(Path::new("."), &["completions", "cmd"]).0, 2);
    let (code, _, stderr) = answered(Path::new("."), "cmd", &["spsim", ""]);
    assert!(
        code == 2 && stderr.contains("unknown shell `cmd`"),
        "{stderr}"
    );
}

/// What a shell is told that asks with these words.
fn answered(folder: &Path, shell: &str, words: &[&str]) -> (i32, String, String) {
    let line = words.join(" ");
    let words = if shell == "bash" {
        &[line.as_str()]
    } else {
        words
    };
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .current_dir(folder)
        .env("SPSIM_COMPLETE", shell)
        .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string())
        .arg("--")
        .args(words)
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

/// The candidates of fish, without what it says of them.
fn offered(folder: &Path, words: &[&str]) -> Vec<String> {
    let (code, text, stderr) = answered(folder, "fish", words);
    assert!(code == 0 && stderr.is_empty(), "{stderr}");
    let first = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
    text.lines().map(first).collect()
}

#[test]
fn what_is_offered_is_what_is_there() {
    let root = tempfile::tempdir().expect("a folder");
    let root = root.path();
    let scenario = "duration = \"1s\"\n[client.shop]\n[server.api]\nresponse-time = \"1s\"\n\
                    [workload.orders]\narrivals = { every = \"1s\" }\n\
                    [[strategy]]\nname = \"as is\"\n[[strategy]]\nname = \"4 groups\"\ngroups = 4\n";
    fs::write(root.join("mine.toml"), scenario).expect("written");
    fs::write(root.join("other.txt"), "").expect("written");
    fs::create_dir_all(root.join("output/mine")).expect("made");
    fs::create_dir_all(root.join("output/empty")).expect("made");
    fs::write(root.join("output/mine/manifest.json"), "{}").expect("written");

    let scenarios = offered(root, &["spsim", "check", ""]);
    assert!(scenarios.contains(&"kb2551125".into()) && scenarios.contains(&"mine.toml".into()));
    assert!(!scenarios.contains(&"other.txt".into()), "{scenarios:?}");
    let of = |more: &[&str]| offered(root, &[&["spsim", "sweep", "mine.toml"], more].concat());
    assert_eq!(of(&["--strategy", ""]), ["as is", "4 groups"]);
    let time_waits = of(&["--set", "machine.time-w"]);
    assert_eq!(time_waits[..1], ["machine.time-wait="]);
    assert_eq!(of(&["--vary", "client.shop.run"]), ["client.shop.runtime="]);
    let keys = of(&["--set", "strategy."]);
    assert!(
        keys.contains(&"strategy.\"4 groups\".groups=".into()),
        "{keys:?}"
    );
    let runtimes = of(&["--vary", "client.shop.runtime=net48,mo"]);
    assert_eq!(
        runtimes,
        [
            "client.shop.runtime=net48,mono4",
            "client.shop.runtime=net48,mono6"
        ]
    );
    assert_eq!(of(&["--metric", "latency_m"]), ["latency_mean_s"]);
    let goal = offered(
        root,
        &["spsim", "plan", "mine.toml", "--goal", "failed < 1 and p_"],
    );
    assert_eq!(goal, ["failed < 1 and p_exhausted"]);
    assert_eq!(offered(root, &["spsim", "report", ""])[0], "output/mine");
    // A scenario that cannot be read has no names to offer, and is no reason to say so.
    fs::write(root.join("mine.toml"), "duration =").expect("written");
    assert!(of(&["--vary", "client."]).is_empty());
    assert_eq!(of(&["--vary", "machine.sco"]), ["machine.scope="]);
}

/// Bash as it comes, with what it is told to do.
#[test]
#[cfg(unix)]
fn bash_puts_in_what_is_offered() {
    let program = Path::new(env!("CARGO_BIN_EXE_spsim"));
    let folder = program.parent().expect("a folder").display();
    let completed = |line: &str| {
        let script = format!(
            "PATH='{folder}':$PATH; source <(spsim completions bash)\n\
             COMP_LINE=$1; COMP_POINT=${{#1}}; _spsim; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let mut bash = Command::new("bash");
        let output = bash
            .args(["-c", &script, "bash", line])
            .output()
            .expect("it starts");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(stderr.is_empty(), "{stderr}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    assert_eq!(
        completed("spsim run kb2551125 --set machine.po"),
        "machine.ports=\n"
    );
    // For bash a word begins behind the equals sign.
    assert_eq!(
        completed("spsim run kb2551125 --set machine.scope=d"),
        "destination\n"
    );
    let strategies = "'as is'\n'16 groups'\n'keep-alive off'\n'close groups every 30 s'\n";
    assert_eq!(completed("spsim run kb2551125 --strategy "), strategies);
    assert_eq!(completed("spsim run kb2551125 --strategy 'as"), "as is\n");
}

#[test]
fn every_command_has_its_page() {
    let (code, page, _) = outcome(Path::new("."), &["man"]);
    assert_eq!(code, 0);
    assert!(page.contains(".TH spsim 1"), "{page}");
    let (code, page, _) = outcome(Path::new("."), &["man", "inspect"]);
    assert_eq!(code, 0);
    assert!(page.contains("dumpheap"), "{page}");
    let (code, _, stderr) = outcome(Path::new("."), &["man", "no-such"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("`no-such` is not a command"), "{stderr}");
    let root = tempfile::tempdir().expect("a folder");
    let (code, _, stderr) = outcome(root.path(), &["man", "--out", "pages"]);
    assert_eq!(code, 0, "{stderr}");
    for name in ["spsim.1", "spsim-run.1", "spsim-import-iis.1"] {
        assert!(root.path().join("pages").join(name).exists(), "{name}");
    }
    let (_, page, _) = outcome(root.path(), &["man", "import", "iis"]);
    let written = fs::read_to_string(root.path().join("pages/spsim-import-iis.1"));
    assert_eq!(page, written.expect("there"));
    let (code, _, stderr) = outcome(root.path(), &["man", "import", "no-such"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("`import no-such` is not a command"),
        "{stderr}"
    );
    for page in fs::read_dir(root.path().join("pages")).expect("there") {
        let path = page.expect("a name").path();
        if path.extension().is_some_and(|it| it == "1") {
            let page = fs::read_to_string(&path).expect("text");
            let sections = |name: &str| page.matches(&format!("\n.SH {name}\n.TP\n")).count();
            assert_eq!(sections("EXAMPLES"), 1, "{}", path.display());
            assert_eq!(sections("\"EXIT STATUS\""), 1, "{}", path.display());
        }
    }
}

#[test]
fn the_page_of_keys_is_what_list_keys_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (code, printed, stderr) = outcome(root, &["list", "keys"]);
    assert_eq!(code, 0, "{stderr}");
    let path = root.join("docs/keys.md");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &printed).expect("ours");
    }
    let page = fs::read_to_string(&path).expect("there");
    assert_eq!(page, printed, "BLESS=1 cargo test --test it keys renews it");
}
