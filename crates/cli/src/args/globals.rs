//! What every command takes.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Arg, ArgMatches, Args as ClapArgs, Command};

/// The word that stands for DynamoDB in place of a path.
pub(crate) const DYNAMODB: &str = "dynamodb";

const HEADING: &str = "Global options";
/// The id of the hub's `--region`. Four commands have a filter of the same name.
const HUB_REGION: &str = "hub_region";

#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Globals {
    /// A file of the embedded store, or `dynamodb` [default: a file in the user's data directory]
    #[arg(long, global = true, value_name = "PATH|dynamodb", help_heading = HEADING)]
    pub(crate) store: Option<String>,
    /// The AWS profile of the hub; wins over AWS_PROFILE and over keys in the environment
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        help_heading = HEADING,
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(crate) profile: Option<String>,
    /// The hub's region; see [`with_hub_region`].
    #[arg(skip)]
    pub(crate) region: Option<String>,
    /// The settings file [default: DRS_INVENTORY_SETTINGS, else drs-inventory.toml in the user's
    /// configuration directory]
    #[arg(long, global = true, value_name = "FILE", help_heading = HEADING)]
    pub(crate) settings: Option<PathBuf>,
}

/// `command` and its subcommands with the hub's `--region`, where they have no filter of that name. Such a
/// command takes it before its own name.
pub(super) fn with_hub_region(command: Command) -> Command {
    let is_taken = command.get_arguments().any(|arg| arg.get_long() == Some("region"));
    let command = if is_taken { command } else { command.arg(hub_region_arg()) };
    command.mut_subcommands(with_hub_region)
}

fn hub_region_arg() -> Arg {
    Arg::new(HUB_REGION)
        .long("region")
        .value_name("REGION")
        .help_heading(HEADING)
        .help("The AWS region of the hub; wins over AWS_REGION. Goes before a command that filters by region")
        .value_parser(parse_region)
}

/// The hub's region, before the command or after it; the later one counts.
pub(super) fn hub_region(matches: &ArgMatches) -> Option<String> {
    let deeper = matches.subcommand().and_then(|(_, matches)| hub_region(matches));
    deeper.or_else(|| matches.try_get_one::<String>(HUB_REGION).ok().flatten().cloned())
}

fn parse_region(text: &str) -> Result<String, String> {
    match model::region::is_region(text) {
        true => Ok(text.to_owned()),
        false => Err("expected a region, as in us-east-1".to_owned()),
    }
}
