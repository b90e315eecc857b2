//! Writes the large worlds into a folder, as world files: `cargo run --example worlds FOLDER`.

use std::path::PathBuf;

use sim::world::large::large;

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| std::io::Error::other("which folder?"))?;
    std::fs::create_dir_all(&folder)?;
    for (name, world) in large() {
        std::fs::write(folder.join(format!("{name}.json")), world.to_string())?;
    }
    Ok(())
}
