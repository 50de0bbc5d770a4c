//! Stub.
/// Stub.
#[derive(Debug)]
pub struct BuiltIn {
    /// Stub.
    pub name: &'static str,
    /// Stub.
    pub toml: &'static str,
    /// Stub.
    pub files: &'static [(&'static str, &'static str)],
}
/// Stub.
pub static BUILTIN: &[BuiltIn] = &[BuiltIn {
    name: "kb2551125",
    toml: "title = \"stub\"\n",
    files: &[],
}];
