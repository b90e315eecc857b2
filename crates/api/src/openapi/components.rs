//! Every schema of the document once, by its name.

use std::collections::BTreeMap;

use utoipa::openapi::{Ref, RefOr, Schema};

use crate::documented::Described;

/// The schemas that the document names.
#[derive(Default)]
pub(super) struct Components(BTreeMap<String, RefOr<Schema>>);

impl Components {
    /// Adds a schema, and those that it names.
    pub(super) fn add(&mut self, described: &Described) -> Ref {
        self.add_named_by(described);
        self.add_as((described.name)(), (described.schema)())
    }

    /// Adds the schemas that a schema names, and not itself.
    pub(super) fn add_named_by(&mut self, described: &Described) {
        let mut named = Vec::new();
        (described.add_named)(&mut named);
        self.0.extend(named);
    }

    /// Adds a schema under a name.
    pub(super) fn add_as(&mut self, name: String, schema: RefOr<Schema>) -> Ref {
        let reference = Ref::from_schema_name(&name);
        self.0.insert(name, schema);
        reference
    }

    /// What a schema is, where it is one of these, or stands by itself.
    pub(super) fn resolve<'a>(&'a self, schema: &'a RefOr<Schema>) -> Option<&'a Schema> {
        match schema {
            RefOr::T(schema) => Some(schema),
            RefOr::Ref(reference) => {
                let name = reference.ref_location.rsplit('/').next()?;
                self.resolve(self.0.get(name)?)
            }
        }
    }

    /// All of them, by name.
    pub(super) fn schemas(self) -> BTreeMap<String, RefOr<Schema>> {
        self.0
    }
}
