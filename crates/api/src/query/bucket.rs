//! The S3 bucket that reports and exports are put into.

use std::time::Duration;

use aws::{Aws, ServiceError, service_error};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, Region};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::timeout::TimeoutConfig;
use model::environment::{ConfigError, Environment};
use model::region::is_region;

use crate::failure::{ErrorCode, Failure};

const BUCKET: &str = "REPORT_BUCKET";
const REGION: &str = "REPORT_BUCKET_REGION";
const PREFIX: &str = "REPORT_PREFIX";
const DEFAULT_PREFIX: &str = "drs-inventory/";

/// Length of a bucket's name. Source: S3 user guide, general purpose bucket naming rules.
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 3..=63;
/// Leaves room for date and file in a key of 1,024 bytes. Source: S3 user guide, object key names.
const LONGEST_PREFIX: usize = 900;

/// Until S3 answers, the sending of a large file included.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// One file with all its retries.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(180);

/// Where reports and exports go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BucketSettings {
    /// The bucket's name.
    pub(super) name: String,
    /// Its region, where it is not that of the program.
    region: Option<String>,
    /// What every key begins with; ends with a slash.
    pub(super) prefix: String,
}

impl BucketSettings {
    /// `REPORT_BUCKET`, `REPORT_BUCKET_REGION` and `REPORT_PREFIX`; none where no bucket is named.
    ///
    /// # Errors
    /// The variable that S3 cannot use.
    pub(super) fn from_environment(environment: &Environment) -> Result<Option<Self>, ConfigError> {
        let set = |variable| environment.get(variable).filter(|value| !value.is_empty());
        let Some(name) = set(BUCKET) else { return Ok(None) };
        let prefix = set(PREFIX).unwrap_or_else(|| DEFAULT_PREFIX.to_owned());
        Ok(Some(Self {
            name: checked(BUCKET, name, is_bucket, "the name of an S3 bucket")?,
            region: set(REGION)
                .map(|region| checked(REGION, region, is_region, "a region, as in eu-central-1"))
                .transpose()?,
            prefix: checked(PREFIX, prefix, is_prefix, EXPECTED_PREFIX)?,
        }))
    }
}

/// The bucket of the environment, for an operation that cannot do without.
///
/// # Errors
/// `INVALID_STATE` where there is none; the variable that S3 cannot use.
pub(super) fn needed(environment: &Environment, to: &str) -> Result<BucketSettings, Failure> {
    BucketSettings::from_environment(environment)?.ok_or_else(|| {
        let message = format!(
            "there is no bucket to {to}: set REPORT_BUCKET to the name of one, or deploy with \
             --parameter ReportBucket=NAME"
        );
        Failure::new(ErrorCode::InvalidState, message)
    })
}

const EXPECTED_PREFIX: &str = "folders of letters, digits, dots, hyphens and underscores, each \
                               begun by a letter or digit and ended by a slash, as in drs-inventory/";

fn checked(
    variable: &'static str,
    value: String,
    fits: fn(&str) -> bool,
    expected: &'static str,
) -> Result<String, ConfigError> {
    match fits(&value) {
        true => Ok(value),
        false => Err(ConfigError::Invalid { variable, value, expected }),
    }
}

fn is_bucket(name: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = [name.bytes().next(), name.bytes().last()];
    NAME_LENGTH.contains(&name.len())
        && name.bytes().all(|byte| alphanumeric(byte) || b".-".contains(&byte))
        && ends.into_iter().flatten().all(alphanumeric)
        && !name.contains("..")
}

/// The same as `AllowedPattern` of the template: what stands in a policy must mean nothing there.
fn is_prefix(prefix: &str) -> bool {
    let may_be = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let is_folder = |folder: &str| {
        folder.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
            && folder.bytes().all(may_be)
    };
    let folders = prefix.strip_suffix('/');
    prefix.len() <= LONGEST_PREFIX
        && folders.is_some_and(|folders| folders.split('/').all(is_folder))
}

/// A bucket that can be written to.
pub(super) struct Bucket {
    client: Client,
    settings: BucketSettings,
}

impl Bucket {
    /// The bucket of the settings, written to as the hub.
    pub(super) fn new(aws: &Aws, settings: BucketSettings) -> Self {
        let timeouts = aws.config().timeout_config().map(TimeoutConfig::to_builder);
        let timeouts = timeouts
            .unwrap_or_default()
            .read_timeout(READ_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let mut config = Builder::from(aws.config())
            .timeout_config(timeouts)
            // An emulator has no host name for each bucket.
            .force_path_style(aws.config().endpoint_url().is_some());
        if let Some(region) = &settings.region {
            config = config.region(Region::new(region.clone()));
        }
        Self { client: Client::from_conf(config.build()), settings }
    }

    /// Puts one file, encrypted as the bucket says.
    ///
    /// # Errors
    /// S3 does not take it: which file, S3's code, and what to do.
    pub(super) async fn put(
        &self,
        key: &str,
        content: Vec<u8>,
        content_type: &str,
    ) -> Result<(), Failure> {
        let put = self
            .client
            .put_object()
            .bucket(&self.settings.name)
            .key(key)
            .content_type(content_type)
            .body(ByteStream::from(content));
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.refused(key, &service_error(&error))),
        }
    }

    fn refused(&self, key: &str, error: &ServiceError) -> Failure {
        let code = error.code();
        let message = format!(
            "cannot put {key} into the bucket {}: {code}: {}",
            self.settings.name,
            error.message()
        );
        let mut failure = Failure::of_service(ErrorCode::InternalError, message, error);
        if let (Some(advice), Some(details)) = (self.advice(code), &mut failure.details) {
            details["whatToDo"] = advice.into();
        }
        failure
    }

    /// What to do about a code of S3; none where its class says it.
    fn advice(&self, code: &str) -> Option<String> {
        let BucketSettings { name, prefix, .. } = &self.settings;
        match code {
            "NoSuchBucket" => Some(format!("make the bucket {name}, or correct {BUCKET}")),
            "AccessDenied" | "AllAccessDisabled" => Some(format!(
                "allow s3:PutObject on {name}/{prefix}* in the policies of the function's role and of the \
                 bucket, and kms:GenerateDataKey where the bucket is encrypted with a key of your own"
            )),
            "PermanentRedirect"
            | "TemporaryRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException"
            | "HTTP 301"
            | "HTTP 307" => Some(format!("set {REGION} to the region of the bucket")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<BucketSettings>, ConfigError> {
        BucketSettings::from_environment(&Environment::of(variables.iter().copied()))
    }

    #[test]
    fn a_bucket_is_named_or_it_is_not() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[(BUCKET, ""), (PREFIX, "anything")]), Ok(None));
        let settings =
            read(&[(BUCKET, "dr-reports"), (REGION, ""), (PREFIX, "")]).unwrap().unwrap();
        assert_eq!((settings.region, settings.prefix.as_str()), (None, "drs-inventory/"));
        let all = [(BUCKET, "a.b-3"), (REGION, "eu-central-1"), (PREFIX, "a/B_1.x/")];
        let settings = read(&all).unwrap().unwrap();
        assert_eq!(settings.region.as_deref(), Some("eu-central-1"));
        assert_eq!(settings.prefix, "a/B_1.x/");
    }

    #[test]
    fn what_s3_or_a_policy_takes_otherwise_is_refused_by_its_variable() {
        let long = "a".repeat(64);
        for name in ["ab", &long, "Upper", "a_b", "-ab", "ab.", "a..b", "a/b"] {
            let text = read(&[(BUCKET, name)]).unwrap_err().to_string();
            assert!(text.starts_with("REPORT_BUCKET is "), "{text}");
        }
        for prefix in ["/", "a", "/a/", "a//", "*/", "a?/", "${x}/", "../", "a/./", "ü/"] {
            let text = read(&[(BUCKET, "abc"), (PREFIX, prefix)]).unwrap_err().to_string();
            assert!(text.starts_with("REPORT_PREFIX is "), "{text}");
        }
        let text = read(&[(BUCKET, "abc"), (REGION, "Frankfurt")]).unwrap_err().to_string();
        assert!(text.starts_with("REPORT_BUCKET_REGION is "), "{text}");
    }
}
