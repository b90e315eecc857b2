//! What need not be protected. The next sync acts on it.

use std::fmt;

use aws::service_error;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use store::rows::DAYS_KEPT;
use store::rows::ledger::entry_key;
use store::rows::unprotected::{EXCLUSIONS, Exclusion};
use store::tables::{AccountRegionStatusTable, Listing, set_and_remove};
use store::{Item, QueryError, string};
use sync::time::iso;

use super::ExclusionError;

/// Characters of an owner.
const LONGEST_OWNER: usize = 100;
/// Characters of a reason.
const LONGEST_REASON: usize = 500;
/// An exclusion that has ended is kept as long as the history.
const SECONDS_KEPT: i64 = DAYS_KEPT * 86_400;
/// Bytes of a sort key. Source: DynamoDB quotas.
const LONGEST_SORT_KEY: usize = 1024;
/// Characters of a tag's key. Source: EC2 user guide, "Tag restrictions".
const LONGEST_KEY: usize = 128;
/// Characters of a tag's value. Source: the same.
const LONGEST_VALUE: usize = 256;

/// What is excluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Every instance with this tag.
    Tag {
        /// Its key.
        key: String,
        /// Its value, the whole of it.
        value: String,
    },
    /// One instance.
    Instance(String),
}

impl What {
    /// Reads `tag:KEY=VALUE` or `id:i-…`.
    ///
    /// # Errors
    /// [`ExclusionError::Invalid`].
    pub fn parse(text: &str) -> Result<Self, ExclusionError> {
        let what = match text.split_once(':') {
            Some(("tag", tag)) => tag.split_once('=').filter(|it| is_tag(*it)).map(|it| {
                let (key, value) = it;
                Self::Tag { key: key.to_owned(), value: value.to_owned() }
            }),
            Some(("id", id)) if is_instance(id) => Some(Self::Instance(id.to_owned())),
            _ => None,
        };
        let what = what.filter(|what| what.to_string().len() <= LONGEST_SORT_KEY);
        let expected = "tag:KEY=VALUE or id:i-0123456789abcdef0";
        what.ok_or_else(|| ExclusionError::invalid("what", text, expected))
    }
}

fn is_tag((key, value): (&str, &str)) -> bool {
    let fits = |text: &str, most: usize| {
        text.chars().count() <= most && !text.chars().any(char::is_control)
    };
    !key.is_empty() && fits(key, LONGEST_KEY) && fits(value, LONGEST_VALUE)
}

fn is_instance(id: &str) -> bool {
    let digits = id.strip_prefix("i-").unwrap_or_default();
    matches!(digits.len(), 8 | 17) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag { key, value } => write!(f, "tag:{key}={value}"),
            Self::Instance(id) => write!(f, "id:{id}"),
        }
    }
}

/// An exclusion that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExclusion {
    /// Of what.
    pub what: What,
    /// Who answers for it: 1 to 100 characters on one line.
    pub owner: String,
    /// Why: 1 to 500 characters on one line.
    pub reason: String,
    /// From then on it is none.
    pub until: Timestamp,
}

/// Makes an exclusion, in the place of one of the same.
///
/// # Errors
/// [`ExclusionError::Invalid`] where the time is not to come, or nobody or no reason is named.
pub async fn exclude(
    ledger: &AccountRegionStatusTable,
    exclusion: &NewExclusion,
    now: Timestamp,
) -> Result<(), ExclusionError> {
    let NewExclusion { what, owner, reason, until } = exclusion;
    if *until <= now {
        let expected = "a time that is to come";
        return Err(ExclusionError::invalid("until", &iso(*until), expected));
    }
    let owner = one_line("owner", owner, LONGEST_OWNER, "1 to 100 characters, on one line")?;
    let reason = one_line("reason", reason, LONGEST_REASON, "1 to 500 characters, on one line")?;
    let texts =
        [("owner", owner), ("reason", reason), ("until", &iso(*until)), ("since", &iso(now))];
    let ttl = AttributeValue::N(until.as_second().saturating_add(SECONDS_KEPT).to_string());
    let changes = texts.map(|(name, text)| (name, Some(string(text))));
    let update = update_of(ledger, what);
    let update = set_and_remove(update, changes.into_iter().chain([("TTL", Some(ttl))]));
    match update.send().await.map_err(|error| service_error(&error)) {
        Ok(_) => Ok(()),
        Err(source) => Err(ExclusionError::Service { table: ledger.name.clone(), source }),
    }
}

fn update_of(ledger: &AccountRegionStatusTable, what: &What) -> UpdateItemFluentBuilder {
    let key = entry_key(EXCLUSIONS, &what.to_string());
    ledger.client.update_item().table_name(&ledger.name).set_key(Some(key))
}

fn one_line<'a>(
    name: &'static str,
    text: &'a str,
    most: usize,
    expected: &'static str,
) -> Result<&'a str, ExclusionError> {
    let text = text.trim();
    if (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text);
    }
    Err(ExclusionError::invalid(name, text, expected))
}

/// Ends an exclusion now. Who made it, and why, stays to be read for a while.
///
/// # Errors
/// [`ExclusionError::NotFound`] where there is none, or it has ended.
pub async fn include(
    ledger: &AccountRegionStatusTable,
    what: &What,
    now: Timestamp,
) -> Result<(), ExclusionError> {
    let ended = string(&iso(now));
    let update = update_of(ledger, what)
        .condition_expression("#until > :now")
        .update_expression("SET #until = :now")
        .expression_attribute_names("#until", "until")
        .expression_attribute_values(":now", ended);
    match update.send().await.map_err(|error| service_error(&error)) {
        Ok(_) => Ok(()),
        Err(error) if error.code() == "ConditionalCheckFailedException" => {
            Err(ExclusionError::NotFound { what: what.to_string() })
        }
        Err(source) => Err(ExclusionError::Service { table: ledger.name.clone(), source }),
    }
}

/// Every exclusion, those that have ended, too, by what they exclude.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn list_exclusions(
    ledger: &AccountRegionStatusTable,
) -> Result<Vec<Exclusion>, QueryError> {
    let items: Vec<Item> =
        Listing::of_partition(ledger, "accountId", EXCLUSIONS).every_item().await?;
    Ok(items.iter().filter_map(Exclusion::of_item).collect())
}
