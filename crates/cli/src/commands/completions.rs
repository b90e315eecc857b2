//! `completions`: what a shell completes.

use crate::args::{CompletionsArgs, command};
use crate::exit;
use crate::render::print;

pub(crate) fn run(asked: &CompletionsArgs) -> anyhow::Result<u8> {
    let mut command = command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(asked.shell, &mut command, name, &mut script);
    print(&String::from_utf8(script)?)?;
    Ok(exit::OK)
}
