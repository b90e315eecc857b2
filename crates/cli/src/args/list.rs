//! What every list takes.

use clap::Args as ClapArgs;

use super::values::Format;

const HEADING: &str = "Output";

/// How a list is shown.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct ListArgs {
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = HEADING)]
    pub(crate) output: Format,
    /// Only these columns, in this order, by their titles or attributes, as in host-name,instanceId
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = HEADING)]
    pub(crate) columns: Vec<String>,
    /// In the order of this column; with `-` before it the other way round
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true, help_heading = HEADING)]
    pub(crate) sort: Option<String>,
    /// At most so many
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..),
        help_heading = HEADING
    )]
    pub(crate) limit: Option<u32>,
    /// Without the line of titles
    #[arg(long, help_heading = HEADING)]
    pub(crate) no_header: bool,
}
