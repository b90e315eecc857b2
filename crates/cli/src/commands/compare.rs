//! `compare`: the legacy and the refactored sync side by side.

use ::comparison::{compare, render};
use ::sim::World;
use ::sim::world::Latency;
use serde_json::Value;

use crate::args::{CompareArgs, CompareOutput};
use crate::exit;
use crate::render::print;

/// Fails where a difference has no reason: one of the two implementations is wrong then.
pub(crate) async fn run(args: CompareArgs) -> anyhow::Result<u8> {
    let mut unexplained = 0;
    let mut all = Vec::new();
    let mut measured = Vec::new();
    for file in &args.world {
        let mut world = World::from_file(file)?;
        if let Some(ms) = args.latency {
            world.latency_ms = Latency { drs: ms, ec2: ms, sts: ms };
        }
        let comparison = compare(&world, &[]).await?;
        unexplained += comparison.unexplained().count();
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let line = render::line(&name, &comparison);
        match args.output {
            CompareOutput::Table => print(&format!("{}{line}\n", render::table(&comparison)))?,
            CompareOutput::Line => print(&format!("{line}\n"))?,
            CompareOutput::Markdown => measured.push((name.into_owned(), comparison)),
            CompareOutput::Json => {
                let mut json = render::as_json(&comparison);
                json["world"] = name.into();
                all.push(json);
            }
        }
    }
    match args.output {
        CompareOutput::Json => print(&format!("{:#}\n", Value::Array(all)))?,
        CompareOutput::Markdown => print(&render::markdown(&measured))?,
        CompareOutput::Table | CompareOutput::Line => {}
    }
    Ok(if unexplained == 0 { exit::OK } else { exit::FAILED })
}
