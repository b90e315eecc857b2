//! The `drs-inventory` that is measured: the release build beside this program.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// Finds it, or builds it: `cargo run --bin bench` alone does not.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    ensure!(!cfg!(debug_assertions), "times of a debug build mean nothing; use --release");
    let own = std::env::current_exe().context("cannot find this program's own folder")?;
    let program = own.with_file_name(format!("drs-inventory{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        build()?;
    }
    ensure!(program.exists(), "{} is not there after the build", program.display());
    Ok(program)
}

/// The whole workspace: one package alone selects other features and compiles the SDKs again.
fn build() -> anyhow::Result<()> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let status = Command::new("cargo")
        .args(["build", "--release", "--workspace", "--bins", "--manifest-path"])
        .arg(manifest)
        .status()
        .context("cannot run cargo to build drs-inventory")?;
    ensure!(status.success(), "drs-inventory does not build");
    Ok(())
}
