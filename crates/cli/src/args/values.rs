//! Values that several commands take.

use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// One array
    Json,
    /// One object per line
    Jsonl,
    /// One row per line, all attributes
    Csv,
}

pub(super) fn parse_tag(text: &str) -> Result<(String, String), String> {
    api::parameters::key_and_value(text).ok_or_else(|| "expected KEY=VALUE".to_owned())
}
