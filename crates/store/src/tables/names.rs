//! What the tables are called: by the environment, or by default.

use model::environment::{ConfigError, Environment};

use super::TableKind;

/// What each table is called, as far as the environment says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableNames([Option<String>; TableKind::ALL.len()]);

impl TableNames {
    /// Names from the variables alone, as on Lambda.
    pub fn from_environment(environment: &Environment) -> Self {
        Self(TableKind::ALL.map(|kind| environment.get(kind.schema().variable)))
    }

    /// Names from the variables; for one that is not set, the name in the embedded store.
    pub fn with_defaults(environment: &Environment) -> Self {
        Self(TableKind::ALL.map(|kind| {
            let schema = kind.schema();
            environment.get(schema.variable).or_else(|| Some(schema.default_name.to_owned()))
        }))
    }

    /// The same names, the default one for each that is not set or is empty.
    pub fn or_defaults(&self) -> Self {
        Self(TableKind::ALL.map(|kind| {
            let name = self.get(kind).unwrap_or(kind.schema().default_name);
            Some(name.to_owned())
        }))
    }

    /// The name of one table.
    ///
    /// # Errors
    /// Its variable is not set, or is empty.
    pub fn get(&self, kind: TableKind) -> Result<&str, ConfigError> {
        let name = self.0[kind as usize].as_deref().unwrap_or_default();
        if name.is_empty() {
            return Err(ConfigError::Missing { variable: kind.schema().variable });
        }
        Ok(name)
    }
}
