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
        assert!(
            text.contains("inspect") && text.contains("port-map"),
            "{shell}"
        );
    }
    assert_eq!(outcome(Path::new("."), &["completions", "cmd"]).0, 2);
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
