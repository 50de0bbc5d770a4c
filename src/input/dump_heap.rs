//! `!dumpheap -stat` of `WinDbg` with SOS, `dumpheap -stat` of `dotnet-dump`, with or without
//! `-type`, and `dotnet-gcdump report`: how many objects of each class a heap has.
//!
//! Several dumps may stand in one file or in several. A table that is asked for again, or a class
//! with another count, begins another dump: the heap of one does not change.

use super::code_page::CodePage;
use super::kind::is_dump_header;
use super::lines::Lines;
use super::snapshots::{LIMITS, SnapshotFile};
use super::{describe, utf16};
use crate::diagnose::dump::Dump;
use std::collections::BTreeMap;

/// The most dumps of all files together.
pub const MAX_DUMPS: usize = 10_000;

/// A table of at least so many classes is of the whole heap: what it does not list is not there.
const WHOLE: usize = 20;

/// What a class is counted as.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Role {
    Socket,
    Group,
    Connection,
}

const ROLES: [(&str, Role); 9] = [
    ("System.Net.Sockets.Socket", Role::Socket),
    ("System.Net.ConnectionGroup", Role::Group),
    ("System.Net.Connection", Role::Connection),
    // Mono.
    ("System.Net.WebConnectionGroup", Role::Group),
    ("System.Net.WebConnection", Role::Connection),
    // .NET 5 and later.
    ("System.Net.Http.HttpConnectionPool", Role::Group),
    ("System.Net.Http.HttpConnection", Role::Connection),
    ("System.Net.Http.Http2Connection", Role::Connection),
    ("System.Net.Http.Http3Connection", Role::Connection),
];

/// Dumps, and what there is to tell of their files.
#[derive(Debug)]
pub struct Dumps {
    /// In the order of the files and of their lines; at least one.
    pub dumps: Vec<Dump>,
    /// Notes.
    pub told: Vec<String>,
}

/// One heap while it is read.
#[derive(Default)]
struct Heap {
    /// The count of each class of ours, by name.
    counts: BTreeMap<&'static str, (Role, u64)>,
    /// The commands that were asked of it.
    asked: Vec<String>,
    is_whole: bool,
}

impl Heap {
    fn dump(&self) -> Option<Dump> {
        let sum = |role: Role| {
            let of_role = self.counts.values().filter(|it| it.0 == role);
            let counts: Vec<u64> = of_role.map(|it| it.1).collect();
            let none = self.is_whole.then_some(0);
            (!counts.is_empty()).then(|| counts.iter().sum()).or(none)
        };
        (!self.counts.is_empty()).then(|| Dump {
            sockets: sum(Role::Socket),
            groups: sum(Role::Group),
            connections: sum(Role::Connection),
        })
    }
}

/// Reads all files, in this order.
///
/// # Errors
/// A file cannot be read, or no file lists a class of .NET's networking.
pub fn read(files: Vec<SnapshotFile>) -> Result<Dumps, Vec<String>> {
    let mut dumps = Vec::new();
    let mut rows = 0;
    for file in files {
        let name = file.name.clone();
        let read = read_file(file, &mut rows);
        dumps.extend(read.map_err(|problem| vec![format!("{name} {problem}")])?);
        if dumps.len() > MAX_DUMPS {
            return Err(vec![format!("there are more than {MAX_DUMPS} dumps")]);
        }
    }
    if dumps.is_empty() {
        return Err(vec![
            format!(
                "no row of `!dumpheap -stat` is of `System.Net.Sockets.Socket`, \
                 `System.Net.ConnectionGroup` or `System.Net.Connection`: {rows} rows were read"
            ),
            "take the dump while the program has many ports, and list the heap with \
             `!dumpheap -stat`, or with `-type System.Net.` beside it"
                .into(),
        ]);
    }
    let plural = if dumps.len() == 1 { "" } else { "s" };
    let told = vec![format!(
        "note: {rows} classes read in {} dump{plural}; classes of other names are left out",
        dumps.len()
    )];
    Ok(Dumps { dumps, told })
}

fn read_file(file: SnapshotFile, rows: &mut u64) -> Result<Vec<Dump>, String> {
    let input = utf16::as_utf8(file.input).map_err(|error| describe(&error))?;
    let mut lines = Lines::bounded(input, LIMITS);
    let mut page = CodePage::default();
    let mut dumps = Vec::new();
    let mut heap = Heap::default();
    let mut of_table = 0;
    let mut bytes_first = false;
    while lines.advance().map_err(|error| describe(&error))? {
        let text = page.read(&lines.line, |_| true);
        let lower = text.to_ascii_lowercase();
        if let Some(at) = lower.find("dumpheap") {
            let asked = lower[at..].trim().to_owned();
            if heap.asked.contains(&asked) {
                dumps.extend(std::mem::take(&mut heap).dump());
            }
            heap.asked.push(asked);
            of_table = 0;
        } else if is_dump_header(&lower) {
            bytes_first = lower.contains("object");
            of_table = 0;
        } else if let Some((name, count)) = row(&text, bytes_first) {
            *rows += 1;
            of_table += 1;
            heap.is_whole |= of_table >= WHOLE;
            let Some((class, role)) = ROLES.iter().find(|(class, _)| *class == name) else {
                continue;
            };
            if heap.counts.get(class).is_some_and(|it| it.1 != count) {
                dumps.extend(std::mem::take(&mut heap).dump());
            }
            heap.counts.insert(class, (*role, count));
        }
    }
    dumps.extend(heap.dump());
    Ok(dumps)
}

/// The class and the count of a row: `00007ff8a1b2c3d4  4,980  478,080 System.Net.Sockets.Socket`,
/// or with the bytes first and no method table.
fn row(line: &str, bytes_first: bool) -> Option<(&str, u64)> {
    let number = |word: &str| -> Option<u64> {
        let is_digit = |c: char| c.is_ascii_digit();
        let digits: String = word.chars().filter(|c| is_digit(*c)).collect();
        let separators = ['.', ',', '\'', '\u{a0}', '\u{202f}'];
        let is_number = word.starts_with(is_digit)
            && word.chars().all(|c| is_digit(c) || separators.contains(&c));
        digits.parse().ok().filter(|_| is_number)
    };
    let mut words = line
        .split([' ', '\t', '\r'])
        .filter(|word| !word.is_empty());
    let first = words.next()?;
    let (count, name) = if bytes_first {
        number(first)?;
        (number(words.next()?)?, words.next()?)
    } else {
        let table = first.trim_start_matches("0x").replace('`', "");
        let is_table = table.len() >= 6 && table.chars().all(|c| c.is_ascii_hexdigit());
        let count = number(words.next()?).filter(|_| is_table)?;
        number(words.next()?)?;
        (count, words.next()?)
    };
    Some((name, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(texts: &[&str]) -> Result<Vec<Dump>, Vec<String>> {
        let file = |text: &&str| SnapshotFile {
            name: "dump".into(),
            input: Box::new(std::io::Cursor::new(text.as_bytes().to_vec())),
        };
        read(texts.iter().map(file).collect()).map(|it| it.dumps)
    }

    fn dump(sockets: u64, groups: u64, connections: u64) -> Dump {
        Dump {
            sockets: Some(sockets),
            groups: Some(groups),
            connections: Some(connections),
        }
    }

    fn typed(sockets: u64, groups: u64, connections: u64) -> String {
        let table = |class: &str, rows: &str, total: u64| {
            format!(
                "0:000> !dumpheap -type {class} -stat\ntotal {total} objects\nStatistics:\n      \
                 MT    Count TotalSize Class Name\n{rows}Total {total} objects\n"
            )
        };
        let row = |class: &str, count: u64| format!("6508f4d8 {count} 12 {class}\n");
        let (s, g, c) = (
            "System.Net.Sockets.Socket",
            "System.Net.ConnectionGroup",
            "System.Net.Connection",
        );
        // `-type` finds every class whose name begins so: the groups are there twice.
        let both = row(g, groups) + &row(c, connections);
        table(s, &row(s, sockets), sockets)
            + &table(g, &row(g, groups), groups)
            + &table(c, &both, groups + connections)
    }

    #[test]
    fn the_articles_three_tables_are_one_dump() {
        let one = typed(4_980, 4_975, 4_975);
        assert!(crate::input::is_dump(one.as_bytes()));
        assert_eq!(read_text(&[&one]), Ok(vec![dump(4_980, 4_975, 4_975)]));
        let (early, same) = (typed(980, 975, 975), typed(4_980, 4_975, 4_975));
        let all = Ok(vec![
            dump(980, 975, 975),
            dump(4_980, 4_975, 4_975),
            dump(4_980, 4_975, 4_975),
        ]);
        assert_eq!(read_text(&[&format!("{early}{one}{same}")]), all);
        assert_eq!(read_text(&[&early, &one, &same]), all);
    }

    #[test]
    fn a_whole_heap_says_what_is_not_there() {
        let mut text =
            String::from("> dumpheap -stat\nStatistics:\n  MT Count TotalSize Class Name\n");
        for number in 0..30 {
            text += &format!("7ff8a1b2c3{number:02}  1,024  24,576 App.Thing{number}\n");
        }
        text += "7ff8a1b2c3d4   4,980  478,080 System.Net.Sockets.Socket\n\
                 7ff8a1b2c3d5   9,999  478,080 System.Net.Sockets.SocketAsyncEventArgs\n\
                 Total 96,345 objects, 12,345,678 bytes\n";
        assert_eq!(read_text(&[&text]), Ok(vec![dump(4_980, 0, 0)]));
        let report = "   Object Bytes     Count  Type\n    131,096      12  \
                      System.Net.ConnectionGroup  [System.dll]\n";
        let found = read_text(&[report]).expect("a dump");
        assert_eq!(found[0].groups, Some(12));
        assert_eq!(found[0].sockets, None);
    }

    #[test]
    fn a_heap_without_networking_is_refused() {
        let text = "> dumpheap -stat\n MT Count TotalSize Class Name\n7ff8a1b2c3d4 1 2 App.Thing\n";
        let said = read_text(&[text]).expect_err("nothing to judge");
        assert!(said[0].contains("1 rows were read"), "{said:?}");
    }
}
