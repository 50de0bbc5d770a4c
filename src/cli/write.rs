//! Results to files: each appears whole or not at all, and nobody else's file is lost.
//!
//! What is to be written is staged under names of its own beside its place, and takes its place
//! only when all of it is on the disk: a reader sees the old file or the new one, and an error
//! leaves the old ones as they were.

use super::interrupt;
use crate::output::Artifact;
use anyhow::{Context, Result};
use std::collections::hash_map::RandomState;
use std::fs::{self, File, OpenOptions, Permissions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// How the names of staged files begin and end.
const STAGED: (&str, &str) = (".spsim-", ".part");

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

/// Writes `artifacts` into `folder`, which is made if it is missing: all of them or none.
///
/// # Errors
/// The folder or a file cannot be written.
pub fn write_all(folder: &Path, artifacts: &[Artifact]) -> Result<()> {
    make_folder(folder)?;
    let staged = stage_all(folder, artifacts)?;
    commit_all(staged)
}

/// Stages every one of `artifacts` in `folder`.
///
/// # Errors
/// One of them cannot be written; then none is there.
pub fn stage_all(folder: &Path, artifacts: &[Artifact]) -> Result<Vec<Staged>> {
    let stage_one = |artifact: &Artifact| {
        stage(&folder.join(&artifact.name), |file| {
            file.write_all(&artifact.bytes)
        })
    };
    artifacts.iter().map(stage_one).collect()
}

/// Puts what is staged in its place, in this order.
///
/// # Errors
/// A file cannot take its place.
pub fn commit_all(staged: Vec<Staged>) -> Result<()> {
    let folder = staged.first().map(|it| it.target.clone());
    for one in staged {
        one.commit()?;
    }
    // Once for all of them.
    folder.map_or(Ok(()), |file| {
        sync_folder(&file).with_context(|| format!("cannot write `{}`", file.display()))
    })
}

/// Writes one file by what `fill` writes, so that it appears whole or not at all.
///
/// # Errors
/// The file cannot be written, or what `fill` reads cannot be read.
pub fn stream_atomically(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<()> {
    commit_all(vec![stage(path, fill)?])
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

/// A file that is on the disk, but not in its place yet. Dropped, it is gone.
#[derive(Debug)]
pub struct Staged {
    /// `None` where there is no place to take: a device or a pipe has it already.
    temporary: Option<PathBuf>,
    /// Where it goes: for a link, where it leads.
    target: PathBuf,
    /// What it was asked to be.
    asked: PathBuf,
}

impl Staged {
    /// Its name in its place.
    pub fn name(&self) -> String {
        let name = self.asked.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Takes its place.
    ///
    /// # Errors
    /// The system refuses.
    pub fn commit(mut self) -> Result<()> {
        let Some(temporary) = &self.temporary else {
            return Ok(());
        };
        fs::rename(temporary, &self.target)
            .with_context(|| format!("cannot write `{}`", self.target.display()))?;
        if let Some(gone) = self.temporary.take() {
            interrupt::forget(&gone);
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            // An error before this one is the one to tell; what is left is at worst a hidden file.
            let _ = fs::remove_file(&temporary);
            interrupt::forget(&temporary);
        }
    }
}

/// Writes what is to be in the place of `path`, and brings it onto the disk: after a power failure
/// there is the old file or the new one, not an empty one.
///
/// # Errors
/// It cannot be written.
pub fn stage(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<Staged> {
    let write = || -> io::Result<Staged> {
        match target_of(path)? {
            Target::Through => {
                let mut options = OpenOptions::new();
                let file = options.write(true).create(true).truncate(false).open(path);
                let mut file = BufWriter::new(file?);
                fill(&mut file)?;
                file.flush()?;
                Ok(Staged {
                    temporary: None,
                    target: path.into(),
                    asked: path.into(),
                })
            }
            Target::File(target, permissions) => {
                let (temporary, file) = create_beside(&target)?;
                let staged = Staged {
                    temporary: Some(temporary),
                    target,
                    asked: path.into(),
                };
                let mut file = BufWriter::new(file);
                fill(&mut file)?;
                file.flush()?;
                if let Some(permissions) = permissions {
                    file.get_ref().set_permissions(permissions)?;
                }
                file.get_ref().sync_all()?;
                Ok(staged)
            }
        }
    };
    write().with_context(|| format!("cannot write `{}`", path.display()))
}

/// Where the bytes for a name go.
enum Target {
    /// Into what is there: a device, a pipe, a link that leads nowhere yet.
    Through,
    /// Into a new file that takes the place of this one and has its permissions.
    File(PathBuf, Option<Permissions>),
}

fn target_of(path: &Path) -> io::Result<Target> {
    // What stdout or another open file is redirected to is written, not replaced.
    if cfg!(unix) && ["/dev", "/proc"].iter().any(|it| path.starts_with(it)) {
        return Ok(Target::Through);
    }
    let is_link = fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_symlink());
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_link => {
            return Ok(Target::Through);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Target::File(path.into(), None));
        }
        found => found?,
    };
    if found.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        return Ok(Target::Through);
    }
    let permissions = found.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "it is read-only",
        ));
    }
    // The link stays a link.
    let target = if is_link {
        path.canonicalize()?
    } else {
        path.into()
    };
    Ok(Target::File(target, Some(permissions)))
}

/// A new file beside `path`, under a name that nobody else uses: neither on this machine nor on
/// another that shares the folder, where processes may have the same numbers.
fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    loop {
        let random = RandomState::new().build_hasher().finish();
        let (begin, end) = STAGED;
        let temporary = path.with_file_name(format!("{begin}{random:016x}{end}"));
        // Before it is there: whoever ends the process looks for it.
        interrupt::remember(&temporary);
        let mut options = OpenOptions::new();
        match options.write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) => {
                interrupt::forget(&temporary);
                if error.kind() != io::ErrorKind::AlreadyExists {
                    return Err(error);
                }
            }
        }
    }
}

/// Whether a name is that of a staged file.
pub fn is_staged(name: &str) -> bool {
    name.starts_with(STAGED.0) && name.ends_with(STAGED.1)
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
    fn an_error_names_the_file_and_changes_nothing() {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir(root.path().join("x.csv")).expect("made");
        fs::write(root.path().join("a.csv"), "old").expect("written");
        let files = [artifact("a.csv", "new"), artifact("x.csv", "new")];
        let error = write_all(root.path(), &files).expect_err("a folder");
        assert!(error.to_string().ends_with("x.csv`"), "{error}");
        assert_eq!(fs::read_dir(root.path()).expect("there").count(), 2);
        assert_eq!(fs::read(root.path().join("a.csv")).expect("there"), b"old");
    }

    #[test]
    fn a_file_is_no_folder() {
        let root = tempfile::tempdir().expect("a folder");
        let file = root.path().join("file");
        fs::write(&file, "").expect("written");
        let error = format!("{:#}", make_folder(&file).expect_err("a file"));
        assert!(error.ends_with("file`: it is a file"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn modes_and_links_stay_and_what_is_read_only_is_left_alone() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let root = tempfile::tempdir().expect("a folder");
        let (file, link) = (root.path().join("file"), root.path().join("link"));
        let mode = |mode| fs::set_permissions(&file, Permissions::from_mode(mode)).expect("ours");
        fs::write(&file, "old").expect("written");
        mode(0o640);
        symlink("file", &link).expect("made");
        write_file(&link, b"new").expect("written");
        let found = fs::metadata(&file).expect("there");
        assert_eq!(found.permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read(&file).expect("there"), b"new");
        mode(0o400);
        let error = format!("{:#}", write_file(&file, b"newer").expect_err("refused"));
        assert!(error.ends_with("it is read-only"), "{error}");

        // A link that leads nowhere yet.
        symlink("later", root.path().join("ahead")).expect("made");
        write_file(&root.path().join("ahead"), b"there").expect("written");
        assert_eq!(
            fs::read(root.path().join("later")).expect("there"),
            b"there"
        );
        write_file(Path::new("/dev/null"), b"gone").expect("written");
        assert!(!fs::metadata("/dev/null").expect("there").is_file());
    }
}
