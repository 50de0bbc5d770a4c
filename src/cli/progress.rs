//! How far a long command is, on a terminal only.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

const REDRAW_EVERY: Duration = Duration::from_millis(200);

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

    /// Says that `done` are finished.
    pub fn at(&mut self, done: u64) {
        if !self.shown || self.drawn.is_some_and(|at| at.elapsed() < REDRAW_EVERY) {
            return;
        }
        self.drawn = Some(Instant::now());
        let text = self.text(done, self.began.elapsed());
        // Nobody can be told if stderr is closed.
        let _ = write!(io::stderr().lock(), "\r\u{1b}[2K{text}");
    }

    /// Takes the line away.
    pub fn end(&mut self) {
        if self.drawn.take().is_some() {
            let _ = write!(io::stderr().lock(), "\r\u{1b}[2K");
        }
    }

    fn text(&self, done: u64, elapsed: Duration) -> String {
        let percent = done * 100 / self.total.max(1);
        let text = format!("{done} of {} {}, {percent} %", self.total, self.what);
        let now = done.saturating_sub(self.before);
        if now == 0 {
            return text;
        }
        let left = elapsed.as_secs_f64() / now as f64 * self.total.saturating_sub(done) as f64;
        format!("{text}, about {} left", roughly(left))
    }
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
        let text = progress.text(600, Duration::from_mins(1));
        assert_eq!(text, "600 of 1000 points, 60 %, about 4 min left");
        let text = progress.text(500, Duration::from_mins(1));
        assert_eq!(text, "500 of 1000 points, 50 %");
        assert_eq!(roughly(7_200.0), "2.0 h");
    }
}
