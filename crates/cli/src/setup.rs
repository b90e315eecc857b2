//! What every command starts from, decided here and nowhere else: what was typed comes before the
//! environment, the environment before the settings file, and the file before a default.

use ::aws::{Aws, Login, ProfileError};
use model::environment::Environment;

use crate::args::Globals;
use crate::settings::SettingsFile;

/// The store, the settings and the AWS clients of a command.
pub(crate) struct Setup {
    /// Variables as they are decided: those of the process, then those of the settings file.
    pub(crate) environment: Environment,
    /// The settings file, where there is one.
    pub(crate) file: Option<SettingsFile>,
    store: Option<String>,
    typed: Globals,
}

/// Who decided a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was typed.
    Argument,
    /// A variable of the process.
    Environment,
    /// The settings file.
    File,
}

impl Setup {
    /// Reads the settings file.
    ///
    /// # Errors
    /// The file is named and not there, cannot be read, or holds what it must not hold.
    pub(crate) fn of(typed: &Globals) -> anyhow::Result<Self> {
        let file = SettingsFile::find(typed.settings.as_deref())?;
        let process = Environment::of_process();
        let environment = match &file {
            Some(file) => process.or(file.environment()),
            None => process,
        };
        let mut setup = Self { environment, file, store: None, typed: typed.clone() };
        setup.store = setup.decided("store").map(|(store, _)| store);
        Ok(setup)
    }

    /// The file of the embedded store, or `dynamodb`; none for the default file.
    pub(crate) fn store(&self) -> Option<&str> {
        self.store.as_deref()
    }

    /// SDK clients of the hub.
    ///
    /// # Errors
    /// There is no such profile.
    pub(crate) async fn aws(&self) -> Result<Aws, ProfileError> {
        // What is in the environment the SDK's own chain finds.
        let own = |key| self.decided(key).filter(|(_, by)| *by != Origin::Environment);
        let (profile, region) = (own("profile"), own("region"));
        let login = Login {
            wins_over_keys: profile.as_ref().is_some_and(|(_, by)| *by == Origin::Argument),
            profile: profile.map(|(name, _)| name),
            region: region.map(|(name, _)| name),
        };
        Aws::with_login(&self.environment, &login).await
    }

    /// What a key of the settings file is set to, and by whom; none where nobody says anything.
    pub(crate) fn decided(&self, key: &str) -> Option<(String, Origin)> {
        let Globals { store, profile, region, .. } = &self.typed;
        let typed = match key {
            "store" => store,
            "profile" => profile,
            "region" => region,
            _ => &None,
        };
        let in_file = || self.file.as_ref()?.text(key).map(str::to_owned);
        let typed = typed.clone().map(|value| (value, Origin::Argument));
        typed
            .or_else(|| in_environment(key).map(|value| (value, Origin::Environment)))
            .or_else(|| in_file().map(|value| (value, Origin::File)))
    }
}

fn in_environment(key: &str) -> Option<String> {
    let some = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match key {
        "store" => None,
        "profile" => some("AWS_PROFILE"),
        "region" => some("AWS_REGION").or_else(|| some("AWS_DEFAULT_REGION")),
        // Set to nothing is set, too.
        _ => std::env::var(key.to_ascii_uppercase()).ok(),
    }
}
