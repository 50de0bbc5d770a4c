//! The files that a scenario names, as a ConfigMap of Kubernetes carries them.

use crate::input::{InputFiles, describe};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};
use std::path::{Component, Path};

/// What a ConfigMap holds: 1 MiB of data, as bytes (Kubernetes documentation, "ConfigMaps").
const MOST_BYTES: u64 = 1 << 20;

/// The files, as they are: gzipped ones stay so.
#[derive(Clone, Debug, Default)]
pub(super) struct ConfigFiles {
    files: Vec<ConfigFile>,
    /// Absolute paths: an image or a volume must have them.
    elsewhere: Vec<String>,
}

#[derive(Clone, Debug)]
struct ConfigFile {
    /// Relative to the scenario, with `/`.
    path: String,
    bytes: Vec<u8>,
}

impl ConfigFiles {
    /// Reads the files at `paths`, as the scenario of `text` names them.
    ///
    /// # Errors
    /// Why they cannot be in a ConfigMap, and what to do.
    pub(super) fn gather(
        files: &InputFiles,
        paths: &[String],
        text: &str,
    ) -> Result<ConfigFiles, String> {
        let mut gathered = ConfigFiles::default();
        let mut total = text.len() as u64;
        for written in paths {
            if Path::new(written).is_absolute() {
                gathered.elsewhere.push(written.clone());
                continue;
            }
            let path = beside(written).ok_or_else(|| {
                format!(
                    "`{written}` is not in the scenario's folder and so has no place beside it in \
                     a container: copy it there, or name it by an absolute path at which a \
                     volume has it"
                )
            })?;
            if gathered.files.iter().any(|it| it.path == path) {
                continue;
            }
            let bytes = files.bytes(written, MOST_BYTES + 1);
            let bytes = bytes.map_err(|error| format!("`{written}` {}", describe(&error)))?;
            total += bytes.len() as u64;
            if total > MOST_BYTES {
                return Err(format!(
                    "the scenario and its files have more than the 1 MiB (1,048,576 bytes) that \
                     a ConfigMap holds, at `{written}`: gzip it and name the .gz file in the \
                     scenario, or name it by an absolute path at which a volume has it"
                ));
            }
            gathered.files.push(ConfigFile { path, bytes });
        }
        Ok(gathered)
    }

    /// Files that are not in the `ConfigMap`: the job must find them at these paths.
    pub(super) fn elsewhere(&self) -> &[String] {
        &self.elsewhere
    }

    /// `binaryData` of the ConfigMap; `None` where there is no file.
    pub(super) fn binary_data(&self) -> Option<Value> {
        let pairs = self.files.iter().enumerate();
        let data: Map<String, Value> = pairs
            .map(|(index, it)| (key(index), BASE64_STANDARD.encode(&it.bytes).into()))
            .collect();
        (!data.is_empty()).then_some(Value::Object(data))
    }

    /// Where each appears in the folder of the scenario.
    pub(super) fn items(&self) -> impl Iterator<Item = Value> {
        let pairs = self.files.iter().enumerate();
        pairs.map(|(index, it)| json!({ "key": key(index), "path": it.path }))
    }
}

/// A key may not hold a `/`, a path may.
fn key(index: usize) -> String {
    format!("file-{}", index + 1)
}

/// The path without `.`, where it stays in its folder: Kubernetes takes neither `..` nor a root.
fn beside(path: &str) -> Option<String> {
    let mut names = Vec::new();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => names.push(name.to_str()?),
            Component::CurDir => {}
            _ => return None,
        }
    }
    (!names.is_empty()).then(|| names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_beside_the_scenario_byte_for_byte() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("data")).expect("made");
        std::fs::write(folder.path().join("data/t.csv"), b"time_s\n0\n\xff").expect("written");
        let files = InputFiles::in_folder(folder.path());
        let paths = ["./data/t.csv".to_owned(), "data/t.csv".to_owned()];
        let gathered = ConfigFiles::gather(&files, &paths, "").expect("there");
        let items: Vec<Value> = gathered.items().collect();
        assert_eq!(items, [json!({ "key": "file-1", "path": "data/t.csv" })]);
        let data = gathered.binary_data().expect("a file");
        assert_eq!(data, json!({ "file-1": "dGltZV9zCjAK/w==" }));
        assert_eq!(ConfigFiles::default().binary_data(), None);
    }

    #[test]
    fn what_a_config_map_cannot_hold_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let large = vec![b'0'; MOST_BYTES as usize - 9];
        std::fs::write(folder.path().join("t.csv"), large).expect("written");
        let files = InputFiles::in_folder(folder.path());
        let gather = |path: &str, text: &str| {
            let gathered = ConfigFiles::gather(&files, &[path.to_owned()], text);
            gathered.map(|_| ()).err().unwrap_or_default()
        };
        assert_eq!(gather("t.csv", "123456789"), "");
        assert!(gather("t.csv", "1234567890").contains("gzip it"));
        assert_eq!(gather("u.csv", ""), "`u.csv` no such file");
        for path in ["../t.csv", ".", "a/../../t.csv"] {
            assert!(
                gather(path, "").contains("is not in the scenario's folder"),
                "{path}"
            );
        }
    }

    #[test]
    fn an_absolute_path_is_for_a_volume() {
        let path = "/data/t.csv".to_owned();
        let files = InputFiles::in_folder("");
        let gathered =
            ConfigFiles::gather(&files, std::slice::from_ref(&path), "").expect("not read");
        assert_eq!(gathered.elsewhere(), [path]);
        assert_eq!(gathered.binary_data(), None);
    }
}
