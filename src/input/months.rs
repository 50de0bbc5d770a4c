//! Months and halves of the day as other languages write them.

use super::calendar::month_of;

/// How the names of the months begin that do not begin as in English: German, French, Spanish,
/// Italian, Portuguese, Dutch, Swedish, Polish, Czech, Hungarian, Finnish, Turkish, Greek, Russian,
/// Ukrainian. Of several that fit the longest counts.
const MONTHS: [&[&str]; 12] = [
    &[
        "ene", "gen", "янв", "січ", "sty", "led", "oca", "ιαν", "tammi",
    ],
    &[
        "fév", "fev", "фев", "лют", "lut", "úno", "şub", "φεβ", "helmi",
    ],
    &[
        "mär", "mrz", "maa", "mrt", "мар", "бер", "bře", "μαρ", "μάρ",
    ],
    &[
        "avr", "abr", "апр", "кві", "kwi", "dub", "nis", "απρ", "ápr", "huhti",
    ],
    &[
        "mai", "mei", "mag", "maj", "máj", "мая", "май", "тра", "kvě", "μαΐ", "μάι", "touko",
    ],
    &[
        "juin", "giu", "июн", "чер", "cze", "červ", "haz", "ιουν", "ιούν", "jún", "kesä",
    ],
    &[
        "juil",
        "lug",
        "июл",
        "лип",
        "lip",
        "červenc",
        "červenec",
        "tem",
        "ιουλ",
        "ιούλ",
        "júl",
        "heinä",
    ],
    &[
        "aoû", "aou", "ago", "авг", "сер", "sie", "srp", "ağu", "αυγ", "αύγ", "elo",
    ],
    &[
        "set", "сен", "вер", "wrz", "zář", "eyl", "σεπ", "szep", "syys",
    ],
    &[
        "okt", "ott", "out", "окт", "жов", "paź", "říj", "eki", "οκτ", "loka",
    ],
    &["ноя", "лис", "lis", "kas", "νοε", "νοέ", "marras"],
    &[
        "dez", "déc", "dic", "дек", "гру", "gru", "prosin", "ara", "δεκ", "joulu",
    ],
];

/// The longest name of a month.
const LONGEST: usize = 13;

/// A month's number by its name or abbreviation, with or without a point.
pub(super) fn month_named(word: &str) -> Option<u64> {
    let word = word.trim_end_matches('.').to_lowercase();
    if word.chars().count() > LONGEST || word.chars().any(|c| !c.is_alphabetic()) {
        return None;
    }
    let longest = |names: &&[&str]| {
        let fitting = names.iter().filter(|name| word.starts_with(**name));
        fitting.map(|name| name.len()).max()
    };
    let local = MONTHS.iter().enumerate();
    let local = local.filter_map(|(index, names)| Some((longest(names)?, index as u64 + 1)));
    match local.max() {
        Some((_, month)) => Some(month),
        None => month_of(word.as_bytes()),
    }
}

/// Whether a word says that the hours are of the afternoon (true) or of the morning (false).
pub(super) fn half_of_day(word: &str) -> Option<bool> {
    const MORNING: [&str; 8] = ["am", "a", "上午", "午前", "오전", "πμ", "vorm", "dop"];
    const AFTERNOON: [&str; 8] = ["pm", "p", "下午", "午後", "오후", "μμ", "nachm", "odp"];
    let word: String = word.to_lowercase().chars().filter(|c| *c != '.').collect();
    let is = |words: &[&str]| words.contains(&word.as_str());
    is(&AFTERNOON)
        .then_some(true)
        .or(is(&MORNING).then_some(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_of_many_languages_are_known() {
        for (names, month) in [
            ("January janvier enero gennaio января styczeń ledna Ocak", 1),
            ("March März mrt. marzo mars maart марта březen", 3),
            ("June juin giugno июня czerwca června Haziran", 6),
            ("July juillet luglio июля lipca července Temmuz", 7),
            ("October Okt. octobre ottobre outubro октября říjen", 10),
            (
                "Nov. novembre noviembre листопада listopada marraskuuta",
                11,
            ),
            ("December Dez déc. diciembre декабря grudnia Aralık", 12),
        ] {
            for name in names.split(' ') {
                assert_eq!(month_named(name), Some(month), "{name}");
            }
        }
        for word in ["", "sab", "14:00", "Freitag", "x11", "подключения"] {
            assert_eq!(month_named(word), None, "{word}");
        }
    }
}
