//! The known name that a misspelt one is most like: for "did you mean".

use alloc::vec::Vec;
use core::mem;

/// Longer texts are not names, and comparing them costs the product of the lengths.
const LONGEST_NAME: usize = 64;

/// The name most like `wrong`, if any is like it at all; the first of equals.
///
/// A third of the longer name may be wrong, and one letter always.
pub fn closest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if wrong.len() > LONGEST_NAME {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        let distance = distance(wrong, name);
        let tolerated = (wrong.len().max(name.len()) / 3).max(1);
        if distance <= tolerated && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// How many letters to insert, delete, replace or swap with their neighbour make `a` into `b`
/// (the restricted Damerau distance: no letter is touched twice).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    // Rows of the table: of `a` without its last two letters, without its last, and of `a`.
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (row, letter) in a.chars().enumerate() {
        let mut current = Vec::with_capacity(last.len());
        current.push(row + 1);
        for column in 0..b.len() {
            let replaced = last[column] + usize::from(letter != b[column]);
            let mut least = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            if column > 0 && previous == Some(b[column]) && letter == b[column - 1] {
                least = least.min(before_last[column - 1] + 1);
            }
            current.push(least);
        }
        before_last = mem::replace(&mut last, current);
        previous = Some(letter);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_inserted_deleted_replaced_and_swapped_count_one_each() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "net", 3),
            ("net", "", 3),
            ("seed", "seed", 0),
            ("sede", "seed", 1),
            ("exponental", "exponential", 1),
            ("net41", "net40", 1),
            ("kitten", "sitting", 3),
            ("abcd", "badc", 2),
            ("größe", "grösse", 2),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn the_first_of_the_nearest_is_meant_if_it_is_near_enough() {
        let names = ["ports", "parts", "port-reuse"];
        assert_eq!(closest("prots", names), Some("ports"));
        assert_eq!(closest("pxrts", names), Some("ports"));
        assert_eq!(closest("servers", names), None);
        assert_eq!(closest(&"p".repeat(65), ["p"]), None);
    }
}
