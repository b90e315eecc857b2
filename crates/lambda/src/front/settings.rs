//! Which load balancer is answered, and for whom.

use model::environment::{ConfigError, Environment};

const SIGNER: &str = "PAGE_SIGNER_ARN";
const CLIENT: &str = "PAGE_CLIENT_ID";
const CLAIM: &str = "PAGE_REQUIRED_CLAIM";
const KEYS: &str = "PAGE_KEYS_URL";

/// The load balancer in front of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageSettings {
    /// Its ARN. `PAGE_SIGNER_ARN`.
    pub signer: String,
    /// Its region.
    pub region: String,
    /// The client id that it has at the identity provider. `PAGE_CLIENT_ID`.
    pub client: String,
    /// Name and value of a claim that a user must have. `PAGE_REQUIRED_CLAIM`, as in `groups=dr-team`.
    pub required_claim: Option<(String, String)>,
    /// Where its public keys are, ending with a slash.
    pub keys: String,
}

impl PageSettings {
    /// None where no load balancer is named.
    ///
    /// # Errors
    /// The variable that cannot be used, and what was expected.
    pub fn from_environment(environment: &Environment) -> Result<Option<Self>, ConfigError> {
        let get = |name| environment.get(name).filter(|value: &String| !value.is_empty());
        let (signer, client) = match (get(SIGNER), get(CLIENT)) {
            (None, None) => return Ok(None),
            (Some(signer), Some(client)) => (signer, client),
            (Some(_), None) => return Err(together(CLIENT)),
            (None, Some(_)) => return Err(together(SIGNER)),
        };
        let region = region_of(&signer)?;
        let required_claim = get(CLAIM).map(claim).transpose()?;
        let keys = match get(KEYS) {
            None => public_keys(&region),
            Some(url) => emulated_keys(url, get("AWS_ENDPOINT_URL").is_some())?,
        };
        Ok(Some(Self { signer, region, client, required_claim, keys }))
    }
}

fn together(variable: &'static str) -> ConfigError {
    let expected = "both PAGE_SIGNER_ARN and PAGE_CLIENT_ID, or neither";
    ConfigError::Invalid { variable, value: String::new(), expected }
}

fn region_of(signer: &str) -> Result<String, ConfigError> {
    let parts: Vec<&str> = signer.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, "elasticloadbalancing", region, account, resource]
            if partition.starts_with("aws")
                && model::region::is_region(region)
                && model::is_account_id(account)
                && resource.starts_with("loadbalancer/app/") =>
        {
            Ok(region.to_owned())
        }
        _ => Err(ConfigError::Invalid {
            variable: SIGNER,
            value: signer.to_owned(),
            expected: "the ARN of an Application Load Balancer",
        }),
    }
}

fn claim(text: String) -> Result<(String, String), ConfigError> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err(ConfigError::Invalid { variable: CLAIM, value: text, expected: "NAME=VALUE" }),
    }
}

/// Source: Application Load Balancer user guide, "Authenticate users", "User claims encoding and
/// signature verification".
fn public_keys(region: &str) -> String {
    match region {
        "us-gov-east-1" | "us-gov-west-1" => {
            format!("https://s3-{region}.amazonaws.com/aws-elb-public-keys-prod-{region}/")
        }
        region if region.starts_with("cn-") => {
            format!("https://public-keys.auth.elb.{region}.amazonaws.com.cn/")
        }
        region => format!("https://public-keys.auth.elb.{region}.amazonaws.com/"),
    }
}

/// Whoever serves the keys decides who comes in: on AWS it is AWS.
fn emulated_keys(url: String, is_emulated: bool) -> Result<String, ConfigError> {
    let is_url = url.starts_with("http://") || url.starts_with("https://");
    match is_emulated && is_url {
        true => Ok(format!("{}/", url.trim_end_matches('/'))),
        false => Err(ConfigError::Invalid {
            variable: KEYS,
            value: url,
            expected: "nothing on AWS; a URL where AWS_ENDPOINT_URL names an emulator",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str =
        "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/page/50dc";

    fn read(variables: &[(&str, &str)]) -> Result<Option<PageSettings>, ConfigError> {
        PageSettings::from_environment(&Environment::of(variables.iter().copied()))
    }

    #[test]
    fn a_load_balancer_is_named_as_a_whole_or_not_at_all() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[(SIGNER, ""), (CLIENT, "")]), Ok(None));
        let page = read(&[(SIGNER, ARN), (CLIENT, "c"), (CLAIM, "groups=dr=team")]);
        let page = page.unwrap().unwrap();
        assert_eq!(page.region, "eu-west-1");
        assert_eq!(page.keys, "https://public-keys.auth.elb.eu-west-1.amazonaws.com/");
        assert_eq!(page.required_claim, Some(("groups".to_owned(), "dr=team".to_owned())));
        for wrong in [
            vec![(SIGNER, ARN)],
            vec![(CLIENT, "c")],
            vec![(SIGNER, "arn:aws:iam::111111111111:role/x"), (CLIENT, "c")],
            vec![(SIGNER, &ARN.replace("eu-west-1", "evil.example/")), (CLIENT, "c")],
            vec![(SIGNER, ARN), (CLIENT, "c"), (CLAIM, "groups")],
            vec![(SIGNER, ARN), (CLIENT, "c"), (CLAIM, "=x")],
        ] {
            let error = read(&wrong).unwrap_err().to_string();
            assert!(error.starts_with("PAGE_"), "{error}");
        }
    }

    #[test]
    fn the_keys_are_those_of_aws_unless_there_is_an_emulator() {
        let gov =
            ARN.replace("aws:elastic", "aws-us-gov:elastic").replace("eu-west", "us-gov-west");
        let gov = read(&[(SIGNER, &gov), (CLIENT, "c")]).unwrap().unwrap();
        let expected =
            "https://s3-us-gov-west-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-west-1/";
        assert_eq!(gov.keys, expected);
        let local = (KEYS, "http://127.0.0.1:1/keys");
        let error = read(&[(SIGNER, ARN), (CLIENT, "c"), local]).unwrap_err().to_string();
        assert!(error.starts_with("PAGE_KEYS_URL is "), "{error}");
        let emulator = ("AWS_ENDPOINT_URL", "http://127.0.0.1:2");
        let page = read(&[(SIGNER, ARN), (CLIENT, "c"), local, emulator]).unwrap().unwrap();
        assert_eq!(page.keys, "http://127.0.0.1:1/keys/");
    }
}
