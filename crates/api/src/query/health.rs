//! Whether the environment lets every operation work.

use inventory::switch::Implementation;
use store::tables::TableKind;

use super::Queries;
use super::bucket::BucketSettings;
use crate::answers::Health;

impl Queries {
    pub(crate) fn health(&self) -> Health {
        let implementation = Implementation::from_environment(&self.environment);
        let mut wrong: Vec<String> = Vec::new();
        wrong.extend(implementation.as_ref().err().map(ToString::to_string));
        wrong.extend(self.sync.as_ref().err().map(ToString::to_string));
        wrong.extend(
            BucketSettings::from_environment(&self.environment).err().map(|it| it.to_string()),
        );
        for kind in TableKind::ALL {
            wrong.extend(self.store.names.get(kind).err().map(|error| error.to_string()));
        }
        Health {
            status: if wrong.is_empty() { "healthy" } else { "unhealthy" },
            version: env!("CARGO_PKG_VERSION"),
            implementation: implementation.map(Implementation::name).ok(),
            problems: wrong,
        }
    }
}
