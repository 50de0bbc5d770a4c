//! How often something was seen in a file, and where first.

/// What a request is found on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Unit {
    #[default]
    Line,
    Entry,
}

impl Unit {
    /// The word for one.
    pub(crate) const fn one(self) -> &'static str {
        match self {
            Unit::Line => "line",
            Unit::Entry => "entry",
        }
    }

    /// `1 line`, `3 entries`.
    pub(crate) fn counted(self, count: u64) -> String {
        match (self, count) {
            (_, 1) => format!("1 {}", self.one()),
            (Unit::Line, _) => format!("{count} lines"),
            (Unit::Entry, _) => format!("{count} entries"),
        }
    }
}

/// How often something was seen, and where first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) count: u64,
    pub(crate) first: u64,
}

impl Seen {
    /// It was seen once, on this line.
    pub(crate) fn seen_at(&mut self, line: u64) {
        self.add(1, line);
    }

    /// It was seen so often, on this line first.
    pub(crate) fn add(&mut self, count: u64, first: u64) {
        let is_first = self.count == 0;
        self.first = if is_first {
            first
        } else {
            self.first.min(first)
        };
        self.count += count;
    }

    /// `3 lines WHAT (first: line 12)`.
    pub(crate) fn note(self, unit: Unit, what: &str) -> Option<String> {
        let Seen { count, first } = self;
        let one = unit.one();
        (count > 0).then(|| format!("{} {what} (first: {one} {first})", unit.counted(count)))
    }
}
