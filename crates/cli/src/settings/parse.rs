//! TOML to values, and what is wrong with it. An error never shows a value: it may be a secret.

use std::collections::BTreeMap;

use model::region::is_region;
use toml::de::{DeArray, DeTable, DeValue};

use super::Value;
use super::known::{KNOWN, Kind, Known};

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) line: usize,
    pub(super) what: String,
}

/// What a key is made of that holds a secret, whatever the program knows of it.
const SECRETS: [&str; 9] = [
    "external_id",
    "externalid",
    "secret",
    "password",
    "passphrase",
    "token",
    "credential",
    "access_key",
    "private_key",
];

pub(super) fn parse(text: &str) -> Result<BTreeMap<&'static str, Value>, Wrong> {
    let line_of = |offset: usize| 1 + text.bytes().take(offset).filter(|it| *it == b'\n').count();
    let table = DeTable::parse(text).map_err(|error| {
        let line = line_of(error.span().map_or(0, |span| span.start));
        let what =
            format!("this is no TOML: {}; expected lines as in rpo_minutes = 15", error.message());
        Wrong { line, what }
    })?;
    // In the order of the lines, so that the first error of the file is the one that is told.
    let mut entries: Vec<_> = table.get_ref().iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let mut values = BTreeMap::new();
    for (key, value) in entries {
        let line = line_of(key.span().start);
        let wrong = |what| Wrong { line, what };
        let known = known(key.get_ref()).map_err(wrong)?;
        let text = text_of(known, value.get_ref()).map_err(wrong)?;
        values.insert(known.key, Value { text, line });
    }
    Ok(values)
}

fn known(key: &str) -> Result<&'static Known, String> {
    let plain = key.to_ascii_lowercase().replace('-', "_");
    if SECRETS.iter().any(|part| plain.contains(part)) {
        return Err(format!(
            "{key} is a secret, and secrets do not belong in a file; take it out. External ids come from \
             the environment (DEFAULT_EXTERNAL_ID, DRS_INVENTORY_EXTERNAL_ID), AWS credentials from the \
             AWS CLI's own files: name their profile here"
        ));
    }
    KNOWN.iter().find(|known| known.key == key).ok_or_else(|| {
        let keys: Vec<&str> = KNOWN.iter().map(|known| known.key).collect();
        format!(
            "{key} is no setting; correct it or take it out; expected one of {}",
            keys.join(", ")
        )
    })
}

/// As a variable would hold it.
fn text_of(known: &Known, value: &DeValue<'_>) -> Result<String, String> {
    let text = match (known.kind, value) {
        (Kind::Text | Kind::Own, DeValue::String(text)) if !text.is_empty() => {
            Some(text.to_string())
        }
        (Kind::NumberOrNever, DeValue::String(text)) if text == "never" => Some(text.to_string()),
        (Kind::FlagOrAll, DeValue::String(text)) if text == "all" => Some(text.to_string()),
        (Kind::Number | Kind::NumberOrNever, DeValue::Integer(number)) if number.radix() == 10 => {
            Some(number.as_str().to_owned())
        }
        (Kind::Flag | Kind::FlagOrAll, DeValue::Boolean(flag)) => Some(flag.to_string()),
        (Kind::Regions, DeValue::Array(regions)) => list(regions),
        _ => None,
    };
    let text = text.filter(|text| known.key != "region" || is_region(text));
    text.ok_or_else(|| {
        let expected = match known.key {
            "region" => "a region, as in \"us-east-1\"",
            _ => known.kind.expected(),
        };
        format!("{} is {}; expected {expected}", known.key, kind_of(value))
    })
}

/// Without a region the built-in list would hold, which is not what an empty list says.
fn list(regions: &DeArray<'_>) -> Option<String> {
    let regions: Option<Vec<&str>> = regions
        .iter()
        .map(|region| region.get_ref().as_str().filter(|region| is_region(region)))
        .collect();
    regions.filter(|regions| !regions.is_empty()).map(|regions| regions.join(","))
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "another text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, line: usize) -> Value {
        Value { text: text.to_owned(), line }
    }

    fn wrong(text: &str) -> Wrong {
        parse(text).unwrap_err()
    }

    #[test]
    fn values_are_what_a_variable_would_hold() {
        let text = "# mine\nrpo_minutes = 30\n\ndrs_regions = [\"eu-west-1\", \"us-east-1\"]\n\
                    remove_after_hours = \"never\"\nfind_unprotected = true\nstore = \"dynamodb\"\n";
        let values = parse(text).unwrap();
        assert_eq!(values["rpo_minutes"], value("30", 2));
        assert_eq!(values["drs_regions"], value("eu-west-1,us-east-1", 4));
        assert_eq!(values["remove_after_hours"], value("never", 5));
        assert_eq!(values["find_unprotected"], value("true", 6));
        assert_eq!(values["store"], value("dynamodb", 7));
        assert_eq!(parse("").unwrap(), BTreeMap::new());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_what_was_expected() {
        for (text, line, parts) in [
            ("\nrpo_minuets = 1", 2, &["rpo_minuets is no setting", "rpo_minutes"][..]),
            ("rpo_minutes = \"15\"", 1, &["another text", "whole number"]),
            ("rpo_minutes = 1.5", 1, &["fraction", "whole number"]),
            ("read_drills = \"yes\"", 1, &["true or false"]),
            ("drs_regions = \"eu-west-1\"", 1, &["a list of regions"]),
            ("drs_regions = []", 1, &["a list of regions"]),
            ("drs_regions = [\"Europe\"]", 1, &["a list of regions"]),
            ("region = \"Ireland\"", 1, &["a region"]),
            ("[sync]\nrpo_minutes = 1", 1, &["sync is no setting"]),
            ("profile = 7", 1, &["a number", "a text"]),
            ("a = 1\nrpo_minutes", 2, &["no TOML"]),
            ("rpo_minutes = 1\nrpo_minutes = 2", 2, &["no TOML"]),
        ] {
            let wrong = wrong(text);
            assert_eq!(wrong.line, line, "{text:?}: {wrong:?}");
            assert!(parts.iter().all(|part| wrong.what.contains(part)), "{text:?}: {wrong:?}");
        }
    }

    #[test]
    fn secrets_are_refused_and_never_shown() {
        for text in [
            "default_external_id = \"hush-hush\"",
            "external-id = \"hush-hush\"",
            "aws_secret_access_key = \"hush-hush\"",
            "AWS_ACCESS_KEY_ID = \"hush-hush\"",
            "api_token = \"hush-hush\"",
            "password = \"hush-hush\"",
        ] {
            let wrong = wrong(text);
            assert!(wrong.what.contains("is a secret"), "{wrong:?}");
            assert!(!wrong.what.contains("hush"), "{wrong:?}");
        }
        for text in
            ["aws_secret_access_key = hush/hush", "rpo_minutes = \"hush", "hush hush", "a.b = hush"]
        {
            assert!(!wrong(text).what.contains("hush"), "{:?}", wrong(text));
        }
    }
}
