//! How far a sync has come, from what it tells.

use std::collections::BTreeMap;
use std::fmt::Write;

use sync::progress::Event;

use crate::signals::Ended;

/// Accounts, regions and servers up to now.
#[derive(Debug, Default)]
pub(crate) struct SoFar {
    /// None until the accounts are known. The legacy sync never tells.
    accounts: Option<usize>,
    accounts_done: usize,
    /// The accounts that are under way.
    open: BTreeMap<String, Regions>,
    regions: Regions,
    servers: usize,
    stored: usize,
}

#[derive(Debug, Default, Clone, Copy)]
struct Regions {
    asked: usize,
    answered: usize,
}

impl SoFar {
    /// Takes in what happened.
    pub(crate) fn add(&mut self, event: &Event) {
        match event {
            Event::AccountsCollected { accounts } => self.accounts = Some(*accounts),
            Event::AccountEntered { account_id, regions } => {
                self.regions.asked += regions;
                self.open.insert(account_id.clone(), Regions { asked: *regions, answered: 0 });
            }
            Event::RegionAnswered { account_id, servers, .. } => {
                self.regions.answered += 1;
                self.servers += servers;
                if let Some(open) = self.open.get_mut(account_id) {
                    open.answered += 1;
                }
            }
            Event::RowsStored { rows, .. } => self.stored += rows,
            Event::AccountDone { account_id } => {
                self.accounts_done += 1;
                self.open.remove(account_id);
            }
        }
    }

    /// One line, while it goes on.
    pub(crate) fn line(&self) -> String {
        let Self { accounts, accounts_done, regions, servers, .. } = self;
        let (accounts, Regions { asked, answered }) = (accounts.unwrap_or_default(), regions);
        format!(
            "accounts {accounts_done}/{accounts}, regions {answered}/{asked}, {servers} servers"
        )
    }

    /// What a sync that a signal ended has done and what it has not.
    pub(crate) fn ended(&self, ended: Ended) -> String {
        let mut text = format!("ended by {}, before the sync was done\n", ended.name());
        let Some(accounts) = self.accounts else {
            text.push_str("It did not tell how far it came; what it stored stays.");
            return text;
        };
        let Self { accounts_done, open, servers, stored, .. } = self;
        let unknown = servers.saturating_sub(*stored);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{accounts_done} of {accounts} accounts done, {stored} servers stored, {unknown} found but not known to be stored"
        );
        for (account, Regions { asked, answered }) in open {
            let _ = writeln!(text, "  {account} cut off: {answered} of {asked} regions answered");
        }
        let not_asked = accounts.saturating_sub(accounts_done + open.len());
        if not_asked > 0 {
            let _ = writeln!(text, "  {not_asked} accounts not asked");
        }
        text.push_str("What is stored stays, and regions are as of the sync before. Run it again.");
        text
    }
}
