//! Snapshots as they come: where each begins, when it was taken, what was wrong.

use super::{Connection, Observed, Problems, Refused, Series, SocketTable, Stamp};
use crate::diagnose::{State, Step};
use crate::input::calendar::NANOS_PER_DAY;
use crate::input::clock::{DateOrder, Numbers, stamp_of_name};
use crate::input::seen::{Seen, Unit};
use crate::model::settings::PortRange;
use crate::units::{NANOS_PER_SECOND, SimSpan};
use crate::words::number::counted;
use std::collections::BTreeMap;

/// The system that wrote a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum System {
    Linux,
    Mac,
    Windows,
}

impl System {
    /// The preset of its port range.
    const fn preset(self) -> &'static str {
        match self {
            System::Linux => "linux",
            System::Mac => "macos",
            System::Windows => "windows",
        }
    }
}

/// Snapshots while they are read.
#[derive(Default)]
pub(super) struct Collector {
    table: SocketTable,
    rows: usize,
    /// Beside each snapshot of the table.
    heads: Vec<Head>,
    /// Counters with their times.
    pub(super) counters: Vec<Series>,
    /// The preset of the port range that counters are of, where they tell.
    pub(super) preset: Option<&'static str>,
    /// The range of ports, where it is told.
    pub(super) range: Option<PortRange>,
    /// How many rows each system wrote.
    systems: BTreeMap<System, usize>,
    /// The current line.
    pub(super) line: u64,
    problems: Problems,
    notes: Vec<String>,
    file: String,
    /// How many snapshots there were before the current file.
    file_start: usize,
    other_text: Seen,
    /// Lines of UTF-16 in a file that is not.
    wide: Seen,
    /// How many snapshots have their time from their file's name.
    named_times: usize,
}

/// How a file ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum FileEnd {
    /// Behind the end of a line.
    Whole,
    /// Within a line, which could not be read if `bad`.
    Open { bad: bool },
    /// Where its compressed stream breaks off.
    Damaged,
}

/// How a snapshot began.
#[derive(Clone, Debug)]
struct Head {
    place: String,
    stamp: Option<Stamp>,
    has_header: bool,
    rows: usize,
    /// Connections by state, where only these are told.
    counts: BTreeMap<State, u64>,
}

impl Collector {
    pub(super) fn begin_file(&mut self, name: String) {
        self.file = name;
        self.file_start = self.heads.len();
        self.other_text = Seen::default();
        self.wide = Seen::default();
        self.line = 0;
    }

    /// The name of the current file.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn file_has_snapshot(&self) -> bool {
        let stated = |head: &Head| head.has_header || head.rows > 0 || !head.counts.is_empty();
        self.heads[self.file_start..].iter().any(stated) || !self.counters.is_empty()
    }

    /// The current place: `FILE line 3`.
    fn place(&self) -> String {
        format!("{} line {}", self.file, self.line)
    }

    pub(super) fn problem(&mut self, problem: &str) {
        let place = self.place();
        self.problems.push(|| format!("{place}: {problem}"));
    }

    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Lines that are neither rows nor say anything about one: how many, and the first.
    pub(super) fn other_text(&mut self, count: u64, first: u64) {
        self.other_text.add(count, first);
    }

    /// A line of UTF-16 in a file that is not.
    pub(super) fn wide_line(&mut self) {
        self.wide.seen_at(self.line);
    }

    pub(super) fn take_problems(&mut self) -> Problems {
        std::mem::take(&mut self.problems)
    }

    fn begin(&mut self, stamp: Option<Stamp>, has_header: bool) {
        let place = self.place();
        self.heads.push(Head {
            place,
            stamp,
            has_header,
            rows: 0,
            counts: BTreeMap::new(),
        });
        // The time is settled at the end.
        self.table.begin(0);
    }

    fn current(&mut self) -> Option<&mut Head> {
        let start = self.file_start;
        self.heads[start..].last_mut()
    }

    /// The line says when the next snapshot was taken.
    pub(super) fn stamp(&mut self, stamp: Stamp) {
        match self.current() {
            Some(head) if head.is_untouched() && head.stamp.is_none() => head.stamp = Some(stamp),
            _ => self.begin(Some(stamp), false),
        }
    }

    /// A line of dashes: behind rows it ends a snapshot.
    pub(super) fn rule(&mut self) {
        if self
            .current()
            .is_some_and(|head| head.rows > 0 || !head.counts.is_empty())
        {
            self.begin(None, false);
        }
    }

    /// A column header: a snapshot begins, unless a stamp has just begun it.
    pub(super) fn header(&mut self) {
        match self.current() {
            Some(head) if head.is_untouched() => head.has_header = true,
            _ => self.begin(None, true),
        }
    }

    /// The rows from here on were taken at `stamp`: a snapshot begins if the last was taken at
    /// another time.
    pub(super) fn taken_at(&mut self, stamp: Stamp) {
        match self.current() {
            Some(head) if head.stamp == Some(stamp) => {}
            Some(head) if head.rows == 0 && head.stamp.is_none() => head.stamp = Some(stamp),
            _ => self.begin(Some(stamp), true),
        }
    }

    pub(super) fn row(&mut self, connection: Connection, system: System) {
        if self.current().is_none() {
            self.begin(None, false);
        }
        self.table.add(connection);
        self.rows += 1;
        *self.systems.entry(system).or_default() += 1;
        if let Some(head) = self.current() {
            head.rows += 1;
        }
    }

    /// So many connections in a state. Without a time between them a state that comes again
    /// begins a snapshot.
    pub(super) fn count(&mut self, state: State, count: u64) {
        let begun = self
            .current()
            .is_some_and(|head| !head.counts.contains_key(&state));
        if !begun {
            self.begin(None, false);
        }
        if let Some(head) = self.current() {
            head.counts.insert(state, count);
        }
    }

    /// Ends a file.
    pub(super) fn end_file(&mut self, end: FileEnd) {
        self.tell_lines(self.other_text, "of other text");
        self.tell_lines(self.wide, "in UTF-16, unlike the file's first: read");
        self.stamps_behind();
        self.join_parts();
        self.leave_out_cut_snapshot(end);
        self.time_by_name();
    }

    /// `FILE: 3 lines WHAT (first: line 12)`.
    fn tell_lines(&mut self, lines: Seen, what: &str) {
        if let Some(note) = lines.note(Unit::Line, what) {
            self.note(format!("{}: {note}", self.file));
        }
    }

    /// The only snapshot of a file that says no time was taken when the file's name says.
    fn time_by_name(&mut self) {
        if let [head] = &mut self.heads[self.file_start..]
            && head.stamp.is_none()
        {
            head.stamp = stamp_of_name(&self.file);
            self.named_times += usize::from(head.stamp.is_some());
        }
    }

    /// A snapshot that was written half would look like a fall.
    fn leave_out_cut_snapshot(&mut self, end: FileEnd) {
        let file = self.file.clone();
        let heads = &self.heads[self.file_start..];
        let Some(last) = heads.last() else {
            return;
        };
        let before = heads.len().checked_sub(2).map_or(0, |at| heads[at].rows);
        let lacks_rows = 10 * last.rows < 9 * before;
        let empty = last.is_untouched();
        let line = self.line;
        let is_cut = match end {
            FileEnd::Whole => false,
            FileEnd::Open { bad } => bad || lacks_rows,
            FileEnd::Damaged => true,
        };
        if empty && last.stamp.is_none() && heads.len() > 1 {
            // A line of dashes behind the last snapshot.
            self.heads.pop();
            self.table.snapshots.pop();
        } else if is_cut && heads.len() > 2 || empty && heads.len() > 1 {
            let place = last.place.clone();
            self.heads.pop();
            self.table.snapshots.pop();
            let is = if end == FileEnd::Damaged {
                "may be"
            } else {
                "is"
            };
            self.note(format!("{place}: the last snapshot {is} cut off: left out"));
        } else if end != FileEnd::Whole {
            self.note(format!(
                "{file} line {line}: the last line has no end, it may be cut"
            ));
        }
    }

    /// Where each stamp stands behind its snapshot, moves them all one back.
    fn stamps_behind(&mut self) {
        let heads = &mut self.heads[self.file_start..];
        let [first, .., last] = heads else {
            return;
        };
        let behind = first.stamp.is_none()
            && !first.is_untouched()
            && last.is_untouched()
            && last.stamp.is_some();
        if !behind {
            return;
        }
        for at in 1..heads.len() {
            heads[at - 1].stamp = heads[at].stamp;
        }
        self.heads.pop();
        self.table.snapshots.pop();
    }

    /// Where times stand between the snapshots of a file, a header without one begins a part of
    /// the snapshot before it, such as that of IPv6, if no connection is in both.
    fn join_parts(&mut self) {
        if self.heads[self.file_start..]
            .iter()
            .all(|head| head.stamp.is_none())
        {
            return;
        }
        let mut at = self.file_start + 1;
        while at < self.heads.len() {
            let (before, head) = (&self.heads[at - 1], &self.heads[at]);
            let is_part = head.stamp.is_none() && before.stamp.is_some() && head.has_header;
            if is_part && self.table.join(at) {
                self.heads[at - 1].rows += self.heads[at].rows;
                self.heads.remove(at);
            } else {
                at += 1;
            }
        }
    }

    /// Settles the times and hands over.
    pub(super) fn finish(mut self, every: Option<SimSpan>) -> Result<Observed, Refused> {
        if self.counters.is_empty() {
            self.settle_times(every)?;
        } else if !self.heads.is_empty() {
            let text = "counters and socket tables cannot be judged together";
            return Err(Refused::Wrong(vec![text.into()]));
        }
        self.leave_out_equal_times();
        self.counts_as_series();
        if self.rows == 0 && self.counters.is_empty() && self.problems.count() > 0 {
            let mut text = vec!["no row of any snapshot could be read".to_owned()];
            text.extend(self.problems.into_messages());
            return Err(Refused::Wrong(text));
        }
        let twice = self.table.sort();
        if twice > 0 {
            let plural = if twice == 1 { "" } else { "s" };
            self.note(format!(
                "{twice} row{plural} there twice in one snapshot: counted once"
            ));
        }
        let count = |series: &Series| series.steps.len();
        let snapshots = self.counters.iter().map(count).max();
        let snapshots = snapshots.unwrap_or(self.table.snapshots.len());
        if snapshots < 2 {
            let mut text = vec![
                "one snapshot shows no growth: take at least two, better ten, some seconds apart"
                    .into(),
            ];
            if twice > 0 {
                text.push(
                    "rows are there twice: are these several snapshots with neither a header nor \
                     a time between them? Print `date` before each"
                        .into(),
                );
            }
            return Err(Refused::Wrong(text));
        }
        let most = self.systems.iter().max_by_key(|(_, rows)| **rows);
        let of_rows = most.map(|(system, _)| system.preset());
        let preset = of_rows.or(self.preset).unwrap_or(System::Linux.preset());
        let skipped = self.problems.count();
        let problems = self.problems.into_messages();
        let mut told: Vec<String> = problems.iter().map(|it| format!("skipped {it}")).collect();
        if self.rows > 0 {
            let rows = counted(self.rows as f64, "row", "rows");
            told.push(format!("note: {rows} read"));
        }
        told.extend(self.notes.iter().map(|it| format!("note: {it}")));
        Ok(Observed {
            sockets: self.table,
            counters: self.counters,
            preset,
            range: self.range,
            told,
            skipped,
        })
    }

    fn settle_times(&mut self, every: Option<SimSpan>) -> Result<(), Refused> {
        if let Some(every) = every {
            let every = every.as_nanos().cast_signed();
            let stamped = self
                .heads
                .iter()
                .filter(|head| head.stamp.is_some())
                .count();
            if stamped > 0 {
                self.note(format!(
                    "{stamped} times in the files give way to `--every`"
                ));
            }
            for (number, snapshot) in (0_i64..).zip(&mut self.table.snapshots) {
                snapshot.time_ns = every.saturating_mul(number);
            }
            return Ok(());
        }
        if self.named_times > 0 {
            self.note(match self.named_times {
                1 => "the time of 1 snapshot is that of its file's name".into(),
                count => format!("the times of {count} snapshots are those of their files' names"),
            });
        }
        let stamps = self.heads.iter().filter_map(|head| head.stamp);
        let dates: Vec<Numbers> = stamps.filter_map(Stamp::numbers).collect();
        let order = DateOrder::of(&dates).map_err(|problem| {
            let advice = "say how far apart the snapshots are, as in `--every 10s`";
            Refused::Wrong(vec![format!("{problem}: {advice}")])
        })?;
        if !dates.is_empty() {
            self.note(format!("dates are read {}", order.words()));
        }
        let mut day = 0;
        let mut before = i64::MIN;
        let mut early: Vec<String> = Vec::new();
        for (head, snapshot) in self.heads.iter().zip(&mut self.table.snapshots) {
            snapshot.time_ns = match head.stamp {
                Some(Stamp::Instant(nanos)) => nanos,
                // The order was chosen so that every date has its day.
                Some(Stamp::Numbers(numbers)) => numbers.in_order(order).unwrap_or_default(),
                Some(Stamp::OfDay(nanos)) => {
                    // Only midnight makes a clock go back by half a day.
                    let back = before > day + nanos + NANOS_PER_DAY / 2;
                    day += if back { NANOS_PER_DAY } else { 0 };
                    day + nanos
                }
                None if self.heads.len() == 1 => 0,
                None => return Err(Refused::NeedsEvery(head.place.clone())),
            };
            if snapshot.time_ns < before {
                early.push(head.place.clone());
            }
            before = before.max(snapshot.time_ns);
        }
        if let Some(first) = early.first() {
            let (count, plural) = (early.len(), if early.len() == 1 { "" } else { "s" });
            self.note(format!(
                "{count} snapshot{plural} earlier than the one before: sorted (first: {first})"
            ));
        }
        Ok(())
    }

    /// Makes one series of counts by state: that of all endpoints.
    fn counts_as_series(&mut self) {
        if self.rows > 0 || self.heads.iter().all(|head| head.counts.is_empty()) {
            return;
        }
        let mut times = self.table.snapshots.iter().zip(&self.heads);
        let mut told: Vec<(i64, &Head)> = times
            .by_ref()
            .map(|(snapshot, head)| (snapshot.time_ns, head))
            .collect();
        told.sort_by_key(|it| it.0);
        let start = told.first().map_or(0, |it| it.0);
        let is_port = |state: &State| !matches!(state, State::Listen | State::Closed);
        let step = |(time_ns, head): &(i64, &Head)| Step {
            time_s: (time_ns - start) as f64 / NANOS_PER_SECOND as f64,
            states: head
                .counts
                .iter()
                .filter(|(state, _)| is_port(state))
                .map(|(state, count)| (*state, *count))
                .collect(),
            opened: None,
        };
        let steps = told.iter().map(step).collect();
        self.counters.push(Series {
            remote: "all".into(),
            steps,
        });
        self.note(
            "counts by state are of all endpoints and of both sides: single endpoints need \
             `netstat -an` or `ss -tan`"
                .into(),
        );
    }

    /// Of snapshots taken at the same time the first stays.
    fn leave_out_equal_times(&mut self) {
        let mut seen = std::collections::BTreeSet::new();
        let keep: Vec<bool> = self
            .table
            .snapshots
            .iter()
            .map(|it| seen.insert(it.time_ns))
            .collect();
        let dropped = keep.iter().position(|keep| !keep);
        let Some(first) = dropped else {
            return;
        };
        let count = keep.iter().filter(|keep| !**keep).count();
        let mut kept = keep.iter();
        let place = self.heads[first].place.clone();
        self.table
            .snapshots
            .retain(|_| *kept.next().unwrap_or(&true));
        let mut kept = keep.iter();
        self.heads.retain(|_| *kept.next().unwrap_or(&true));
        let (place, plural) = (place, if count == 1 { "" } else { "s" });
        self.note(format!(
            "{count} snapshot{plural} at the same time as another: left out (first: {place})"
        ));
    }
}

impl Head {
    /// Whether nothing but its time is known.
    fn is_untouched(&self) -> bool {
        self.rows == 0 && !self.has_header && self.counts.is_empty()
    }
}
