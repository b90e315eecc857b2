//! What a load balancer signed: a JSON web token of its own kind. Its parts are base64url with padding,
//! and its header, not only its payload, says by whom and until when it holds.
//!
//! Source: Application Load Balancer user guide, "Authenticate users", "User claims encoding and
//! signature verification".

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::settings::PageSettings;

/// Bytes of the header: a load balancer sends at most 11 KB of claims, in base64.
const LONGEST: usize = 16 * 1024;
/// Padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a request is refused. It says nothing of what the request holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("the HTTP API has no authorizer, or it knows nobody")]
    NoAuthorizer,
    #[error("the event comes from no HTTP API and no load balancer")]
    NoFrontDoor,
    #[error("no load balancer is answered: PAGE_SIGNER_ARN and PAGE_CLIENT_ID are not set")]
    NoPage,
    #[error("there is not exactly one identity")]
    NoIdentity,
    #[error("the identity cannot be read")]
    Unreadable,
    #[error("the identity is not signed with ES256")]
    Algorithm,
    #[error("the identity is signed by another load balancer")]
    Signer,
    #[error("the identity is for another client")]
    Client,
    #[error("the identity has expired")]
    Expired,
    #[error("the id of the key is no UUID")]
    KeyId,
    #[error("the signature does not fit")]
    Signature,
    #[error("the user has not the claim that is required")]
    Claim,
}

/// The id of a key: a UUID, and so nothing that changes the address it is a part of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct KeyId(String);

impl KeyId {
    fn of(text: &str) -> Result<Self, Refused> {
        let is_uuid = text.len() == 36
            && text.bytes().enumerate().all(|(position, byte)| match position {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        if is_uuid { Ok(Self(text.to_owned())) } else { Err(Refused::KeyId) }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    signer: String,
    client: String,
    exp: u64,
}

/// A token that was read, and of which nothing is believed yet.
pub(super) struct Signed<'a> {
    header: Header,
    key_id: KeyId,
    payload: Vec<u8>,
    /// Header and payload as they came: what the signature is of.
    message: &'a str,
    signature: &'a str,
}

impl<'a> Signed<'a> {
    /// # Errors
    /// Where it is no token, or its key has no usable id.
    pub(super) fn read(token: &'a str) -> Result<Self, Refused> {
        if token.len() > LONGEST {
            return Err(Refused::Unreadable);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Refused::Unreadable)?;
        let (header, payload) = message.split_once('.').ok_or(Refused::Unreadable)?;
        if payload.contains('.') {
            return Err(Refused::Unreadable);
        }
        let decode = |part: &str| BASE64.decode(part).map_err(|_| Refused::Unreadable);
        let header: Header =
            serde_json::from_slice(&decode(header)?).map_err(|_| Refused::Unreadable)?;
        let key_id = KeyId::of(&header.kid)?;
        let signature = signature.trim_end_matches('=');
        Ok(Self { header, key_id, payload: decode(payload)?, message, signature })
    }

    pub(super) fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// Whether it claims to be of the load balancer, for this page, and still to hold. `now` is since
    /// 1970.
    pub(super) fn check_header(
        &self,
        settings: &PageSettings,
        now: Duration,
    ) -> Result<(), Refused> {
        let Header { alg, signer, client, exp, .. } = &self.header;
        if alg != "ES256" {
            return Err(Refused::Algorithm);
        }
        if *signer != settings.signer {
            return Err(Refused::Signer);
        }
        if *client != settings.client {
            return Err(Refused::Client);
        }
        if *exp <= now.as_secs() {
            return Err(Refused::Expired);
        }
        Ok(())
    }

    /// Whether the load balancer has signed all of it.
    pub(super) fn check_signature(&self, key: &DecodingKey) -> Result<(), Refused> {
        let message = self.message.as_bytes();
        let fits = jsonwebtoken::crypto::verify(self.signature, message, key, Algorithm::ES256);
        if fits.unwrap_or(false) { Ok(()) } else { Err(Refused::Signature) }
    }

    /// Whether the user has the claim that is required. To be asked once the signature fits.
    pub(super) fn check_claims(
        &self,
        settings: &PageSettings,
        now: Duration,
    ) -> Result<(), Refused> {
        let claims: Map<String, Value> =
            serde_json::from_slice(&self.payload).map_err(|_| Refused::Unreadable)?;
        if claims.get("exp").and_then(Value::as_u64).is_some_and(|exp| exp <= now.as_secs()) {
            return Err(Refused::Expired);
        }
        let Some((name, value)) = &settings.required_claim else { return Ok(()) };
        match claims.get(name).is_some_and(|claim| has(claim, value)) {
            true => Ok(()),
            false => Err(Refused::Claim),
        }
    }
}

/// Whether a claim holds a value. A list holds several, and so does a text with blanks or commas between
/// them, as some identity providers write groups.
fn has(claim: &Value, wanted: &str) -> bool {
    match claim {
        Value::String(text) => {
            text == wanted || text.split([' ', ',']).any(|value| value.trim() == wanted)
        }
        Value::Array(values) => values.iter().any(|value| value.as_str() == Some(wanted)),
        Value::Bool(claim) => claim.to_string() == wanted,
        Value::Number(claim) => claim.to_string() == wanted,
        Value::Null | Value::Object(_) => false,
    }
}
