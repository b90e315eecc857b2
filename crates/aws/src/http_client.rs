//! The one HTTP client of a process.

use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, http_client_fn,
};

/// What the SDK makes by default, for all clients together: TLS by rustls, the machine's
/// certificates, a proxy where `HTTPS_PROXY` names one.
///
/// Left to itself every SDK client makes one of its own, and no connection is used by two.
pub(super) fn shared_http_client() -> SharedHttpClient {
    let client = Builder::new().build_with_connector_fn(|settings, components| {
        let sleep = components.and_then(|components| components.sleep_impl());
        connector(settings.cloned(), sleep)
    });
    // The client itself would read all certificates again whenever an SDK client is made from it.
    http_client_fn(move |settings, components| client.http_connector(settings, components))
}

/// TLS by rustls with the machine's certificates, and a proxy where `HTTPS_PROXY` names one.
pub(super) fn connector(
    settings: Option<HttpConnectorSettings>,
    sleep: Option<SharedAsyncSleep>,
) -> Connector {
    let mut connector = ConnectorBuilder::default()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .proxy_config(ProxyConfig::from_env());
    connector.set_connector_settings(settings);
    connector.set_sleep_impl(sleep);
    connector.build()
}
