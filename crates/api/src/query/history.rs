//! One server, one account, and what happened.

use inventory::changes::{ChangeFilter, only_server, query_changes};
use inventory::picture::{account_status, add_as_of, read_picture};
use inventory::servers::one::{Reach, find_server};
use store::tables::get_inventory_changes_table;
use store::text;

use super::Queries;
use crate::answers::{AccountStatus, ChangeList, HistoryOf, OneServerAnswer};
use crate::failure::{ErrorCode, Failure};
use crate::parameters::{self, OneAccount, OneServer};

impl Queries {
    /// A server's row, as of when it is, and what happened to it.
    pub(crate) async fn server(&self, asked: OneServer) -> Result<OneServerAnswer, Failure> {
        let history = get_inventory_changes_table(&self.store)?;
        let (tables, freshness) = self.picture()?;
        let page = (asked.limit()?, asked.next_token.as_deref());
        let mut row = [find_server(&self.server_tables()?, &asked.id(), Reach::Known).await?];
        let not_known = add_as_of(&tables.ledger, &mut row, &freshness).await?;
        let filter = ChangeFilter::of(text(&row[0], "sourceServerArn"));
        let changes = query_changes(&history, &filter, page, freshness.now).await?;
        let [row] = row;
        Ok(OneServerAnswer::of(row, HistoryOf::split(changes), not_known))
    }

    /// How entering an account went, and each of its regions.
    pub(crate) async fn account_status(&self, asked: OneAccount) -> Result<AccountStatus, Failure> {
        let (tables, freshness) = self.picture()?;
        let status = account_status(&tables, &asked.account_id, &freshness).await?;
        let status = status.ok_or_else(|| {
            let id: String = asked.account_id.chars().take(100).collect();
            let message =
                format!("neither the accounts table nor the ledger has the account {id:?}");
            Failure::new(ErrorCode::NotFound, message)
        })?;
        Ok(AccountStatus::of(asked.account_id, status))
    }

    /// What happened, the last first.
    pub(crate) async fn changes(&self, asked: parameters::Changes) -> Result<ChangeList, Failure> {
        let history = get_inventory_changes_table(&self.store)?;
        let (tables, freshness) = self.picture()?;
        let mut filter = asked.filter(freshness.now)?;
        let page = (asked.limit()?, asked.next_token.as_deref());
        if let Some(id) = &asked.server {
            filter = only_server(filter, &self.server_tables()?, (id, Reach::Known)).await?;
        }
        let changes = query_changes(&history, &filter, page, freshness.now).await?;
        let picture = read_picture(&tables, &freshness).await?;
        Ok(ChangeList::of(changes, picture))
    }
}
