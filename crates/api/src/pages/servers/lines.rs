//! A server in one line.

use inventory::readiness::{console_word, last_drill, verdict, why_shown};
use inventory::words::{ago, lag};
use jiff::Timestamp;
use model::lag::lag_seconds;
use model::readiness::Policy;
use store::{Item, text};
use sync::settings::policy;

use crate::failure::Failure;
use crate::pages::badge::Badge;
use crate::pages::link::Link;
use crate::site::Site;

/// A server in one line of a list.
pub(in crate::pages) struct Line {
    pub(in crate::pages) hostname: String,
    pub(in crate::pages) server: Link,
    pub(in crate::pages) account_id: String,
    pub(in crate::pages) account: Link,
    pub(in crate::pages) region: String,
    pub(in crate::pages) state: &'static str,
    pub(in crate::pages) badge: Badge,
    pub(in crate::pages) why: String,
    /// As in `2.8×`: against the objective of the installation.
    pub(in crate::pages) lag: String,
    pub(in crate::pages) last_drill: String,
    pub(in crate::pages) as_of: String,
}

impl Line {
    pub(in crate::pages) fn of(row: &Item, policy: &Policy, now: Timestamp) -> Self {
        let account_id = text(row, "sourceAccountId").to_owned();
        let named = [text(row, "hostname"), text(row, "sourceServerID")];
        let hostname = named.into_iter().find(|name| !name.is_empty()).unwrap_or("(no name)");
        Self {
            hostname: hostname.to_owned(),
            server: Link::server(text(row, "sourceServerArn")),
            account: Link::account(&account_id),
            account_id,
            region: text(row, "replicationRegion").to_owned(),
            state: console_word(row),
            badge: Badge::of(verdict(row)),
            why: why_shown(row, policy, now),
            lag: against(text(row, "lagDuration"), policy),
            last_drill: last_drill(row, now),
            as_of: ago(Some(text(row, "asOf")), now),
        }
    }
}

/// As in `42 m, 2.8×`.
fn against(text: &str, policy: &Policy) -> String {
    let tenths =
        lag_seconds(text).and_then(|lag| lag.saturating_mul(10).checked_div(policy.rpo.as_secs()));
    match tenths {
        None | Some(0) => lag(text),
        Some(tenths) => format!("{}, {}.{}×", lag(text), tenths / 10, tenths % 10),
    }
}

/// What servers are judged by, and what time it is.
pub(in crate::pages) fn policy_and_now(site: &Site) -> Result<(Policy, Timestamp), Failure> {
    Ok((policy(site.queries().environment())?, Timestamp::now()))
}
