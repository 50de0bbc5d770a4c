//! Folders of results: whose they are, and one process at a time.
//!
//! A folder is written into if it is new, empty, or holds nothing but files of ours: those that
//! its manifest lists, and those of sweeps and plans, which are known by their names.

use super::render::Shell;
use super::write::{self, Staged, is_staged, make_folder};
use crate::output::manifest::{self, Manifest};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Files that an operating system leaves in folders by itself.
const LEFT_BY_SYSTEMS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// The largest manifest that is read.
const MOST_MANIFEST_BYTES: u64 = 1 << 20;

/// Who else may write into the folder meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Others {
    /// Nobody.
    Nobody,
    /// Other shards of the same sweep.
    Shards,
}

/// A folder that is this process's to write into.
#[derive(Debug)]
pub struct Claim {
    folder: PathBuf,
    /// What the last run has written there.
    listed: BTreeSet<String>,
    /// Folders that were made for it, the innermost first: they go where nothing came of it.
    made: Vec<PathBuf>,
    /// Held until it is dropped; `None` where the file system has no locks.
    lock: Option<File>,
}

impl Claim {
    /// Makes `folder` where it is missing and claims it. `own` are names of files that are about
    /// to be written, which may be there. The inner error is a refusal; `force` is not refused
    /// for the sake of other people's files.
    ///
    /// # Errors
    /// The folder cannot be made or read, or another process is writing into it.
    pub fn new(
        folder: &Path,
        own: &[&str],
        others: Others,
        force: bool,
    ) -> Result<Result<Claim, String>> {
        let listed = listed(folder);
        if !force && let Some(name) = foreign(folder, own, &listed)? {
            return Ok(Err(format!(
                "`{}` holds `{name}`, which spsim did not write: choose another --out, or write \
                 beside it with --force",
                folder.display()
            )));
        }
        let mut claim = Claim {
            folder: folder.into(),
            listed,
            made: make_missing(folder)?,
            lock: None,
        };
        claim.lock = lock(folder, others)?;
        Ok(Ok(claim))
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts what is staged in its place, a manifest first, so that whatever happens all of it is
    /// known to be ours. What the last run has written, and this one has not, goes.
    ///
    /// # Errors
    /// A file cannot be removed or cannot take its place.
    pub fn replace(&self, staged: Vec<Staged>) -> Result<()> {
        let names: BTreeSet<String> = staged.iter().map(Staged::name).collect();
        for stale in self.listed.difference(&names) {
            remove(&self.folder.join(stale))?;
        }
        let is_manifest = |it: &Staged| it.name() == manifest::FILE;
        let (first, rest): (Vec<_>, Vec<_>) = staged.into_iter().partition(is_manifest);
        write::commit_all(first.into_iter().chain(rest).collect())
    }

    /// [`Claim::replace`] for the files of a sweep: its old pictures go, and what a run has written
    /// into the same folder stays.
    ///
    /// # Errors
    /// A file cannot be removed or cannot take its place.
    pub fn replace_of_sweep(&self, staged: Vec<Staged>) -> Result<()> {
        let names: BTreeSet<String> = staged.iter().map(Staged::name).collect();
        for name in names_in(&self.folder)? {
            if is_sweep_picture(&name) && !names.contains(&name) {
                remove(&self.folder.join(name))?;
            }
        }
        write::commit_all(staged)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // On Windows the lock is a file in the folder.
        self.lock = None;
        for folder in &self.made {
            // Something is in it: then it stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// [`Claim::new`], whose refusal is said and ends the command.
///
/// # Errors
/// It is refused, or as there.
pub fn claim(
    shell: &Shell,
    folder: &Path,
    own: &[&str],
    others: Others,
    force: bool,
) -> Result<Claim> {
    Claim::new(folder, own, others, force)?.map_err(|problem| shell.usage(&problem))
}

/// Ends the command, and says why, where a [`foreign_file`] is at `path`.
///
/// # Errors
/// One is, or the file cannot be read.
pub fn keep_foreign_file(shell: &Shell, path: &Path, mark: &str, force: bool) -> Result<()> {
    let problem = foreign_file(path, mark, force)?;
    problem.map_or(Ok(()), |problem| Err(shell.usage(&problem)))
}

/// Why nothing may take the place of the file at `path`: it is there, and does not say `mark` in
/// its first lines, as what spsim writes does. A device, a pipe or an empty file is nobody's.
///
/// # Errors
/// It cannot be read.
pub fn foreign_file(path: &Path, mark: &str, force: bool) -> Result<Option<String>> {
    const FIRST_BYTES: u64 = 4096;
    if force || !fs::metadata(path).is_ok_and(|it| it.is_file() && it.len() > 0) {
        return Ok(None);
    }
    let mut start = Vec::new();
    let read = File::open(path).and_then(|it| it.take(FIRST_BYTES).read_to_end(&mut start));
    let shown = path.display();
    read.with_context(|| format!("cannot read `{shown}`"))?;
    let is_ours = String::from_utf8_lossy(&start).contains(mark);
    Ok((!is_ours).then(|| {
        format!(
            "`{shown}` is there already, and spsim did not write it: choose another name, or \
             replace it with --force"
        )
    }))
}

/// Makes a folder and those above it; which of them were not there, the innermost first.
///
/// # Errors
/// One of them cannot be made.
pub fn make_missing(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_missing = |it: &&Path| !it.as_os_str().is_empty() && !it.exists();
    let missing = folder.ancestors().take_while(is_missing);
    let missing = missing.map(Path::to_path_buf).collect();
    make_folder(folder)?;
    Ok(missing)
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{}`", path.display()))
        }
        _ => Ok(()),
    }
}

/// The files that the folder's manifest lists. A name that would lead elsewhere is none.
fn listed(folder: &Path) -> BTreeSet<String> {
    let path = folder.join(manifest::FILE);
    let is_small = |it: fs::Metadata| it.is_file() && it.len() <= MOST_MANIFEST_BYTES;
    if !fs::metadata(&path).is_ok_and(is_small) {
        return BTreeSet::new();
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let Ok(manifest) = serde_json::from_str::<Manifest>(&text) else {
        return BTreeSet::new();
    };
    let names = manifest.files.into_iter().map(|it| it.name);
    let own = std::iter::once(manifest::FILE.into());
    names.filter(|name| is_plain(name)).chain(own).collect()
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', ':', '\0'])
}

/// The first file in the folder that is not ours.
fn foreign(folder: &Path, own: &[&str], listed: &BTreeSet<String>) -> Result<Option<String>> {
    let is_ours = |name: &String| {
        listed.contains(name)
            || own.contains(&name.as_str())
            || LEFT_BY_SYSTEMS.contains(&name.as_str())
            || is_staged(name)
            || is_of_a_sweep_or_plan(name)
    };
    Ok(names_in(folder)?.into_iter().find(|name| !is_ours(name)))
}

/// The names in a folder, in order; none where there is no folder.
fn names_in(folder: &Path) -> Result<BTreeSet<String>> {
    let cannot = || format!("cannot read the folder `{}`", folder.display());
    // Making the folder says better what is wrong with it.
    if !folder.is_dir() {
        return Ok(BTreeSet::new());
    }
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let name = entry.with_context(cannot)?.file_name();
        names.insert(name.to_string_lossy().into_owned());
    }
    Ok(names)
}

/// Whether a name is one that sweeps and plans give: `sweep.csv`, `sweep-failed.svg`,
/// `part-3-of-16.csv`, `plan-….unfinished`.
pub fn is_of_a_sweep_or_plan(name: &str) -> bool {
    let name = name.strip_suffix(".unfinished").unwrap_or(name);
    let is_part = |middle: &str| {
        let digits = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
        middle
            .split_once("-of-")
            .is_some_and(|(number, of)| digits(number) && digits(of))
    };
    let between = |begin, end| {
        name.strip_prefix(begin)
            .and_then(|it: &str| it.strip_suffix(end))
    };
    ["sweep.csv", "sweep.json", "sweep.md", "sweep.parquet"].contains(&name)
        || is_sweep_picture(name)
        || between("part-", ".csv").is_some_and(is_part)
        || name
            .strip_prefix("plan-")
            .is_some_and(|it| it.len() == 16 && it.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a name is that of a picture of a sweep, or of the page that shows it.
pub fn is_sweep_picture(name: &str) -> bool {
    let endings = [".svg", ".png", ".md"];
    name.starts_with("sweep-") && endings.iter().any(|it| name.ends_with(it))
}

/// Locks the folder itself, so that nothing is left in it.
#[cfg(unix)]
fn lock(folder: &Path, others: Others) -> Result<Option<File>> {
    use std::fs::TryLockError;
    let opened = File::open(folder)
        .with_context(|| format!("cannot open the folder `{}`", folder.display()))?;
    let locked = match others {
        Others::Nobody => opened.try_lock(),
        Others::Shards => opened.try_lock_shared(),
    };
    match locked {
        Ok(()) => Ok(Some(opened)),
        Err(TryLockError::WouldBlock) => bail!(
            "another process is writing into `{}`: wait for it, or choose another --out",
            folder.display()
        ),
        // A file system without locks is no reason not to work.
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Windows opens no folder: a file in it that nobody else may open, and that goes with its
/// handle. Shards have a lock each, on their journals.
#[cfg(windows)]
fn lock(folder: &Path, others: Others) -> Result<Option<File>> {
    use std::fs::OpenOptions;
    use std::os::windows::fs::OpenOptionsExt;
    const WRITE_AND_DELETE: u32 = 0x4000_0000 | 0x0001_0000;
    const DELETE_ON_CLOSE: u32 = 0x0400_0000;
    const SHARING_VIOLATION: i32 = 32;
    if others == Others::Shards {
        return Ok(None);
    }
    let mut options = OpenOptions::new();
    let opened = options
        .access_mode(WRITE_AND_DELETE)
        .create(true)
        .truncate(false)
        .write(true)
        .share_mode(0)
        .custom_flags(DELETE_ON_CLOSE)
        .open(folder.join(LOCK));
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => bail!(
            "another process is writing into `{}`: wait for it, or choose another --out",
            folder.display()
        ),
        Err(error) => Err(error)
            .with_context(|| format!("cannot write into the folder `{}`", folder.display())),
    }
}

/// The file that locks a folder on Windows: staged files are ours by name.
#[cfg(windows)]
const LOCK: &str = ".spsim-lock.part";

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(folder: &Path, own: &[&str]) -> Option<String> {
        let claimed = Claim::new(folder, own, Others::Nobody, false).expect("readable");
        claimed.err()
    }

    #[test]
    fn only_a_folder_of_ours_is_written_into() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("new/one");
        assert_eq!(refusal(&folder, &[]), None, "it is new");
        assert!(!folder.exists(), "nothing came of it");
        fs::create_dir_all(&folder).expect("made");
        assert_eq!(refusal(&folder, &[]), None, "it is empty");
        for name in [
            "sweep.csv",
            "sweep-ports-peak-share.svg",
            "part-03-of-16.csv.unfinished",
            "plan-0123456789abcdef.unfinished",
            ".spsim-0123456789abcdef.part",
            ".DS_Store",
        ] {
            fs::write(folder.join(name), "").expect("written");
            assert_eq!(refusal(&folder, &[]), None, "{name}");
        }
        for name in [
            "ports.csv",
            "part-a-of-b.csv",
            "plan-x.unfinished",
            ".bashrc",
        ] {
            fs::write(folder.join(name), "").expect("written");
            let refused = refusal(&folder, &[]).expect(name);
            assert!(refused.contains(&format!("holds `{name}`")), "{refused}");
            assert_eq!(refusal(&folder, &[name]), None, "it is what is written");
            assert!(
                Claim::new(&folder, &[], Others::Nobody, true)
                    .expect("ours")
                    .is_ok()
            );
            fs::remove_file(folder.join(name)).expect("there");
        }
    }

    #[test]
    fn only_a_file_of_ours_is_replaced() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("page.html");
        let refusal = |force| foreign_file(&path, "spsim", force).expect("readable");
        assert_eq!(refusal(false), None, "nothing is there");
        for (text, is_ours) in [("", true), ("<p>spsim", true), ("<p>mine", false)] {
            fs::write(&path, text).expect("written");
            assert_eq!(refusal(false).is_none(), is_ours, "{text}");
            assert_eq!(refusal(true), None);
        }
        assert!(refusal(false).expect("mine").contains("--force"));
        assert_eq!(
            foreign_file(root.path(), "spsim", false).expect("readable"),
            None
        );
    }

    #[test]
    fn what_the_last_run_wrote_and_this_one_does_not_goes() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("out");
        fs::create_dir(&folder).expect("made");
        let beside = root.path().join("beside");
        for path in [&beside, &folder.join("old.svg"), &folder.join("ports.csv")] {
            fs::write(path, "old").expect("written");
        }
        let entry = |name: &str| format!("{{\"name\":\"{name}\",\"bytes\":3,\"fnv1a\":\"0\"}}");
        let files = ["old.svg", "ports.csv", "../beside", "gone.png"]
            .map(entry)
            .join(",");
        let manifest = format!(
            "{{\"schema\":1,\"spsim\":\"0\",\"scenario\":\"s\",\"digest\":\"0\",\"files\":[{files}]}}"
        );
        fs::write(folder.join(manifest::FILE), manifest).expect("written");
        let claim = Claim::new(&folder, &[], Others::Nobody, false).expect("readable");
        let claim = claim.expect("all of it is listed");
        let staged = write::stage(&folder.join("ports.csv"), |file| {
            io::Write::write_all(file, b"new")
        });
        claim
            .replace(vec![staged.expect("written")])
            .expect("written");
        assert!(beside.exists(), "a manifest leads nowhere else");
        assert!(!folder.join("old.svg").exists());
        assert_eq!(fs::read(folder.join("ports.csv")).expect("there"), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_is_one_processs_at_a_time() {
        let root = tempfile::tempdir().expect("a folder");
        let claim = |others| Claim::new(root.path(), &[], others, false);
        let first = claim(Others::Shards).expect("nobody else").expect("empty");
        let second = claim(Others::Shards).expect("a shard").expect("empty");
        let error = claim(Others::Nobody).expect_err("two others are here");
        assert!(
            error.to_string().starts_with("another process is writing"),
            "{error}"
        );
        drop((first, second));
        assert!(claim(Others::Nobody).expect("nobody else").is_ok());
    }
}
