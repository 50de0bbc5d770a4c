//! What a plan has finished, kept in a file until all of it is.
//!
//! The file's name and its first line say of what plan it is: scenario and the files it names,
//! strategies, key, goal and version. Another plan has another file. A plan that takes less than
//! half a second writes none.

use crate::cli::claim::make_missing;
use crate::cli::journal::{Journal, read_checked};
use crate::cli::render::Shell;
use crate::study::goal::Judgement;
use crate::study::plan::{Effort, Evidence, Ran};
use crate::units::{FNV_1A_START, fnv_1a};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A plan is not kept before it has taken so long.
const WORTH_KEEPING: Duration = Duration::from_millis(500);

/// What the second line of the file begins with, before how many folders were made for it.
const MADE: &str = "# folders made: ";

/// What a plan is, so that no other plan goes on with its work.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Identity {
    /// The version: another may come to other numbers.
    pub(super) spsim: &'static str,
    /// The scenario's name.
    pub(super) scenario: String,
    /// Digest of the scenario at both ends of the range, and of the files it names.
    pub(super) digest: String,
    /// The number from which all draws derive.
    pub(super) seed: u64,
    /// The strategies.
    pub(super) strategies: Vec<String>,
    /// The key and its range.
    pub(super) vary: String,
    /// What must hold.
    pub(super) goal: String,
    /// How near the limit is to be known.
    pub(super) precision: f64,
    /// The most runs of one value.
    pub(super) most: u32,
}

/// A finished value in the file.
#[derive(Serialize, Deserialize)]
struct Line {
    strategy: String,
    at: String,
    glance: bool,
    certain: bool,
    holds: bool,
    runs: u32,
    /// Null where none is known.
    rises: Vec<Option<f64>>,
    events: u64,
    seen: String,
}

/// Runs of some seeds at a value, in the file.
#[derive(Serialize, Deserialize)]
struct Batch {
    strategy: String,
    /// The number of the batch: a search asks for the same ones in the same order.
    number: u32,
    at: String,
    /// A character for each run, in the order asked: `1` if the goal counts it.
    hits: String,
    events: u64,
}

/// What runs counted that were made likelier than they are, in the file.
#[derive(Serialize, Deserialize)]
struct Weights {
    strategy: String,
    /// The number of the batch, as above.
    number: u32,
    at: String,
    /// The bits of each number: what is read is what was written.
    counts: Vec<u64>,
    events: u64,
}

/// Strategy, value as it is set, and whether it was only glanced at.
type Key = (String, String, bool);

/// What is finished.
#[derive(Debug, Default)]
struct Known {
    values: BTreeMap<Key, Evidence>,
    /// By strategy and number: the value, and what runs came to.
    batches: BTreeMap<(String, u32), (String, Ran)>,
    weights: BTreeMap<(String, u32), (String, Vec<f64>, u64)>,
}

impl Known {
    fn len(&self) -> usize {
        self.values.len() + self.batches.len() + self.weights.len()
    }

    /// Takes a line in; false if it is none.
    fn read(&mut self, line: &[u8]) -> bool {
        if let Ok(line) = serde_json::from_slice::<Line>(line) {
            let (key, evidence) = line.read();
            self.values.insert(key, evidence);
            return true;
        }
        if let Ok(it) = serde_json::from_slice::<Weights>(line) {
            let weights = it.counts.into_iter().map(f64::from_bits).collect();
            let key = (it.strategy, it.number);
            self.weights.insert(key, (it.at, weights, it.events));
            return true;
        }
        let Ok(it) = serde_json::from_slice::<Batch>(line) else {
            return false;
        };
        let ran = Ran {
            hits: it.hits.bytes().map(|hit| hit == b'1').collect(),
            events: it.events,
        };
        self.batches.insert((it.strategy, it.number), (it.at, ran));
        true
    }
}

/// The finished values of a plan.
#[derive(Debug)]
pub(super) struct Kept {
    /// Where they go; `None` keeps nothing.
    path: Option<PathBuf>,
    first: String,
    began: Instant,
    journal: Option<Journal>,
    /// Folders that were made for the file.
    made: Vec<PathBuf>,
    known: Known,
    /// Lines that are not in the file yet.
    waiting: Vec<u8>,
}

impl Kept {
    /// What an earlier call of the same plan has left in `folder`; `None` keeps nothing.
    pub(super) fn open(shell: &Shell, folder: Option<PathBuf>, identity: &Identity) -> Kept {
        let json = serde_json::to_string(identity).expect("texts and finite numbers are JSON");
        let first = format!("# spsim plan {json}\n");
        let digest = fnv_1a(FNV_1A_START, first.as_bytes());
        let mut kept = Kept {
            path: folder.map(|it| it.join(format!("plan-{digest:016x}.unfinished"))),
            first,
            began: Instant::now(),
            journal: None,
            made: Vec::new(),
            known: Known::default(),
            waiting: Vec::new(),
        };
        if kept.path.as_ref().is_some_and(|path| path.exists()) {
            kept.begin_or_warn(shell);
        }
        if kept.known.len() > 0 {
            let values = kept.known.len();
            shell.say(&format!("going on after {values} finished values"));
        }
        kept
    }

    /// The evidence at a value if it is there.
    pub(super) fn find(&self, strategy: &str, at: &str, effort: Effort) -> Option<Evidence> {
        self.known.values.get(&key(strategy, at, effort)).cloned()
    }

    /// Keeps the evidence at a value.
    pub(super) fn add(&mut self, shell: &Shell, strategy: &str, at: &str, evidence: &Evidence) {
        let line = Line {
            strategy: strategy.into(),
            at: at.into(),
            glance: evidence.effort == Effort::Glance,
            certain: evidence.judgement.is_certain(),
            holds: evidence.judgement.leans_to_hold(),
            runs: evidence.runs,
            rises: (evidence.rises.iter())
                .map(|it| Some(*it).filter(|it| it.is_finite()))
                .collect(),
            events: evidence.events,
            seen: evidence.seen.clone(),
        };
        let key = key(strategy, at, evidence.effort);
        self.known.values.insert(key, evidence.clone());
        self.wait(shell, &line);
    }

    /// What these runs came to if it is there.
    pub(super) fn batch(&self, strategy: &str, number: u32, at: &str, runs: usize) -> Option<Ran> {
        let (known_at, ran) = self.known.batches.get(&(strategy.into(), number))?;
        (known_at == at && ran.hits.len() == runs).then(|| ran.clone())
    }

    /// Keeps what runs came to.
    pub(super) fn add_batch(
        &mut self,
        shell: &Shell,
        strategy: &str,
        number: u32,
        at: &str,
        ran: &Ran,
    ) {
        let hits = ran.hits.iter().map(|hit| if *hit { '1' } else { '0' });
        let line = Batch {
            strategy: strategy.into(),
            number,
            at: at.into(),
            hits: hits.collect(),
            events: ran.events,
        };
        let key = (strategy.into(), number);
        self.known.batches.insert(key, (at.into(), ran.clone()));
        self.wait(shell, &line);
    }

    /// What runs counted, and the events that they took, if it is there.
    pub(super) fn weights(&self, strategy: &str, number: u32, at: &str) -> Option<(Vec<f64>, u64)> {
        let (known_at, weights, events) = self.known.weights.get(&(strategy.into(), number))?;
        (known_at == at).then(|| (weights.clone(), *events))
    }

    /// Keeps what runs counted.
    pub(super) fn add_weights(
        &mut self,
        shell: &Shell,
        strategy: &str,
        number: u32,
        at: &str,
        (weights, events): (&[f64], u64),
    ) {
        let line = Weights {
            strategy: strategy.into(),
            number,
            at: at.into(),
            counts: weights.iter().map(|it| it.to_bits()).collect(),
            events,
        };
        let key = (strategy.into(), number);
        self.known
            .weights
            .insert(key, (at.into(), weights.into(), events));
        self.wait(shell, &line);
    }

    fn wait(&mut self, shell: &Shell, line: &impl Serialize) {
        let json = serde_json::to_string(line).expect("texts and whole numbers are JSON");
        self.waiting.extend(json.as_bytes());
        self.waiting.push(b'\n');
        if self.began.elapsed() > WORTH_KEEPING {
            self.begin_or_warn(shell);
        }
    }

    /// Writes what is not written yet; what became of it, as the end of a sentence.
    pub(super) fn interrupted(&mut self, shell: &Shell) -> String {
        if self.known.len() > 0 {
            self.begin_or_warn(shell);
        }
        match (&self.path, self.known.len()) {
            (None, _) => "no finished value is kept".into(),
            (_, 0) => "no value is finished yet".into(),
            (Some(path), 1) => format!(
                "1 finished value is kept in `{}`; the same command goes on from there",
                path.display()
            ),
            (Some(path), values) => format!(
                "{values} finished values are kept in `{}`; the same command goes on from there",
                path.display()
            ),
        }
    }

    /// The plan is finished: nothing of it is needed any more.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub(super) fn finish(self) -> Result<()> {
        if let Some(journal) = self.journal {
            journal.remove()?;
        }
        for folder in self.made {
            // Somebody else may have put something there: then it stays.
            let _ = fs::remove_dir(folder);
        }
        Ok(())
    }

    /// A plan's result does not need the file: without it, it is only lost with the process.
    fn begin_or_warn(&mut self, shell: &Shell) {
        let Some(path) = self.path.clone() else {
            return;
        };
        if let Err(error) = self.write(&path) {
            shell.say(&format!("warning: finished values are not kept: {error:#}"));
            self.path = None;
            self.journal = None;
        }
    }

    fn write(&mut self, path: &Path) -> Result<()> {
        let mut journal = match self.journal.take() {
            Some(journal) => journal,
            None => self.begin(path)?,
        };
        journal.append(&self.waiting)?;
        self.waiting.clear();
        journal.flush()?;
        self.journal = Some(journal);
        Ok(())
    }

    /// Opens the file, takes what is in it, and writes what plan it is of if it is new.
    fn begin(&mut self, path: &Path) -> Result<Journal> {
        let folder = path.parent().unwrap_or(Path::new(""));
        self.made = make_missing(folder)?;
        let opened = Journal::open(path, |reader| Ok(Ok(kept(reader, &self.first)?)))?;
        let (mut journal, found) = opened.map_err(anyhow::Error::msg)?;
        if let Some((made, known)) = found {
            // The call that began it made them, for this file.
            self.made = folder.ancestors().take(made).map(Into::into).collect();
            self.known.values.extend(known.values);
            self.known.batches.extend(known.batches);
            self.known.weights.extend(known.weights);
        } else {
            journal.append(self.first.as_bytes())?;
            journal.append(format!("{MADE}{}\n", self.made.len()).as_bytes())?;
        }
        Ok(journal)
    }
}

fn key(strategy: &str, at: &str, effort: Effort) -> Key {
    (strategy.into(), at.into(), effort == Effort::Glance)
}

/// What is in a file of ours: how many folders were made for it, and the values.
type Found = (usize, Known);

/// What is in a file of ours and how many of its bytes are whole; nothing where it is to begin
/// anew.
fn kept(reader: &mut impl BufRead, first: &str) -> io::Result<(Option<Found>, u64)> {
    let mut line = Vec::new();
    let Some(mut length) = read_checked(reader, &mut line)?.filter(|_| line == first.as_bytes())
    else {
        return Ok((None, 0));
    };
    let Some(bytes) = read_checked(reader, &mut line)? else {
        return Ok((None, 0));
    };
    length += bytes;
    let made = str::from_utf8(&line)
        .ok()
        .and_then(|it| it.trim_end().strip_prefix(MADE));
    let made = made.and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut known = Known::default();
    while let Some(bytes) = read_checked(reader, &mut line)? {
        if !known.read(&line) {
            break;
        }
        length += bytes;
    }
    Ok((Some((made, known)), length))
}

impl Line {
    /// The value itself is the caller's: the text is what tells it.
    fn read(self) -> (Key, Evidence) {
        let evidence = Evidence {
            at: f64::NAN,
            effort: if self.glance {
                Effort::Glance
            } else {
                Effort::Decide
            },
            judgement: if self.certain {
                Judgement::certain(self.holds)
            } else {
                Judgement::Open(self.holds)
            },
            runs: self.runs,
            rises: (self.rises.iter())
                .map(|it| it.unwrap_or(f64::INFINITY))
                .collect(),
            events: self.events,
            seen: self.seen,
        };
        ((self.strategy, self.at, self.glance), evidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::journal::checked;

    #[test]
    fn a_torn_line_is_cut_off_and_another_plan_begins_anew() {
        let whole = "{\"strategy\":\"as is\",\"at\":\"5\",\"glance\":false,\"certain\":true,\
                     \"holds\":false,\"runs\":30,\
                     \"rises\":[2.5,null],\"events\":9,\"seen\":\"failed = 3\"}\n";
        let mut text = checked(format!("# mine\n{MADE}2\n{whole}").as_bytes());
        let bytes = text.len();
        text.extend(&checked(whole.as_bytes())[..40]);
        let (found, length) = kept(&mut text.as_slice(), "# mine\n").expect("memory");
        assert_eq!(length as usize, bytes);
        let (made, known) = found.expect("ours");
        let evidence = &known.values[&("as is".into(), "5".into(), false)];
        assert_eq!(evidence.judgement, Judgement::Fails);
        assert_eq!((made, known.len(), evidence.runs), (2, 1, 30));
        let other = kept(&mut text.as_slice(), "# other\n").expect("memory");
        assert!(other.0.is_none() && other.1 == 0);
    }
}
