//! Which service, region and access key a request is signed for.
//!
//! The signature itself is not checked: whoever can reach the port may ask.

use http::HeaderMap;

/// The credential of a SigV4 `Authorization` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) access_key: String,
    pub(crate) region: String,
    pub(crate) service: String,
}

/// None where the request is not signed.
pub(crate) fn scope_of(headers: &HeaderMap) -> Option<Scope> {
    let header = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let credential = header
        .strip_prefix("AWS4-HMAC-SHA256")?
        .split(',')
        .find_map(|part| part.trim().strip_prefix("Credential="))?;
    // Access key, date, region, service, `aws4_request`.
    let mut parts = credential.rsplit('/').skip(1);
    let (service, region) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    let _date = parts.next()?;
    let access_key = parts.next()?.to_owned();
    Some(Scope { access_key, region, service })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(header: &str) -> Option<Scope> {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::AUTHORIZATION, header.parse().unwrap());
        scope_of(&headers)
    }

    #[test]
    fn the_scope_is_read_from_the_header() {
        let header = "AWS4-HMAC-SHA256 Credential=AKID/20261101/eu-west-1/drs/aws4_request, \
                      SignedHeaders=host, Signature=00";
        let read = scope(header).unwrap();
        assert_eq!((read.access_key.as_str(), read.region.as_str()), ("AKID", "eu-west-1"));
        assert_eq!(read.service, "drs");
    }

    #[test]
    fn what_is_not_signed_has_no_scope() {
        for header in ["Bearer x", "AWS4-HMAC-SHA256 Credential=AKID", "AWS4-HMAC-SHA256 x"] {
            assert_eq!(scope(header), None, "{header}");
        }
    }
}
