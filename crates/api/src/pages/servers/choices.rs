//! The form of the filters, as they are set, and what can be chosen.

use store::{Item, text};

use super::filters::{Filters, drills, reasons, verdicts};
use crate::failure::Failure;
use crate::site::Site;

/// States that can be chosen; an address may hold any.
const STATES: [&str; 9] = [
    "CONTINUOUS",
    "STALLED",
    "DISCONNECTED",
    "INITIAL_SYNC",
    "INITIATING",
    "RESCAN",
    "BACKLOG",
    "PAUSED",
    "STOPPED",
];
/// Accounts that can be chosen by name; of more than these an id is typed.
const MOST_ACCOUNTS: usize = 100;

/// A choice of a form.
pub(in crate::pages) struct Choice {
    pub(in crate::pages) value: String,
    pub(in crate::pages) name: String,
    pub(in crate::pages) is_chosen: bool,
}

/// The form of the filters, as they are set.
pub(in crate::pages) struct ListForm {
    /// None where there are too many accounts to choose from.
    pub(in crate::pages) accounts: Option<Vec<Choice>>,
    pub(in crate::pages) account: String,
    pub(in crate::pages) regions: Vec<Choice>,
    pub(in crate::pages) verdicts: Vec<Choice>,
    pub(in crate::pages) reasons: Vec<Choice>,
    pub(in crate::pages) states: Vec<Choice>,
    pub(in crate::pages) drills: Vec<Choice>,
    pub(in crate::pages) groups: Vec<Choice>,
    pub(in crate::pages) listed_in: String,
    pub(in crate::pages) drill_age: String,
    pub(in crate::pages) lag: String,
    pub(in crate::pages) tag: String,
    pub(in crate::pages) hostname: String,
}

/// The form, with what can be chosen.
pub(in crate::pages) async fn form(site: &Site, set: &Filters) -> Result<ListForm, Failure> {
    let queries = site.queries();
    let (accounts, groups) = (queries.recent_accounts().await?, queries.recent_groups().await?);
    let overview = queries.recent_overview().await?;
    let regions = overview.0.regions.iter().map(|region| region.region.clone());
    let named = |rows: &[Item], key: &str, name: &str, chosen: &Option<String>| {
        let pairs = rows.iter().map(|row| (text(row, key).to_owned(), text(row, name).to_owned()));
        choices(pairs, chosen)
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Ok(ListForm {
        accounts: (accounts.len() <= MOST_ACCOUNTS)
            .then(|| named(&accounts, "accountId", "accountName", &set.account)),
        account: text(&set.account),
        regions: choices(regions.map(|it| (it, String::new())), &set.region),
        verdicts: words(verdicts(), &set.verdict),
        reasons: words(reasons(), &set.reason),
        states: words(STATES.to_vec(), &set.state),
        drills: words(drills(), &set.drill),
        groups: named(&groups, "groupId", "groupName", &set.group),
        listed_in: text(&set.listed_in),
        drill_age: text(&set.drill_age),
        lag: text(&set.lag),
        tag: text(&set.tag),
        hostname: text(&set.hostname),
    })
}

fn words(names: Vec<&'static str>, chosen: &Option<String>) -> Vec<Choice> {
    choices(names.into_iter().map(|name| (name.to_owned(), String::new())), chosen)
}

/// What is chosen stays so, also where it is none of the choices.
fn choices(pairs: impl Iterator<Item = (String, String)>, chosen: &Option<String>) -> Vec<Choice> {
    let choice = |(value, name): (String, String)| Choice {
        is_chosen: chosen.as_deref() == Some(value.as_str()),
        name: if name.is_empty() { value.clone() } else { name },
        value,
    };
    let mut choices: Vec<Choice> = pairs.map(choice).collect();
    if let Some(value) = chosen
        && !choices.iter().any(|choice| choice.is_chosen)
    {
        choices.insert(0, Choice { value: value.clone(), name: value.clone(), is_chosen: true });
    }
    choices
}
