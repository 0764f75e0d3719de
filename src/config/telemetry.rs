//! The section about traces.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// Whether traces of requests are sent to a collector of OpenTelemetry, and which.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TelemetryConfig {
    /// Where the collector is, for OTLP over HTTP with protobuf; traces go to `/v1/traces` below. Empty means that there
    /// are no traces.
    #[serde(with = "optional_endpoint")]
    #[schemars(with = "String", extend("x-expected" = "a URL that starts with http:// or https:// and has neither user, \
        query nor fragment, or nothing for no traces"))]
    pub endpoint: Option<Url>,
    /// What the server is called in traces.
    #[schemars(length(min = 1))]
    pub service_name: String,
    /// Of how many requests in a hundred there are traces. A request that comes with the `traceparent` of another trace
    /// does as that one does.
    #[schemars(range(min = 0, max = 100))]
    pub sample_percent: u32,
}

/// A URL in which the empty string stands for none, since TOML has no null.
mod optional_endpoint {
    use super::Url;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    /// Serializes none as the empty string.
    #[expect(clippy::ref_option, reason = "serde passes the field by reference")]
    pub(super) fn serialize<S: Serializer>(url: &Option<Url>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(url.as_ref().map_or("", Url::as_str))
    }

    /// Deserializes the empty string as none. A secret has no place in the URL: it would be shown with it.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(None);
        }
        let is_plain = |url: &Url| {
            matches!(url.scheme(), "http" | "https")
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        };
        Url::parse(&text).ok().filter(is_plain).map(Some).ok_or_else(|| D::Error::custom("not the URL of a collector"))
    }
}
