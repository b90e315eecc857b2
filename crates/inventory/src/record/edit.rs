//! Creating and changing a record: the same for every kind.

use store::rows::Kept;

use super::change::{change, load_to_change};
use super::{Records, next_version, read};
use crate::ManageError;

/// Writes a record that is not there yet.
///
/// # Errors
/// What its checks say.
pub(crate) async fn create<R: Records>(
    records: &R,
    record: R::Record,
) -> Result<R::Record, ManageError> {
    records.check(&record).await?;
    records.check_others(&record).await?;
    let record = Kept::new(record);
    change(records, None, &record).await?;
    Ok(record.row)
}

/// Changes a record by `apply`. Attributes that this program does not know stay.
///
/// # Errors
/// [`ManageError::Contended`] where it is not of the version given, or was changed meanwhile; what
/// its checks say.
pub(crate) async fn update<R: Records>(
    records: &R,
    (id, asked_version): (&str, Option<u64>),
    apply: impl FnOnce(&mut R::Record),
    now: &str,
) -> Result<R::Record, ManageError> {
    let previous = load_to_change(records.table(), &R::KIND, id, now).await?;
    let mut record: Kept<R::Record> = read(&R::KIND, previous.row.clone())?;
    let (version, last_updated) = R::stamp(&mut record.row);
    if asked_version.is_some_and(|asked| asked != *version) {
        return Err(ManageError::Contended { id: id.to_owned() });
    }
    *version = next_version(*version);
    now.clone_into(last_updated);
    apply(&mut record.row);
    records.check(&record.row).await?;
    records.check_others(&record.row).await?;
    change(records, Some(&previous), &record).await?;
    Ok(record.row)
}
