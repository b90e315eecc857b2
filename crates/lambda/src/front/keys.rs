//! The public keys of a load balancer, by their ids.

use std::sync::Arc;
use std::time::Duration;

use aws::Getter;
use jsonwebtoken::DecodingKey;
use moka::future::Cache;

use super::settings::PageSettings;
use super::token::KeyId;

/// A load balancer changes its key at times; old ones are asked for no more.
const MOST_KEYS: u64 = 10;
const KEPT_FOR: Duration = Duration::from_secs(3_600);

/// Keys that were fetched. A failure is not kept, and one fetch serves all who ask meanwhile.
pub(super) struct Keys {
    address: String,
    getter: Getter,
    kept: Cache<KeyId, Arc<DecodingKey>>,
}

impl Keys {
    pub(super) fn of(settings: &PageSettings) -> Self {
        let kept = Cache::builder().max_capacity(MOST_KEYS).time_to_live(KEPT_FOR).build();
        Self { address: settings.keys.clone(), getter: Getter::new(), kept }
    }

    /// # Errors
    /// Why the key cannot be had.
    pub(super) async fn get(&self, id: &KeyId) -> Result<Arc<DecodingKey>, String> {
        let fetch = async {
            let url = format!("{}{id}", self.address);
            let pem = self.getter.text(&url).await.map_err(|error| error.to_string())?;
            let key = DecodingKey::from_ec_pem(pem.as_bytes());
            key.map(Arc::new).map_err(|error| format!("{url} is no public key: {error}"))
        };
        let got = self.kept.try_get_with(id.clone(), Box::pin(fetch)).await;
        got.map_err(|error: Arc<String>| (*error).clone())
    }
}
