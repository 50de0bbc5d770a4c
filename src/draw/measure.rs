//! How wide a text will be, without a font: advances of Noto Sans, the font of our PNGs.
//!
//! Browsers show Segoe UI, Helvetica or Arial, which are narrower, so what fits here fits there.

use crate::words::plain;
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};
use std::sync::OnceLock;

/// Thousandths of the font size, for `' '` to `'~'`.
#[rustfmt::skip]
const REGULAR: [u16; 95] = [
    260, 269, 408, 646, 572, 831, 732, 225, 300, 300, 551, 572, 268, 322, 268, 372, 572, 572, 572,
    572, 572, 572, 572, 572, 572, 572, 268, 268, 572, 572, 572, 434, 899, 639, 650, 632, 730, 556,
    519, 728, 741, 339, 273, 619, 524, 907, 760, 781, 605, 781, 622, 549, 556, 731, 600, 930, 586,
    566, 572, 329, 372, 329, 572, 444, 580, 561, 615, 480, 615, 564, 344, 615, 618, 258, 258, 534,
    258, 935, 618, 605, 615, 615, 413, 479, 361, 618, 508, 786, 529, 510, 470, 380, 551, 380, 572,
];
/// Bold is at most this much wider.
const BOLD_FACTOR: f64 = 1.09;
/// Width of a sign outside the table, and of a letter that the font does not have: a wide one
/// (CJK) takes the whole size.
const OTHER: u16 = 700;
const WIDE: u16 = 1000;

/// The width of `text` at font size `size`, in the unit of `size`.
pub(crate) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let thousandths: u32 = text.chars().map(|c| u32::from(advance(c))).sum();
    let factor = if bold { BOLD_FACTOR } else { 1.0 };
    f64::from(thousandths) / 1000.0 * size * factor
}

fn advance(c: char) -> u16 {
    match c {
        ' '..='~' => REGULAR[c as usize - ' ' as usize],
        _ if c.is_alphabetic() => in_font(c).unwrap_or_else(|| advance_of_other(c)),
        _ => advance_of_other(c),
    }
}

const fn advance_of_other(c: char) -> u16 {
    match c {
        '\u{1100}'.. => WIDE,
        _ => OTHER,
    }
}

/// The advance of a letter in the font of our PNGs; `None` where it has none.
fn in_font(c: char) -> Option<u16> {
    static TABLES: OnceLock<Option<(Charmap<'static>, GlyphMetrics<'static>)>> = OnceLock::new();
    let tables = || {
        let font = FontRef::new(notosans::REGULAR_TTF).ok()?;
        let size = Size::new(1_000.0);
        Some((
            font.charmap(),
            font.glyph_metrics(size, LocationRef::default()),
        ))
    };
    let (letters, metrics) = TABLES.get_or_init(tables).as_ref()?;
    let advance = metrics.advance_width(letters.map(c)?)?;
    Some(advance.round() as u16)
}

/// `text` in lines of at most `most` wide, broken at spaces, inside a word only where the word
/// alone is too long; at most `lines` of them, the last ending in `…` if something is left out.
pub(crate) fn wrap(text: &str, size: f64, bold: bool, most: f64, lines: usize) -> Vec<String> {
    let fits = |line: &str| width(line, size, bold) <= most;
    let mut result: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in &words(text) {
        let joined = if line.is_empty() {
            word.clone()
        } else {
            format!("{line} {word}")
        };
        if fits(&joined) {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            result.push(core::mem::take(&mut line));
        }
        for c in word.chars() {
            line.push(c);
            if !fits(&line) && line.chars().count() > 1 {
                line.pop();
                result.push(core::mem::take(&mut line));
                line.push(c);
            }
            // Enough to know that something is left out: a title may be a megabyte.
            if result.len() > lines {
                break;
            }
        }
        if result.len() > lines {
            break;
        }
    }
    if !line.is_empty() {
        result.push(line);
    }
    if result.len() > lines {
        result.truncate(lines);
        if let Some(last) = result.last_mut() {
            while width(last, size, bold) + width("…", size, bold) > most && last.pop().is_some()
            {
            }
            last.truncate(last.trim_end().len());
            last.push('…');
        }
    }
    result
}

/// What stays on one line: words between spaces, and a number with its unit: `1 min 38 s`.
fn words(text: &str) -> Vec<String> {
    const UNITS: [&str; 7] = ["d", "h", "min", "s", "ms", "µs", "%"];
    const CLOSING: [char; 5] = [',', '.', ';', ')', ':'];
    let is_number = |word: &str| word.ends_with(|c: char| c.is_ascii_digit());
    let is_unit = |word: &str| UNITS.contains(&word.trim_end_matches(CLOSING));
    let mut all: Vec<String> = Vec::new();
    let mut last = "";
    for word in text.split(plain::is_space).filter(|it| !it.is_empty()) {
        let stays = is_number(last) && is_unit(word)
            || UNITS.contains(&last) && is_number(word) && all.len() > 1;
        match all.last_mut() {
            Some(before) if stays => *before += &format!(" {word}"),
            _ => all.push(word.into()),
        }
        last = word;
    }
    all
}

/// As [`wrap`], in lines of about the same length: no last line of a single word.
pub(crate) fn balanced(text: &str, size: f64, bold: bool, most: f64, lines: usize) -> Vec<String> {
    let mut best = wrap(text, size, bold, most, lines);
    let is_whole = |lines: &[String]| !lines.last().is_some_and(|it| it.ends_with('…'));
    let mut narrower = most;
    while best.len() > 1 && is_whole(&best) && narrower > most / 2.0 {
        narrower -= most / 24.0;
        let tried = wrap(text, size, bold, narrower, lines);
        if tried.len() != best.len() || !is_whole(&tried) {
            break;
        }
        best = tried;
    }
    best
}

/// What of `text` one line of `most` holds, ending in `…` if something is left out.
pub(crate) fn fitted(text: &str, size: f64, bold: bool, most: f64) -> String {
    let lines = wrap(text, size, bold, most, 1);
    lines.into_iter().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_font_s() {
        for c in ' '..='~' {
            assert_eq!(in_font(c), Some(advance(c)), "{c}");
        }
        assert_eq!(advance('Ж'), in_font('Ж').expect("Cyrillic"));
        assert!(advance('Щ') > OTHER && advance('ı') < 300);
        assert_eq!((advance('漢'), advance('א')), (WIDE, OTHER), "not in it");
    }

    #[test]
    fn lines_break_at_spaces_and_end_in_an_ellipsis() {
        let wrapped = |text, lines| wrap(text, 10.0, false, 60.0, lines);
        assert_eq!(wrapped("ports run out", 3), ["ports run", "out"]);
        assert_eq!(wrapped("ports run out again", 1), ["ports run…"]);
        assert_eq!(wrapped("aaaaaaaaaaaaaaaa", 2), ["aaaaaaaaaa", "aaaaaa"]);
        assert_eq!(
            wrapped("out after 1 min 38 s", 3),
            ["out after", "1 min 38 s"]
        );
        let balanced = |text| balanced(text, 10.0, false, 85.0, 2);
        assert_eq!(
            balanced("ports by program and state"),
            ["ports by program", "and state"]
        );
        assert!(wrapped("", 2).is_empty());
        let monster = "x".repeat(1_000_000);
        assert_eq!(wrapped(&monster, 2).len(), 2);
    }
}
