//! Text in the code page of a language, as Windows writes it where it does not write Unicode.

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, IBM866, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252,
    WINDOWS_1253, WINDOWS_1254,
};
use std::borrow::Cow;

/// The code pages that are tried, those of several bytes a character first: they refuse most
/// texts of another.
const PAGES: [&Encoding; 10] = [
    SHIFT_JIS,
    GBK,
    BIG5,
    EUC_KR,
    WINDOWS_1252,
    WINDOWS_1251,
    IBM866,
    WINDOWS_1250,
    WINDOWS_1253,
    WINDOWS_1254,
];

/// The code page of one file: the first in which one of its lines made sense.
#[derive(Debug, Default)]
pub(super) struct CodePage {
    page: Option<&'static Encoding>,
}

impl CodePage {
    /// A line as text. One that is not UTF-8 is read in the code page in which it `fits`; until one
    /// was found, in that of Western Europe.
    pub(super) fn read<'l>(&mut self, line: &'l [u8], fits: impl Fn(&str) -> bool) -> Cow<'l, str> {
        if let Ok(text) = std::str::from_utf8(line) {
            return Cow::Borrowed(text);
        }
        let decoded = |page: &'static Encoding| {
            let text = page.decode_without_bom_handling_and_without_replacement(line);
            text.map(|text| (page, text))
        };
        // What makes sense without its foreign letters needs no page.
        if self.page.is_none() && !fits(&String::from_utf8_lossy(line)) {
            let mut texts = PAGES.into_iter().filter_map(decoded);
            self.page = texts.find(|(_, text)| fits(text)).map(|(page, _)| page);
        }
        let page = self.page.unwrap_or(WINDOWS_1252);
        page.decode_without_bom_handling(line).0
    }

    /// The name of the code page, where one was needed.
    pub(super) fn name(&self) -> Option<&'static str> {
        self.page.map(Encoding::name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_in_the_page_in_which_it_makes_sense() {
        for (page, text) in [
            (GBK, "2026/11/28 周六 12:00:00.00"),
            (SHIFT_JIS, "2026/11/28 土 12:00:00.00"),
            (EUC_KR, "2026-11-28 토 12:00:00.00"),
            (WINDOWS_1251, "Сб 28 ноя 2026 12:00:00"),
            (WINDOWS_1252, "sáb 28 nov 2026 12:00:00"),
        ] {
            let (bytes, _, lost) = page.encode(text);
            assert!(!lost, "{text}");
            let mut found = CodePage::default();
            let seen = found.read(&bytes, |it| it == text);
            assert_eq!((seen.as_ref(), found.name()), (text, Some(page.name())));
            assert_eq!(found.read(b"plain", |_| false), "plain");
        }
        let mut none = CodePage::default();
        assert_eq!(none.read(b"caf\xe9", |_| false), "caf\u{e9}");
        assert_eq!(none.name(), None);
    }
}
