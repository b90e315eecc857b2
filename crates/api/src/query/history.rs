//! One server, one account, and what happened.

use inventory::changes::{ChangeFilter, Changes, only_server, query_changes};
use inventory::picture::{account_status, add_as_of, read_picture};
use inventory::servers::one::{Reach, find_server};
use serde_json::{Value, json};
use store::json::Json;
use store::tables::get_inventory_changes_table;
use store::text;

use super::Queries;
use crate::answer::{Answer, list, with_picture};
use crate::failure::{ErrorCode, Failure};
use crate::parameters::{self, OneAccount, OneServer};

impl Queries {
    /// A server's row, as of when it is, and what happened to it.
    pub(crate) async fn server(&self, asked: OneServer) -> Result<Answer, Failure> {
        let history = get_inventory_changes_table(&self.store)?;
        let (tables, freshness) = self.picture()?;
        let page = (asked.limit()?, asked.next_token.as_deref());
        let mut row = [find_server(&self.server_tables()?, &asked.id(), Reach::Known).await?];
        let not_known = add_as_of(&tables.ledger, &mut row, &freshness).await?;
        let filter = ChangeFilter::of(text(&row[0], "sourceServerArn"));
        let changes = query_changes(&history, &filter, page, freshness.now).await?;
        let mut object = of_changes("history", &changes);
        object["server"] = Json(&row[0]).to_value();
        object["complete"] = not_known.is_empty().into();
        object["notKnown"] = json!(not_known);
        Ok(Answer::Object(object))
    }

    /// How entering an account went, and each of its regions.
    pub(crate) async fn account_status(&self, asked: OneAccount) -> Result<Answer, Failure> {
        let (tables, freshness) = self.picture()?;
        let status = account_status(&tables, &asked.account_id, &freshness).await?;
        let status = status.ok_or_else(|| {
            let id: String = asked.account_id.chars().take(100).collect();
            let message =
                format!("neither the accounts table nor the ledger has the account {id:?}");
            Failure::new(ErrorCode::NotFound, message)
        })?;
        let mut object = list("regions", &status.places);
        object["accountId"] = asked.account_id.into();
        object["listed"] = status.is_listed.into();
        object["account"] = status.entry.map_or(Value::Null, |entry| Json(&entry).to_value());
        object["complete"] = status.not_known.is_empty().into();
        object["notKnown"] = json!(status.not_known);
        Ok(Answer::Object(object))
    }

    /// What happened, the last first.
    pub(crate) async fn changes(&self, asked: parameters::Changes) -> Result<Answer, Failure> {
        let history = get_inventory_changes_table(&self.store)?;
        let (tables, freshness) = self.picture()?;
        let mut filter = asked.filter(freshness.now)?;
        let page = (asked.limit()?, asked.next_token.as_deref());
        if let Some(id) = &asked.server {
            filter = only_server(filter, &self.server_tables()?, (id, Reach::Known)).await?;
        }
        let changes = query_changes(&history, &filter, page, freshness.now).await?;
        let picture = read_picture(&tables, &freshness).await?;
        Ok(Answer::Object(with_picture(of_changes("changes", &changes), &picture)))
    }
}

fn of_changes(name: &str, changes: &Changes) -> Value {
    let mut object = list(name, &changes.entries);
    if let Some(next) = &changes.next {
        object["nextToken"] = next.as_str().into();
    }
    if let Some(time) = &changes.looked_back_to {
        object["lookedBackTo"] = time.as_str().into();
    }
    object
}
