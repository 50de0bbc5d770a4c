//! JSON values as YAML, as people who read manifests expect it.

use serde_json::Value;
use std::fmt::Write as _;

/// A document in block style; texts are quoted as JSON, which YAML reads as it is.
pub(super) fn yaml(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text
}

fn block(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let _ = write!(text, "{indent}{key}:");
                nested(inner, depth + 1, text);
            }
        }
        Value::Array(items) => {
            for item in items {
                if is_nested(item) {
                    // The first key stands beside the dash, the others below it.
                    let mut inner = String::new();
                    block(item, depth + 1, &mut inner);
                    let start = "  ".repeat(depth + 1);
                    let inner = inner.strip_prefix(&start).unwrap_or(&inner);
                    let _ = write!(text, "{indent}- {inner}");
                } else {
                    let _ = writeln!(text, "{indent}- {item}");
                }
            }
        }
        scalar => {
            let _ = writeln!(text, "{indent}{scalar}");
        }
    }
}

fn nested(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::String(lines) if is_literal(lines) => {
            let indent = "  ".repeat(depth);
            text.push_str(" |\n");
            for line in lines.lines() {
                let shown = if line.is_empty() {
                    String::new()
                } else {
                    format!("{indent}{line}")
                };
                let _ = writeln!(text, "{shown}");
            }
        }
        value if is_nested(value) => {
            text.push('\n');
            block(value, depth, text);
        }
        scalar => {
            let _ = writeln!(text, " {scalar}");
        }
    }
}

/// Whether a text can be a literal block: several lines, the first not indented, ending in one
/// line feed, nothing that a literal block would change.
fn is_literal(text: &str) -> bool {
    let plain = |c: char| c == '\n' || c == '\t' || !c.is_control();
    text.contains('\n')
        && text.ends_with('\n')
        && !text.ends_with("\n\n")
        && !text.starts_with([' ', '\t', '\n'])
        && text.chars().all(plain)
        && !text.contains('\u{feff}')
}

fn is_nested(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_are_blocks() {
        let value = json!({
            "a": 1,
            "b": { "c": ["x", "y: #"], "d": [{ "e": true, "f": { "g": "h" } }, { "e": false }] },
            "t": "one\n\ntwo\n",
            "u": " odd\n",
        });
        let expected = [
            "a: 1",
            "b:",
            "  c:",
            "    - \"x\"",
            "    - \"y: #\"",
            "  d:",
            "    - e: true",
            "      f:",
            "        g: \"h\"",
            "    - e: false",
            "t: |",
            "  one",
            "",
            "  two",
            "u: \" odd\\n\"",
            "",
        ];
        assert_eq!(yaml(&value), expected.join("\n"));
    }
}
