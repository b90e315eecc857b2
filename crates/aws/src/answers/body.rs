//! What a body has to have, by operation.

use std::collections::HashMap;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::crc32::crc32;

/// How a service writes its answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Format {
    /// DRS, DynamoDB, Organizations and Account Management.
    Json,
    /// EC2 and STS.
    Xml,
}

/// What is wrong with a body. None of its text is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    #[error("is empty")]
    Empty,
    #[error("ends in the middle")]
    CutOff,
    /// Its content type tells a proxy's page from AWS.
    #[error("is not in the format of the service ({0})")]
    OtherFormat(String),
    #[error("has no {0}")]
    Lacks(&'static str),
    #[error("differs from its checksum")]
    Checksum,
}

impl Format {
    /// Looks at an answer of success to `operation`.
    pub(super) fn check(self, operation: &str, response: &HttpResponse) -> Result<(), Flaw> {
        let body = response.body().bytes().unwrap_or_default().trim_ascii();
        if body.is_empty() {
            return Err(Flaw::Empty);
        }
        check_sum(response)?;
        let content_type = response.headers().get("content-type").unwrap_or("no content type");
        match self {
            Self::Json => check_json(operation, body, content_type),
            Self::Xml => check_xml(operation, body, content_type),
        }
    }
}

/// Only DynamoDB sends one. It is of the body as sent, so a compressed one would need both.
fn check_sum(response: &HttpResponse) -> Result<(), Flaw> {
    let headers = response.headers();
    let sum = headers.get("x-amz-crc32").and_then(|sum| sum.trim().parse::<u32>().ok());
    match sum.filter(|_| headers.get("content-encoding").is_none()) {
        Some(sum) if sum != crc32(response.body().bytes().unwrap_or_default()) => {
            Err(Flaw::Checksum)
        }
        Some(_) | None => Ok(()),
    }
}

fn check_json(operation: &str, body: &[u8], content_type: &str) -> Result<(), Flaw> {
    let members: HashMap<String, Kind> =
        serde_json::from_slice(body).map_err(|error| match error.classify() {
            Category::Eof => Flaw::CutOff,
            Category::Syntax | Category::Data | Category::Io => {
                Flaw::OtherFormat(content_type.to_owned())
            }
        })?;
    let missing =
        members_of(operation).iter().find(|(name, kind)| members.get(*name) != Some(kind));
    missing.map_or(Ok(()), |(name, _)| Err(Flaw::Lacks(name)))
}

/// Members that are there even where they are empty. Source: API references of the services, and what
/// they send. Every other answer is an object that may be empty.
fn members_of(operation: &str) -> &'static [(&'static str, Kind)] {
    match operation {
        "DescribeSourceServers" | "DescribeRecoveryInstances" | "DescribeJobs" => {
            &[("items", Kind::List)]
        }
        "Scan" | "Query" => &[("Items", Kind::List), ("Count", Kind::Number)],
        "ListAccounts" | "ListAccountsForParent" => &[("Accounts", Kind::List)],
        "ListOrganizationalUnitsForParent" => &[("OrganizationalUnits", Kind::List)],
        "ListTagsForResource" => &[("Tags", Kind::List)],
        "ListRegions" => &[("Regions", Kind::List)],
        "BatchGetItem" => &[("Responses", Kind::Object)],
        "BatchWriteItem" => &[("UnprocessedItems", Kind::Object)],
        _ => &[],
    }
}

fn check_xml(operation: &str, body: &[u8], content_type: &str) -> Result<(), Flaw> {
    if !body.starts_with(b"<") {
        return Err(Flaw::OtherFormat(content_type.to_owned()));
    }
    if !body.ends_with(format!("</{operation}Response>").as_bytes()) {
        return Err(Flaw::CutOff);
    }
    let missing = elements_of(operation).iter().find(|name| {
        let end = format!("</{name}>");
        !body.windows(end.len()).any(|part| part == end.as_bytes())
    });
    missing.map_or(Ok(()), |name| Err(Flaw::Lacks(name)))
}

/// Elements that are there and not empty. Source: API reference of STS.
fn elements_of(operation: &str) -> &'static [&'static str] {
    match operation {
        "GetCallerIdentity" => &["Account"],
        "AssumeRole" => &["Credentials"],
        _ => &[],
    }
}

/// What kind of value a member is. What is in it is read over and not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    List,
    Object,
    Other,
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Kind, E> {
        Ok(Kind::Number)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Kind, E> {
        Ok(Kind::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Kind, E> {
        Ok(Kind::Number)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Kind, A::Error> {
        while members.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Kind::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Kind, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Kind::Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    fn answer(body: &str) -> HttpResponse {
        HttpResponse::new(StatusCode::try_from(200).unwrap(), SdkBody::from(body))
    }

    fn json(operation: &str, body: &str) -> Result<(), Flaw> {
        Format::Json.check(operation, &answer(body))
    }

    fn xml(operation: &str, body: &str) -> Result<(), Flaw> {
        Format::Xml.check(operation, &answer(body))
    }

    fn other_format() -> Flaw {
        Flaw::OtherFormat("no content type".to_owned())
    }

    #[test]
    fn what_a_service_sends_passes() {
        for (operation, body) in [
            ("DescribeSourceServers", r#"{"items":[]}"#),
            ("DescribeSourceServers", r#"{"items":[{"arn":"a","tags":{}},null],"nextToken":"1"}"#),
            ("Scan", r#"{"Count":0,"Items":[],"ScannedCount":0}"#),
            ("Query", r#"{"Items":[{"a":{"S":"b"}}],"Count":1,"ScannedCount":1}"#),
            ("BatchGetItem", r#"{"Responses":{},"UnprocessedKeys":{}}"#),
            ("BatchWriteItem", r#"{"UnprocessedItems":{}}"#),
            ("PutItem", "{}"),
            ("GetItem", " {} \n"),
        ] {
            assert_eq!(json(operation, body), Ok(()), "{operation} {body}");
        }
        let identity = "<?xml version=\"1.0\"?>\n<GetCallerIdentityResponse><GetCallerIdentityResult>\
                        <Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>\n";
        assert_eq!(xml("GetCallerIdentity", identity), Ok(()));
        let none = "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>";
        assert_eq!(xml("DescribeInstances", none), Ok(()));
    }

    #[test]
    fn what_no_service_sends_does_not() {
        for (operation, body, flaw) in [
            ("PutItem", "", Flaw::Empty),
            ("PutItem", " \n", Flaw::Empty),
            ("PutItem", "[]", other_format()),
            ("PutItem", "null", other_format()),
            ("PutItem", "<html></html>", other_format()),
            ("PutItem", "{} {", other_format()),
            ("DescribeSourceServers", "{}", Flaw::Lacks("items")),
            ("DescribeJobs", "{}", Flaw::Lacks("items")),
            ("DescribeSourceServers", r#"{"items":null}"#, Flaw::Lacks("items")),
            ("DescribeSourceServers", r#"{"items":[{"arn":"#, Flaw::CutOff),
            ("Scan", r#"{"Count":0}"#, Flaw::Lacks("Items")),
            ("Query", r#"{"Items":[],"Count":"0"}"#, Flaw::Lacks("Count")),
            ("BatchGetItem", r#"{"UnprocessedKeys":{}}"#, Flaw::Lacks("Responses")),
            ("BatchWriteItem", r#"{"UnprocessedItems":[]}"#, Flaw::Lacks("UnprocessedItems")),
        ] {
            assert_eq!(json(operation, body), Err(flaw), "{operation} {body}");
        }
        for (operation, body, flaw) in [
            ("DescribeInstances", "", Flaw::Empty),
            ("DescribeInstances", "{}", other_format()),
            ("DescribeInstances", "<DescribeInstancesResponse><reserv", Flaw::CutOff),
            ("DescribeInstances", "<html></html>", Flaw::CutOff),
            (
                "GetCallerIdentity",
                "<GetCallerIdentityResponse></GetCallerIdentityResponse>",
                Flaw::Lacks("Account"),
            ),
        ] {
            assert_eq!(xml(operation, body), Err(flaw), "{operation} {body}");
        }
    }

    #[test]
    fn a_body_fits_its_checksum_or_is_unreadable() {
        let summed = |sum: &str| {
            let mut answer = answer("{}");
            answer.headers_mut().insert("x-amz-crc32", sum.to_owned());
            Format::Json.check("PutItem", &answer)
        };
        assert_eq!(summed("2745614147"), Ok(()));
        assert_eq!(summed("2745614148"), Err(Flaw::Checksum));
        assert_eq!(summed("no number"), Ok(()));
    }
}
