//! `man`: manual pages, made from what can be typed.

use std::path::Path;

use anyhow::Context;
use clap::Command;
use clap_mangen::Man;

use crate::args::{ManArgs, command};
use crate::exit;
use crate::render::{note, print};

pub(crate) fn run(asked: &ManArgs) -> anyhow::Result<u8> {
    match &asked.out {
        Some(directory) => {
            let written =
                std::fs::create_dir_all(directory).and_then(|()| write(&whole(), directory));
            written.with_context(|| format!("cannot write pages to {}", directory.display()))?;
            note(&format!("to read them: man -l {}", directory.join("drs-inventory.1").display()));
        }
        None => {
            let mut text = Vec::new();
            page(&find(&asked.command)?).render(&mut text)?;
            print(&String::from_utf8(text)?)?;
        }
    }
    Ok(exit::OK)
}

/// Every command with its whole name.
fn whole() -> Command {
    let mut command = command().disable_help_subcommand(true);
    command.build();
    command
}

fn page(command: &Command) -> Man {
    Man::new(command.clone()).source(concat!("drs-inventory ", env!("CARGO_PKG_VERSION")))
}

/// The pages of a command and of those below it.
fn write(command: &Command, directory: &Path) -> std::io::Result<()> {
    page(command).generate_to(directory)?;
    command.get_subcommands().try_for_each(|command| write(command, directory))
}

/// The command of these names.
fn find(names: &[String]) -> anyhow::Result<Command> {
    let mut found = whole();
    for name in names {
        let known: Vec<&str> = found.get_subcommands().map(Command::get_name).collect();
        let Some(next) = found.find_subcommand(name) else {
            let known = known.join(", ");
            anyhow::bail!("man {}: {name} is no command; expected one of {known}", names.join(" "))
        };
        found = next.clone();
    }
    Ok(found)
}
