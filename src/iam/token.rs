//! A JWT (RFC 7519): its header, its signature, and the claims that every token has to have.
//!
//! Time is the server's injected clock, which is why the checks of the library are switched off and made here. Keys that
//! a token brings along or points to (`jwk`, `jku`, `x5c`, `x5u`) are never looked at: a token is no witness for itself.

use super::refusal::Refusal;
use crate::config::{IamConfig, IamUrl};
use crate::domain::Timestamp;
use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde_json::{Map, Value};

/// What a token says.
pub(super) type Claims = Map<String, Value>;

/// How long a token may be, in bytes. Those of the large IAMs, with hundreds of groups, have half of that.
const MAX_LENGTH: usize = 16_384;
/// How long the name of a key may be, in bytes.
const MAX_KEY_NAME: usize = 512;

/// The types of token that are accepted (RFC 7515 section 4.1.9, RFC 9068 section 2.1). Without a type, it is a JWT.
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// When a token is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    /// From then on, if it says so.
    pub(super) from: Option<Timestamp>,
    /// Until then.
    pub(super) until: Timestamp,
}

impl Period {
    /// Requires that it is good now.
    pub(super) fn check(self, now: Timestamp) -> Result<(), Refusal> {
        if self.from.is_some_and(|from| now < from) {
            return Err(Refusal::TooEarly);
        }
        if now < self.until { Ok(()) } else { Err(Refusal::Expired) }
    }
}

/// Reads the header of a token, which nobody has vouched for yet, and requires that it asks for nothing unusual.
pub(super) fn header(token: &str, allowed: &[Algorithm]) -> Result<Header, Refusal> {
    if token.len() > MAX_LENGTH || token.bytes().filter(|byte| *byte == b'.').count() != 2 {
        return Err(Refusal::Malformed);
    }
    // The library knows no algorithm that is none.
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::Malformed)?;
    let is_of_type = header.typ.as_deref().is_none_or(|typ| TYPES.iter().any(|known| typ.eq_ignore_ascii_case(known)));
    let has_short_key_name = header.kid.as_ref().is_none_or(|kid| kid.len() <= MAX_KEY_NAME);
    // What is critical has to be understood (RFC 7515 section 4.1.11), and there is nothing that would be.
    if header.crit.is_some() || header.enc.is_some() || header.zip.is_some() || !is_of_type || !has_short_key_name {
        return Err(Refusal::Header);
    }
    if allowed.contains(&header.alg) { Ok(header) } else { Err(Refusal::Algorithm) }
}

/// The claims of a token that this key has signed.
pub(super) fn claims(token: &str, algorithm: Algorithm, key: &DecodingKey) -> Result<Claims, Refusal> {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    jsonwebtoken::decode(token, key, &validation).map(|token| token.claims).map_err(|_| Refusal::Signature)
}

/// Requires that the token is of that issuer and for this server, and says when it is good.
pub(super) fn period(config: &IamConfig, claims: &Claims, now: Timestamp) -> Result<Period, Refusal> {
    let issuer = config.issuer.as_ref().map(IamUrl::as_str);
    if issuer.is_none() || claims.get("iss").and_then(Value::as_str) != issuer {
        return Err(Refusal::Issuer);
    }
    let is_audience = |name: &Value| name.as_str().is_some_and(|name| config.audience.iter().any(|own| own == name));
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(names)) => names.iter().any(is_audience),
        Some(name) => is_audience(name),
        None => false,
    };
    if !is_for_us {
        return Err(Refusal::Audience);
    }
    let skew = TimeDelta::seconds(config.clock_skew_seconds.into());
    let until = time(claims, "exp")?.ok_or(Refusal::Claim("exp"))?;
    let (from, issued) = (time(claims, "nbf")?, time(claims, "iat")?);
    // Nobody makes tokens in the future.
    let from = from.max(issued);
    Ok(Period { from: from.map(|from| from - skew), until: until + skew })
        .and_then(|period: Period| period.check(now).map(|()| period))
}

/// When the token says that it was issued.
pub(super) fn issued_at(claims: &Claims) -> Option<Timestamp> {
    time(claims, "iat").ok().flatten()
}

/// A time in seconds since 1970, which may have a fraction (RFC 7519 section 2).
fn time(claims: &Claims, name: &'static str) -> Result<Option<Timestamp>, Refusal> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_i64().or_else(|| value.as_f64().and_then(whole_seconds)).ok_or(Refusal::Claim(name))?;
    // Further away than any token is, and near enough to be reckoned with.
    let is_sane = (0..=253_402_300_799).contains(&seconds);
    let time = is_sane.then(|| DateTime::from_timestamp(seconds, 0)).flatten();
    time.map(Some).ok_or(Refusal::Claim(name))
}

/// The whole seconds of a number; none if no calendar knows them.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the range has been checked, and a fraction of a second is no matter"
)]
fn whole_seconds(seconds: f64) -> Option<i64> {
    (0.0..=253_402_300_799.0).contains(&seconds).then(|| seconds.trunc() as i64)
}
