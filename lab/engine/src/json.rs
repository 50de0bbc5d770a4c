//! JSON written without the standard library.

use alloc::format;
use alloc::string::String;

/// An object or array in the making: values are put behind each other.
pub(crate) struct Json {
    text: String,
    close: char,
}

impl Json {
    /// An object.
    pub(crate) fn object() -> Json {
        Json {
            text: "{".into(),
            close: '}',
        }
    }

    /// An array.
    pub(crate) fn array() -> Json {
        Json {
            text: "[".into(),
            close: ']',
        }
    }

    /// The array of these values, each JSON already.
    pub(crate) fn array_of(values: impl IntoIterator<Item = String>) -> String {
        let mut array = Json::array();
        for value in values {
            array.value(&value);
        }
        array.done()
    }

    /// Adds a value of an array, JSON already.
    pub(crate) fn value(&mut self, json: &str) -> &mut Json {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        self.text.push_str(json);
        self
    }

    /// Adds a member of an object whose value is JSON already.
    pub(crate) fn member(&mut self, key: &str, json: &str) -> &mut Json {
        let member = format!("{}:{json}", quoted(key));
        self.value(&member)
    }

    /// Adds a member of an object whose value is a text.
    pub(crate) fn text(&mut self, key: &str, text: &str) -> &mut Json {
        self.member(key, &quoted(text))
    }

    /// Adds a member of an object whose value is a number; what is no number is `null`.
    pub(crate) fn number(&mut self, key: &str, number: impl Into<f64>) -> &mut Json {
        let number = number.into();
        let json = if number.is_finite() {
            format!("{number}")
        } else {
            "null".into()
        };
        self.member(key, &json)
    }

    /// The whole.
    pub(crate) fn done(mut self) -> String {
        self.text.push(self.close);
        self.text
    }
}

/// A text as JSON has it.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c < ' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
