//! The values of a resolved scenario as TOML writes them.

use crate::units::SimSpan;
use alloc::string::String;

/// A time in quotes.
pub(super) fn span(span: SimSpan) -> String {
    format!("\"{span}\"")
}

/// A TOML basic string.
pub(super) fn text(content: &str) -> String {
    let mut quoted = String::from("\"");
    for character in content.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => quoted.extend(format!("\\u{:04X}", c as u32).chars()),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A TOML key, quoted where it must be.
pub(super) fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(is_bare) {
        return name.into();
    }
    text(name)
}
