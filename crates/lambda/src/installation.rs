//! Which installation this is: several may stand in one account.

use model::environment::{ConfigError, Environment};

/// The name of an installation: the prefix of everything that its template makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation(String);

const VARIABLE: &str = "INSTALLATION";
/// Length of a dimension's value. Source: CloudWatch API reference, `Dimension`.
const LONGEST: usize = 1024;

impl Installation {
    /// `INSTALLATION`; none where it is not set, or empty.
    ///
    /// # Errors
    /// What CloudWatch takes for no value of a dimension.
    pub fn from_environment(environment: &Environment) -> Result<Option<Self>, ConfigError> {
        let Some(value) = environment.get(VARIABLE).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        // Source: CloudWatch API reference, `Dimension`: ASCII, and no colon at the start.
        let is_value = value.len() <= LONGEST
            && !value.starts_with(':')
            && value.bytes().all(|byte| byte.is_ascii_graphic());
        if is_value {
            return Ok(Some(Self(value)));
        }
        let expected = "a name of at most 1024 ASCII characters without blanks, not starting with \
                        a colon";
        Err(ConfigError::Invalid { variable: VARIABLE, value, expected })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<Option<Installation>, ConfigError> {
        Installation::from_environment(&Environment::of([("INSTALLATION", value)]))
    }

    #[test]
    fn an_installation_is_named_or_it_is_not() {
        assert_eq!(Installation::from_environment(&Environment::of([])), Ok(None));
        assert_eq!(read(""), Ok(None));
        let named = read("drs-inventory-prod").unwrap().unwrap();
        assert_eq!(named.name(), "drs-inventory-prod");
        for wrong in [":x", "a b", "ü", &"x".repeat(1025)] {
            let text = read(wrong).unwrap_err().to_string();
            assert!(text.starts_with("INSTALLATION is "), "{text}");
        }
    }
}
