//! Whose organization it is, and which of its accounts are wanted.

use model::ExternalId;
use model::environment::{ConfigError, Environment};
use model::role_arn::role_account;

use crate::servers::Terms;

/// What the environment says of the organization.
#[derive(Debug, Clone, Default)]
pub struct DiscoverySettings {
    /// A role of the management account or of a delegated administrator; without one the caller's own
    /// credentials ask. `ORGANIZATION_ROLE_ARN`.
    pub role_arn: Option<String>,
    /// The external id of that role. `ORGANIZATION_EXTERNAL_ID`.
    pub external_id: Option<ExternalId>,
    /// The accounts that should be in the inventory. `DISCOVER_OUS`, `DISCOVER_TAGS`,
    /// `DISCOVER_ACCOUNTS`, default all.
    pub selection: Selection,
}

/// Which accounts of an organization are wanted. All that is set must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Roots and organizational units, those below them included.
    pub ous: Terms,
    /// Tags as in `dr=yes`.
    pub tags: Terms,
    /// Account ids.
    pub accounts: Terms,
}

const ROLE_ARN: &str = "ORGANIZATION_ROLE_ARN";
const EXTERNAL_ID: &str = "ORGANIZATION_EXTERNAL_ID";

impl DiscoverySettings {
    /// Reads everything.
    ///
    /// # Errors
    /// The first variable that cannot be used.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let set = |name: &str| environment.get(name).filter(|value| !value.is_empty());
        let role_arn = set(ROLE_ARN);
        if let Some(value) = role_arn.clone().filter(|arn| role_account(arn).is_none()) {
            let expected = "the ARN of a role, as in arn:aws:iam::111111111111:role/NAME";
            return Err(ConfigError::Invalid { variable: ROLE_ARN, value, expected });
        }
        let external_id = set(EXTERNAL_ID).map(ExternalId::new);
        if external_id.as_ref().is_some_and(|id| !id.is_valid()) {
            let expected = ExternalId::EXPECTED;
            return Err(ConfigError::InvalidSecret { variable: EXTERNAL_ID, expected });
        }
        let value = |name: &str| set(name).unwrap_or_default();
        let selection = Selection::parse(
            [value("DISCOVER_OUS").as_str()],
            [value("DISCOVER_TAGS").as_str()],
            [value("DISCOVER_ACCOUNTS").as_str()],
        )
        .map_err(|wrong| ConfigError::Invalid {
            variable: match wrong.of {
                Part::Ou => "DISCOVER_OUS",
                Part::Tag => "DISCOVER_TAGS",
                Part::Account => "DISCOVER_ACCOUNTS",
            },
            expected: wrong.of.expected(),
            value: wrong.value,
        })?;
        Ok(Self { role_arn, external_id, selection })
    }
}

/// A part of a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A root or an organizational unit.
    Ou,
    /// A tag.
    Tag,
    /// An account.
    Account,
}

impl Part {
    /// What one may be, in words.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Ou => {
                "ids of organizational units or of the root, as in ou-ab12-cdefghij, separated by commas, ! before one whose accounts are not wanted"
            }
            Self::Tag => {
                "tags as in dr=yes, separated by commas, ! before one that must not be there"
            }
            Self::Account => {
                "account ids of 12 digits, separated by commas, ! before one that is not wanted"
            }
        }
    }
}

/// A value that a selection cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?}: expected {}", of.expected())]
pub struct WrongSelection {
    /// Of which part.
    pub of: Part,
    /// As it was typed.
    pub value: String,
}

impl Selection {
    /// Of values as they are typed, see [`Terms::parse`].
    ///
    /// # Errors
    /// The first value that is none of its kind.
    pub fn parse<'a>(
        ous: impl IntoIterator<Item = &'a str>,
        tags: impl IntoIterator<Item = &'a str>,
        accounts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, WrongSelection> {
        let selection = Self {
            ous: Terms::parse(ous),
            tags: Terms::parse(tags),
            accounts: Terms::parse(accounts),
        };
        check(&selection.ous, Part::Ou, is_ou)?;
        check(&selection.tags, Part::Tag, |tag| {
            tag.split_once('=').is_some_and(|(key, _)| !key.is_empty())
        })?;
        check(&selection.accounts, Part::Account, model::is_account_id)?;
        Ok(selection)
    }

    /// Whether every account is wanted.
    pub fn is_empty(&self) -> bool {
        self.ous.is_empty() && self.tags.is_empty() && self.accounts.is_empty()
    }
}

impl std::fmt::Display for Selection {
    /// The same text for the same selection; empty where every account is wanted.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [("ous", &self.ous), ("tags", &self.tags), ("accounts", &self.accounts)];
        let set = parts.into_iter().filter(|(_, terms)| !terms.is_empty());
        let texts: Vec<String> = set.map(|(name, terms)| format!("{name}: {terms}")).collect();
        f.write_str(&texts.join("; "))
    }
}

fn check(terms: &Terms, of: Part, is: impl Fn(&str) -> bool) -> Result<(), WrongSelection> {
    match terms.values().find(|value| !is(value)) {
        Some(value) => Err(WrongSelection { of, value: value.to_owned() }),
        None => Ok(()),
    }
}

/// Source: Organizations API reference, `ParentId` of `ListAccountsForParent`.
fn is_ou(text: &str) -> bool {
    let letters = |part: &str, least: usize| {
        (least..=32).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    match text.split('-').collect::<Vec<_>>()[..] {
        ["r", root] => letters(root, 4),
        ["ou", root, unit] => letters(root, 4) && letters(unit, 8),
        _ => false,
    }
}
