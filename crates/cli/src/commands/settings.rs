//! `settings`: what each setting is, and who says so.

use store::{Item, string};

use crate::args::SettingsArgs;
use crate::exit;
use crate::render::listing::Listing;
use crate::render::note;
use crate::settings::{KNOWN, users_own};
use crate::setup::{Origin, Setup};

const COLUMNS: [(&str, &str); 3] = [("setting", "setting"), ("value", "value"), ("from", "from")];
/// A secret, which no file holds.
const EXTERNAL_ID: &str = "default_external_id";
const NOT_SHOWN: &str = "(not shown)";

pub(crate) fn run(setup: &Setup, asked: &SettingsArgs) -> anyhow::Result<u8> {
    let known = KNOWN.iter().map(|known| (known.key, known.default));
    let rows =
        known.chain([(EXTERNAL_ID, NOT_SHOWN)]).map(|(key, default)| row(setup, key, default));
    Listing::of(&COLUMNS).show(rows.collect(), &asked.list)?;
    note(&match (&setup.file, users_own()) {
        (Some(file), _) => format!("settings file: {}", file.path.display()),
        (None, Some(path)) => {
            format!("no settings file is read; yours would be {}", path.display())
        }
        (None, None) => "no settings file is read; there is no home directory".to_owned(),
    });
    Ok(exit::OK)
}

fn row(setup: &Setup, key: &str, default: &str) -> Item {
    let (value, from) = match setup.decided(key) {
        Some((_, origin)) if key == EXTERNAL_ID => (NOT_SHOWN.to_owned(), in_words(origin)),
        Some((value, origin)) => (value, in_words(origin)),
        None => (default.to_owned(), "default"),
    };
    let texts = [("setting", key), ("value", &value), ("from", from)];
    texts.into_iter().map(|(name, text)| (name.to_owned(), string(text))).collect()
}

fn in_words(origin: Origin) -> &'static str {
    match origin {
        Origin::Argument => "argument",
        Origin::Environment => "environment",
        Origin::File => "settings file",
    }
}
