//! What the configuration says about tokens, in the words of the resolvers.

use crate::config::{Config, IamUrl, TokenSigning};
use crate::domain::{Result, SigningAlgorithm};
use crate::resolvers::oauth::{Sealer, Settings};
use crate::resolvers::outlets::Rules;
use chrono::TimeDelta;

/// What is told of this server as an issuer, whether it issues anything or not.
#[derive(Debug, Clone)]
pub(in super::super) struct Told {
    /// The URL of this server.
    pub(super) issuer: String,
    /// Where people sign in, if an IAM is configured.
    pub(super) authorization_endpoint: Option<String>,
}

impl Told {
    /// What is told of the server of a configuration.
    pub(in super::super) fn of(config: &Config) -> Self {
        let authorization_endpoint = match (config.oauth.authorization_url.as_str(), &config.iam.issuer) {
            ("", Some(iam)) => Some(format!("{}/login/oauth/authorize", iam.as_str().trim_end_matches('/'))),
            ("", None) => None,
            (url, _) => Some(url.to_owned()),
        };
        Self { issuer: issuer(config), authorization_endpoint }
    }
}

/// How tokens are issued; none if there is no secret to seal their keys with.
pub fn issuance(config: &Config) -> Result<Option<Settings>> {
    let Some(secret) = &config.oauth.key_secret else { return Ok(None) };
    let issuer = issuer(config);
    let audience = if config.oauth.audience.is_empty() { issuer.clone() } else { config.oauth.audience.clone() };
    Ok(Some(Settings {
        audience,
        issuer,
        algorithm: match config.oauth.signing_algorithm {
            TokenSigning::ES256 => SigningAlgorithm::Es256,
            TokenSigning::RS256 => SigningAlgorithm::Rs256,
        },
        lifetime: TimeDelta::seconds(config.oauth.token_seconds.into()),
        password_grant: config.oauth.password_grant,
        sealer: Sealer::of(secret.expose().as_bytes())?,
        outlet_sealer: Sealer::of_outlets(secret.expose().as_bytes())?,
        outlets: Rules {
            allow_private_networks: config.deliveries.allow_private_networks,
            first_retry: TimeDelta::milliseconds(config.deliveries.first_retry_milliseconds.into()),
            longest_retry: TimeDelta::seconds(config.deliveries.longest_retry_seconds.into()),
            max_attempts: config.deliveries.max_attempts.into(),
            give_up_after: TimeDelta::hours(config.deliveries.give_up_after_hours.into()),
            retention: TimeDelta::days(config.deliveries.retention_days.into()),
        },
    }))
}

/// The URL of this server. Never what a client says in `Host`: tokens would say it after it.
fn issuer(config: &Config) -> String {
    let public_url = config.server.public_url.trim_end_matches('/');
    match (config.oauth.issuer.as_ref().map(IamUrl::as_str), public_url) {
        (Some(issuer), _) => issuer.trim_end_matches('/').to_owned(),
        (None, "") => format!("http://{}", config.server.listen),
        (None, url) => url.to_owned(),
    }
}
