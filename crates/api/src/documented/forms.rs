//! Values that many parameters and answers have, with their limits.

use model::readiness::{Drill, ReasonCode, UNKNOWN, Verdict};
use store::rows::ChangeKind;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::failure::ErrorCode;

/// Entries of an answer where the caller names no number.
pub(crate) const DEFAULT_LIMIT: u32 = 100;
/// Most entries of an answer.
pub(crate) const MAX_LIMIT: u32 = 1000;
pub(crate) use store::tables::LONGEST_KEY;

/// A type that is nothing but a schema of its own name.
macro_rules! forms {
    ($($(#[doc = $doc:literal])+ $name:ident = $schema:expr;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    described($schema, concat!($($doc, "\n"),+))
                }
            }

            impl ToSchema for $name {}
        )+
    };
}

forms! {
    /// An AWS account.
    AccountId = text().pattern(Some("^[0-9]{12}$")).examples(["222222222222"]);
    /// A region.
    Region = text().pattern(Some("^[a-z]+(-[a-z]+)+-[0-9]+$")).examples(["us-east-1"]);
    /// The ARN of a role of that very account.
    RoleArn = text()
        .pattern(Some("^arn:aws[^:]*:iam::[0-9]{12}:role/.+$"))
        .examples(["arn:aws:iam::222222222222:role/DRSOrchestrationRole"]);
    /// What the role's trust policy asks for.
    ExternalId = text()
        .pattern(Some("^[A-Za-z0-9_+=,.@:/-]+$"))
        .min_length(Some(2))
        .max_length(Some(1224));
    /// A name, without control characters and without spaces at its ends.
    Name = text().pattern(Some(r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$")).max_length(Some(64));
    /// For people.
    LongText = text().max_length(Some(1024));
    /// Why, on one line.
    Reason = text().pattern(Some(r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$")).max_length(Some(500));
    /// Who answers for it, on one line.
    Owner = text().pattern(Some(r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$")).max_length(Some(100));
    /// Ids of DRS.
    ServerId = text().pattern(Some("^s-[0-9a-fA-F]{17}$")).examples(["s-0123456789abcdef0"]);
    /// The key of a row: a value to look for, whatever it is.
    Key = text().min_length(Some(1)).max_length(Some(LONGEST_KEY));
    /// Instances: one, `id:i-…`, or all with a tag of exactly this value, `tag:KEY=VALUE`.
    What = text()
        .pattern(Some(r"^(id:i-([0-9a-fA-F]{8}|[0-9a-fA-F]{17})|tag:[^=\x00-\x1f\x7f-\x9f]{1,128}=[^\x00-\x1f\x7f-\x9f]{0,256})$"))
        .examples(["tag:Environment=test", "id:i-0123456789abcdef0"]);
    /// An EC2 tag, `KEY=VALUE`. The value may have an equals sign in it, the key cannot.
    Tag = text().pattern(Some("^[^=]+=")).examples(["Tier=web"]);
    /// What the answer before carried as `nextToken`. It works with the same filters only.
    NextToken = text().min_length(Some(1));
    /// Most entries of an answer.
    Limit = whole().minimum(Some(1_u32)).maximum(Some(MAX_LIMIT))
        .default(Some(DEFAULT_LIMIT.into()));
    /// A number from 0.
    Count = whole().minimum(Some(0_u32));
    /// A number from 1.
    FromOne = whole().minimum(Some(1_u32)).maximum(Some(u32::MAX));
    /// A time: ISO 8601.
    Time = time();
    /// A day, from its start in UTC, or a time in ISO 8601.
    Moment = AnyOfBuilder::new().item(day()).item(time());
    /// So long ago (`90m`, `2h`, `3d`, `2w`), a day, from its start in UTC, or a time in ISO 8601.
    SinceWhen = AnyOfBuilder::new()
        .item(text().pattern(Some("^[0-9]{1,6}[mhdw]$")).examples(["2h", "3d"]))
        .item(day())
        .item(time());
    /// Values, of which one must fit; with `!` before it, it must not.
    Terms = list(text().pattern(Some("^!?[^,\\s]+$")));
    /// Verdicts, of which one must fit; with `!` before it, it must not.
    VerdictTerms = list(terms(&verdicts()));
    /// Codes of reasons, of which one must fit; with `!` before it, it must not.
    ReasonTerms = list(terms(&reasons()));
    /// What the last launch proves, of which one must fit; with `!` before it, it must not.
    DrillTerms = list(terms(&drills()));
    /// Kinds of changes, of which one must fit.
    Kinds = list(one_of(&kinds()));
    /// A verdict.
    VerdictName = one_of(&verdicts());
    /// The code of a reason.
    ReasonName = one_of(&reasons());
    /// What happened.
    KindName = one_of(&kinds());
    /// What went wrong, in a word.
    ErrorName = one_of(&ErrorCode::ALL.map(ErrorCode::name));
    /// What a query of DRS ended as.
    StatusName = one_of(&model::RegionStatus::ALL.map(model::RegionStatus::name));
}

fn described(schema: impl Into<Schema>, text: &str) -> RefOr<Schema> {
    let text = Some(text.replace("\n ", "\n").trim().to_owned());
    RefOr::T(match schema.into() {
        Schema::Object(schema) => ObjectBuilder::from(schema).description(text).into(),
        Schema::Array(schema) => ArrayBuilder::from(schema).description(text).into(),
        Schema::AnyOf(schema) => AnyOfBuilder::from(schema).description(text).into(),
        other => other,
    })
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn whole() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer)
}

fn day() -> ObjectBuilder {
    text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
}

fn time() -> ObjectBuilder {
    text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}

fn list(items: ObjectBuilder) -> ArrayBuilder {
    ArrayBuilder::new().items(items).min_items(Some(1))
}

fn one_of(names: &[&'static str]) -> ObjectBuilder {
    text().enum_values(Some(names.iter().copied()))
}

fn terms(names: &[&str]) -> ObjectBuilder {
    text().pattern(Some(format!("^!?({})$", names.join("|"))))
}

fn verdicts() -> Vec<&'static str> {
    Verdict::ALL.map(Verdict::name).into_iter().chain([UNKNOWN]).collect()
}

fn reasons() -> Vec<&'static str> {
    ReasonCode::ALL.iter().map(|code| code.name()).collect()
}

fn kinds() -> [&'static str; ChangeKind::ALL.len()] {
    ChangeKind::ALL.map(ChangeKind::name)
}

fn drills() -> Vec<&'static str> {
    Drill::ALL.map(Drill::name).to_vec()
}
