//! Whether the environment lets every operation work.

use inventory::switch::Implementation;
use serde_json::json;
use store::tables::TableKind;

use super::Queries;
use crate::answer::Answer;

impl Queries {
    pub(crate) fn health(&self) -> Answer {
        let implementation = Implementation::from_environment(&self.environment);
        let mut wrong: Vec<String> = Vec::new();
        wrong.extend(implementation.as_ref().err().map(ToString::to_string));
        wrong.extend(self.sync.as_ref().err().map(ToString::to_string));
        for kind in TableKind::ALL {
            wrong.extend(self.store.names.get(kind).err().map(|error| error.to_string()));
        }
        Answer::Object(json!({
            "status": if wrong.is_empty() { "healthy" } else { "unhealthy" },
            "version": env!("CARGO_PKG_VERSION"),
            "implementation": implementation.map(Implementation::name).ok(),
            "problems": wrong,
        }))
    }
}
