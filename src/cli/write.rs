//! Results to files: each appears whole or not at all.

use crate::output::Artifact;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Makes a folder, and those above it, where they are missing.
///
/// # Errors
/// It cannot be made: something else is there, or the disk refuses.
pub fn make_folder(folder: &Path) -> Result<()> {
    let cannot = || format!("cannot make the folder `{}`", folder.display());
    if folder.is_file() {
        return Err(anyhow::anyhow!("it is a file")).with_context(cannot);
    }
    fs::create_dir_all(folder).with_context(cannot)
}

/// Writes `artifacts` into `folder`, which is made if it is missing.
///
/// Each file is written under a name of its own in the same folder and then renamed, so that a
/// reader sees the old file or the new one.
///
/// # Errors
/// The folder or a file cannot be written.
pub fn write_all(folder: &Path, artifacts: &[Artifact]) -> Result<()> {
    make_folder(folder)?;
    for artifact in artifacts {
        let path = folder.join(&artifact.name);
        replace(&path, |file| file.write_all(&artifact.bytes))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    // Once for all of them.
    match artifacts.first() {
        Some(first) => sync_folder(&folder.join(&first.name))
            .with_context(|| format!("cannot write into `{}`", folder.display())),
        None => Ok(()),
    }
}

/// Writes one file by what `fill` writes, so that it appears whole or not at all.
///
/// # Errors
/// The file cannot be written, or what `fill` reads cannot be read.
pub fn stream_atomically(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<()> {
    let written = replace(path, fill).and_then(|()| sync_folder(path));
    written.with_context(|| format!("cannot write `{}`", path.display()))
}

/// Writes one file where the user said.
///
/// # Errors
/// It cannot be written.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    stream_atomically(path, |file| file.write_all(bytes))
}

/// Puts what `fill` writes in the place of `path`, on the disk before it has the name: after a
/// power failure there is the old file or the new one, not an empty one.
fn replace(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let temporary = beside(path);
    let write = || {
        let mut file = BufWriter::new(File::create(&temporary)?);
        fill(&mut file)?;
        file.flush()?;
        file.get_ref().sync_all()?;
        drop(file);
        fs::rename(&temporary, path)
    };
    let written = write();
    if written.is_err() {
        // The first error is the one to tell; what is left behind is at worst a hidden file.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Brings the names in the folder of `path` onto the disk. Windows keeps names without being
/// asked, and opens no folder.
fn sync_folder(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let opened = File::open(folder.unwrap_or(Path::new(".")))?;
    match opened.sync_all() {
        // Some file systems, of networks above all, have nothing to sync in a folder.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}

/// A name beside `path` that no other process uses.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(name: &str, text: &str) -> Artifact {
        Artifact {
            name: name.into(),
            bytes: text.into(),
        }
    }

    #[test]
    fn files_are_replaced_and_nothing_else_is_left() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("a/b");
        for text in ["old", "new"] {
            write_all(&folder, &[artifact("x.csv", text)]).expect("written");
        }
        let names: Vec<_> = fs::read_dir(&folder).expect("there").collect();
        assert_eq!(names.len(), 1);
        assert_eq!(fs::read(folder.join("x.csv")).expect("there"), b"new");
    }

    #[test]
    fn an_error_names_the_file_and_leaves_nothing() {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir(root.path().join("x.csv")).expect("made");
        let error = write_all(root.path(), &[artifact("x.csv", "new")]).expect_err("a folder");
        assert!(error.to_string().ends_with("x.csv`"), "{error}");
        assert_eq!(fs::read_dir(root.path()).expect("there").count(), 1);
    }

    #[test]
    fn a_file_is_no_folder() {
        let root = tempfile::tempdir().expect("a folder");
        let file = root.path().join("file");
        fs::write(&file, "").expect("written");
        let error = format!("{:#}", make_folder(&file).expect_err("a file"));
        assert!(error.ends_with("file`: it is a file"), "{error}");
    }
}
