//! Which profile of the AWS configuration files the hub uses, and which region.

use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileLoadError, load};
use aws_config::provider_config::ProviderConfig;
use aws_config::{ConfigLoader, Region};

use crate::http_client::shared_http_client;

/// Names of profiles that an error lists.
const MOST_NAMED: usize = 20;

/// What somebody chose in place of what the SDK's chain would find by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Login {
    /// The profile, where one was chosen.
    pub profile: Option<String>,
    /// Whether the profile wins over keys in the environment, as `--profile` of the AWS CLI does. As with
    /// `AWS_PROFILE`, it does not otherwise.
    pub wins_over_keys: bool,
    /// The region of STS and DynamoDB.
    pub region: Option<String>,
}

/// A profile that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// No file has it.
    #[error(
        "there is no AWS profile {name:?}; {known}: name one of ~/.aws/config or ~/.aws/credentials, or add it there (`aws configure --profile NAME`)"
    )]
    Unknown {
        /// The name.
        name: String,
        /// The profiles that there are, in words.
        known: String,
    },
    /// A file cannot be read.
    #[error("cannot look for the AWS profile {name:?}: {source}")]
    Unreadable {
        /// The name.
        name: String,
        /// Why.
        source: ProfileFileLoadError,
    },
}

impl Login {
    /// `loader`, with what was chosen.
    pub(crate) async fn applied(&self, loader: ConfigLoader) -> Result<ConfigLoader, ProfileError> {
        let loader = match self.region.clone() {
            Some(region) => loader.region(Region::new(region)),
            None => loader,
        };
        let Some(name) = &self.profile else { return Ok(loader) };
        check(name).await?;
        let loader = loader.profile_name(name);
        match self.wins_over_keys {
            true => Ok(loader.credentials_provider(self.provider(name).await)),
            false => Ok(loader),
        }
    }

    /// The credentials of the profile alone: without them nothing else is tried.
    async fn provider(&self, name: &str) -> ProfileFileCredentialsProvider {
        let region = match self.region.clone() {
            Some(region) => Some(Region::new(region)),
            None => {
                let chain = aws_config::default_provider::region::DefaultRegionChain::builder();
                chain.profile_name(name).build().region().await
            }
        };
        let config = ProviderConfig::without_region()
            .with_region(region)
            .with_http_client(shared_http_client());
        ProfileFileCredentialsProvider::builder().configure(&config).profile_name(name).build()
    }
}

/// A profile that is misspelt must not end as credentials that could not be found.
async fn check(name: &str) -> Result<(), ProfileError> {
    let profiles = load(&Default::default(), &Default::default(), &Default::default(), None).await;
    let profiles =
        profiles.map_err(|source| ProfileError::Unreadable { name: name.to_owned(), source })?;
    if profiles.get_profile(name).is_some() {
        return Ok(());
    }
    let mut names: Vec<&str> = profiles.profiles().collect();
    names.sort_unstable();
    let known = match names.len() {
        0 => "there are none".to_owned(),
        many if many > MOST_NAMED => format!("there are {many}"),
        _ => format!("there are {}", names.join(", ")),
    };
    Err(ProfileError::Unknown { name: name.to_owned(), known })
}
