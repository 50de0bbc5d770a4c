//! How far a long command is, on a terminal only.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};
use terminal_size::terminal_size_of;

const REDRAW_EVERY: Duration = Duration::from_millis(200);

/// Columns in which what is counted can still be read.
const LEAST_ROOM: usize = 12;

/// A line on stderr that is drawn over and over.
#[derive(Debug)]
pub struct Progress {
    shown: bool,
    what: String,
    total: u64,
    /// What was finished before this process began.
    before: u64,
    began: Instant,
    drawn: Option<Instant>,
}

impl Progress {
    /// A line that counts to `total`; silent where stderr is no terminal or `quiet` is asked.
    pub fn new(what: impl Into<String>, total: u64, before: u64, quiet: bool) -> Progress {
        Progress {
            shown: !quiet && io::stderr().is_terminal(),
            what: what.into(),
            total,
            before,
            began: Instant::now(),
            drawn: None,
        }
    }

    /// Whether anybody sees it.
    pub const fn is_shown(&self) -> bool {
        self.shown
    }

    /// Says that `done` are finished. A command that ends at once draws nothing.
    pub fn at(&mut self, done: u64) {
        self.within(done, 0.0);
    }

    /// The same where work on others has come to so many of them, as in 0.7.
    pub fn within(&mut self, done: u64, begun: f64) {
        if !self.shown || self.drawn.unwrap_or(self.began).elapsed() < REDRAW_EVERY {
            return;
        }
        self.drawn = Some(Instant::now());
        // Asked each time: somebody may make the window narrower.
        let width = terminal_size_of(io::stderr()).map_or(80, |(width, _)| width.0.into());
        let text = self.text(done, begun, self.began.elapsed(), width);
        // Nobody can be told if stderr is closed.
        let _ = write!(io::stderr().lock(), "\r\u{1b}[2K{text}");
    }

    /// Takes the line away.
    pub fn end(&mut self) {
        if self.drawn.take().is_some() {
            let _ = write!(io::stderr().lock(), "\r\u{1b}[2K");
        }
    }

    /// As much as a window of `width` columns shows on one line: what would be wrapped could not
    /// be taken away again. The last column stays free, where some terminals wrap already.
    fn text(&self, done: u64, begun: f64, elapsed: Duration, width: usize) -> String {
        let total = self.total.max(1) as f64;
        let so_far = (done as f64 + begun.max(0.0)).min(total);
        let percent = (so_far * 100.0 / total).floor();
        let now = so_far - self.before as f64;
        let left = if now <= 0.0 {
            String::new()
        } else {
            let left = elapsed.as_secs_f64() / now * (total - so_far);
            format!(", about {} left", roughly(left))
        };
        let count = format!("{done} of {} ", self.total);
        let end = format!("{percent}%{left}");
        let room = width.saturating_sub(columns(&count) + columns(&end) + ", ".len() + 1);
        // A word that is cut to a few letters says nothing.
        if columns(&self.what) <= room || room >= LEAST_ROOM {
            return format!("{count}{}, {end}", cut(&self.what, room));
        }
        cut(&end, width.saturating_sub(1))
    }
}

/// How many columns of a terminal a text takes at most: letters that are no ASCII may take two.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// The beginning of `text` that fits, without what could steer a terminal.
fn cut(text: &str, room: usize) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    if columns(&text) <= room {
        return text;
    }
    let mut kept = String::new();
    for c in text.chars() {
        if columns(&kept) + columns(c.encode_utf8(&mut [0; 4])) + "..".len() > room {
            break;
        }
        kept.push(c);
    }
    kept + &".."[..room.min(2)]
}

/// A time for people, one unit: more would only flicker.
fn roughly(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5_400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3_600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_what_this_process_did() {
        let progress = Progress::new("points", 1_000, 500, true);
        let text = |done, begun| progress.text(done, begun, Duration::from_mins(1), 80);
        assert_eq!(text(600, 0.0), "600 of 1000 points, 60%, about 4 min left");
        assert_eq!(text(500, 0.0), "500 of 1000 points, 50%");
        assert_eq!(text(590, 10.0), "590 of 1000 points, 60%, about 4 min left");
        assert_eq!(roughly(7_200.0), "2.0 h");
    }

    /// A single run is no more than begun until it is over.
    #[test]
    fn what_is_begun_counts_by_how_far_it_is() {
        let progress = Progress::new("runs of x", 1, 0, true);
        let text = |begun| progress.text(0, begun, Duration::from_secs(10), 80);
        assert_eq!(text(0.0), "0 of 1 runs of x, 0%");
        assert_eq!(text(0.25), "0 of 1 runs of x, 25%, about 30 s left");
        assert_eq!(text(1.01), "0 of 1 runs of x, 100%, about 0 s left");
    }

    #[test]
    fn the_line_never_fills_the_window() {
        let what = "runs at most, value 9 of `close groups every 30 s \u{540d}\u{1b}[2J`";
        let progress = Progress::new(what, 1_920, 0, true);
        let text = |width| progress.text(240, 0.0, Duration::from_secs(9), width);
        for width in 0..200 {
            let text = text(width);
            assert!(columns(&text) <= width.saturating_sub(1), "{width}: {text}");
            assert!(!text.contains('\u{1b}'));
        }
        assert_eq!(text(40), "12%, about 63 s left");
        assert_eq!(
            text(60),
            "240 of 1920 runs at most, value 9 o.., 12%, about 63 s left"
        );
    }
}
