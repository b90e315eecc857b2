//! `drs-inventory`: the inventory sync on a laptop.
//!
//! - [`args`]: what was typed.
//! - [`settings`]: what stands in the settings file.
//! - [`setup`]: what every command starts from, decided from both and the environment.
//! - [`store`]: the store that `--store` names.
//! - [`commands`]: one file per command.
//! - [`render`]: one file per format; progress on stderr.
//! - [`serve`]: the page on this machine, and who may come in.
//! - [`exit`]: what the exit codes mean.
//! - [`signals`]: what ends a command before it is done.
//! - [`text`]: text from AWS, made safe to show.

mod args;
mod commands;
mod exit;
mod render;
mod serve;
mod settings;
mod setup;
mod signals;
mod store;
mod text;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use inventory::logging::{LogFormat, start_logging};

use ::store::QueryError;
use args::{Args, Command};
use setup::Setup;

/// Threads that wait for the embedded store, which writes one at a time, or for a name server. Each
/// keeps memory of its own: with tokio's 512 they were a third of that of a large sync.
const BLOCKING_THREADS: usize = 3;

fn main() -> ExitCode {
    let args = Args::of_process();
    // Failures are in the summary; the log is for whoever asks for it with `RUST_LOG`.
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    start_logging(LogFormat::Lines { colour }, "error");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(run(args));
            // A write that waits for its turn must not keep a command that a signal ended; what it
            // leaves is whole, as after a kill.
            runtime.shutdown_background();
            result
        }
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let message = text::one_line(&(with_causes(&error) + what_to_do(&error)));
            // Where stderr is closed, too, the code alone must do.
            let _ = writeln!(std::io::stderr(), "error: {message}");
            ExitCode::from(exit::FAILED)
        }
    }
}

async fn run(args: Args) -> anyhow::Result<u8> {
    let Args { globals, command } = args;
    // Only for those that look at the user's own set-up.
    let setup = || Setup::of(&globals);
    match command {
        Command::Demo(demo) => commands::demo::run(globals.store.as_deref(), &demo).await,
        Command::Serve(serve) => commands::serve::run(&setup()?, &serve).await,
        Command::Sync(sync) => commands::sync::run(&setup()?, &sync).await,
        Command::Accounts(accounts) => commands::accounts::run(&setup()?, accounts).await,
        Command::Check(check) => commands::check::run(&setup()?, check).await,
        Command::Status(status) => commands::status::run(&setup()?, status).await,
        Command::Servers(servers) => commands::servers::run(&setup()?, servers).await,
        Command::Server(server) => commands::server::run(&setup()?, server).await,
        Command::Changes(changes) => commands::changes::run(&setup()?, changes).await,
        Command::Diff(diff) => commands::diff::run(&setup()?, diff).await,
        Command::Report(report) => commands::report::run(&setup()?, report).await,
        Command::Regions(regions) => commands::regions::run(&setup()?, regions).await,
        Command::Removals(removals) => commands::removals::run(&setup()?, removals).await,
        Command::Unprotected(asked) => commands::unprotected::run(&setup()?, asked).await,
        Command::Sim(sim) => commands::sim::run(sim).await,
        Command::Compare(compare) => commands::compare::run(compare).await,
        Command::Tables(tables) => commands::tables::run(&setup()?, &tables).await,
        Command::Settings(asked) => commands::settings::run(&setup()?, &asked),
        Command::Completions(asked) => commands::completions::run(&asked),
        Command::Man(asked) => commands::man::run(&asked),
    }
}

/// A command that reads makes no tables.
fn what_to_do(error: &anyhow::Error) -> &'static str {
    let code = error.downcast_ref::<QueryError>().map(|error| error.source.code());
    match code {
        Some("ResourceNotFoundException") => {
            "; `drs-inventory tables create` makes the tables that are missing"
        }
        _ => "",
    }
}

/// The error and its causes, each said once: an error of the library has its cause in its text.
fn with_causes(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| {
        match (text.is_empty(), text.contains(&cause)) {
            (true, _) => cause,
            (false, true) => text,
            (false, false) => format!("{text}: {cause}"),
        }
    })
}
