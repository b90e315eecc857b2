//! Values that several commands take.

use clap::ValueEnum;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// For people: a table as GitHub shows it
    Markdown,
    /// One array
    Json,
    /// One object per line
    Jsonl,
    /// One row per line, all attributes
    Csv,
}

impl Format {
    /// Whether people read it: they get columns and words in place of all attributes.
    pub(crate) fn is_for_people(self) -> bool {
        match self {
            Self::Table | Self::Markdown => true,
            Self::Json | Self::Jsonl | Self::Csv => false,
        }
    }
}

pub(super) fn parse_tag(text: &str) -> Result<(String, String), String> {
    api::parameters::key_and_value(text).ok_or_else(|| "expected KEY=VALUE".to_owned())
}
