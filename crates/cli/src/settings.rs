//! `drs-inventory.toml`: settings beside the environment, under the same names in lower case.
//!
//! It is looked for in the user's own configuration directory. Never in the working directory, unless it
//! is named: a file in a folder that somebody else can write to must not send a sync elsewhere.

mod known;
mod parse;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use inventory::switch::Implementation;
use model::environment::{ConfigError, Environment};
use sync::Settings;

pub(crate) use known::KNOWN;

use crate::args::DYNAMODB;

/// Names the file where no argument does; empty: no file is read.
const VARIABLE: &str = "DRS_INVENTORY_SETTINGS";
const NAME: &str = "drs-inventory.toml";
/// Bytes. There are 40 settings.
const LONGEST: u64 = 64 * 1024;

/// A settings file that says nothing wrong.
#[derive(Debug)]
pub(crate) struct SettingsFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    values: BTreeMap<&'static str, Value>,
}

/// The value of a setting, as an environment variable would hold it, and its line in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Value {
    text: String,
    line: usize,
}

impl SettingsFile {
    /// The file that `named` names, else the one of the environment, else the user's own where there is
    /// one.
    ///
    /// # Errors
    /// What is wrong with it: file, line, key, what was expected and what to do.
    pub(crate) fn find(named: Option<&Path>) -> anyhow::Result<Option<Self>> {
        let variable = std::env::var_os(VARIABLE).map(PathBuf::from);
        match named.map(Path::to_owned).or(variable) {
            Some(path) if path.as_os_str().is_empty() => Ok(None),
            Some(path) => Self::read(&path).map(Some),
            None => match users_own().filter(|path| path.exists()) {
                Some(path) => Self::read(&path).map(Some),
                None => Ok(None),
            },
        }
    }

    fn read(path: &Path) -> anyhow::Result<Self> {
        let mut text = String::new();
        let file = std::fs::File::open(path);
        let read = file.and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
        read.with_context(|| format!("cannot read the settings file {}", path.display()))?;
        if text.len() as u64 > LONGEST {
            bail!("the settings file {} has more than {LONGEST} bytes", path.display());
        }
        Self::of(path, &text)
    }

    fn of(path: &Path, text: &str) -> anyhow::Result<Self> {
        let at = |line: usize| format!("settings file {}, line {line}", path.display());
        let values = parse::parse(text)
            .map_err(|wrong| anyhow::anyhow!("{}: {}", at(wrong.line), wrong.what))?;
        let mut file = Self { path: path.to_owned(), values };
        file.find_store();
        match file.check() {
            Ok(()) => Ok(file),
            Err(error) => {
                let (key, line) = file.place_of(&error);
                bail!("{}: {key}: {error}; correct it, or take the line out", at(line))
            }
        }
    }

    /// A path in the file is seen from the file's own folder.
    fn find_store(&mut self) {
        let (path, store) = (&self.path, self.values.get_mut("store"));
        let store = store.filter(|store| store.text != DYNAMODB);
        if let Some((folder, store)) = path.parent().zip(store) {
            store.text = folder.join(&store.text).display().to_string();
        }
    }

    /// By those who use the values: what is wrong is said before anything starts, whoever decides in the
    /// end.
    fn check(&self) -> Result<(), ConfigError> {
        let environment = self.environment();
        Settings::from_environment(&environment)?;
        Implementation::from_environment(&environment)?;
        Ok(())
    }

    /// The key that an error is about, and its line.
    fn place_of(&self, error: &ConfigError) -> (String, usize) {
        let (ConfigError::Missing { variable }
        | ConfigError::Invalid { variable, .. }
        | ConfigError::InvalidSecret { variable, .. }) = error;
        let key = variable.to_ascii_lowercase();
        let line = self.values.get(key.as_str()).map_or(1, |value| value.line);
        (key, line)
    }

    /// What a key says.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(|value| value.text.as_str())
    }

    /// The settings as variables.
    pub(crate) fn environment(&self) -> Environment {
        let variables: Vec<(String, &str)> = KNOWN
            .iter()
            .filter_map(|known| Some((known.variable()?, self.text(known.key)?)))
            .collect();
        Environment::of(variables.iter().map(|(name, value)| (name.as_str(), *value)))
    }
}

/// The file that is read where none is named, where there is a home directory.
pub(crate) fn users_own() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "drs-inventory")?;
    Some(folders.config_dir().join(NAME))
}
