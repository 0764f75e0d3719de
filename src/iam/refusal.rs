//! Why a token of the IAM is not accepted: a word for the log, and a sentence for whoever sent it.
//!
//! Until the signature has been verified, everything gets the same sentence: who makes tokens up learns nothing. A token
//! that the IAM has really made may be told what is the matter with it.

use crate::domain::{Error, ErrorCode};

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is no signed JWT, or larger than any.
    Malformed,
    /// Its header asks for something that is not understood, or is of another type.
    Header,
    /// It is signed by an algorithm that is not allowed.
    Algorithm,
    /// It names no key that the issuer has.
    UnknownKey,
    /// Its signature is wrong.
    Signature,
    /// Its issuer is another one.
    Issuer,
    /// It is not meant for this server.
    Audience,
    /// It has expired.
    Expired,
    /// It is not valid yet.
    TooEarly,
    /// A claim is missing, or is not what it has to be.
    Claim(&'static str),
    /// Its e-mail address is not verified.
    UnverifiedEmail,
    /// None of its roles is good for anything here.
    NoRole,
    /// The keys of the issuer are not known.
    NoKeys,
}

impl Refusal {
    /// What the log calls it.
    const fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Header => "header not understood",
            Self::Algorithm => "algorithm not allowed",
            Self::UnknownKey => "unknown key",
            Self::Signature => "wrong signature",
            Self::Issuer => "other issuer",
            Self::Audience => "other audience",
            Self::Expired => "expired",
            Self::TooEarly => "not valid yet",
            Self::Claim(claim) => claim,
            Self::UnverifiedEmail => "e-mail address not verified",
            Self::NoRole => "no role",
            Self::NoKeys => "keys not known",
        }
    }

    /// What the client is told.
    pub(super) fn error(self) -> Error {
        tracing::info!(iam.refusal = self.reason(), "refused a token of the IAM");
        let told = |message: &'static str| Error { message: message.into(), ..Error::unauthenticated() };
        match self {
            Self::Malformed | Self::Header | Self::Algorithm | Self::UnknownKey | Self::Signature | Self::Issuer => {
                told("This token is not valid here; send an API token, or one that the IAM has made for this server.")
            }
            Self::Audience => told("This token is not meant for this server; ask the IAM for one that is."),
            Self::Expired => told("This token has expired; ask the IAM for a new one."),
            Self::TooEarly => told("This token is not valid yet; see that the clocks of both servers are right."),
            Self::Claim(_) => {
                told("This token lacks what this server needs to know; tell its operator the request id.")
            }
            Self::UnverifiedEmail => told("The e-mail address of this token is not verified; verify it at the IAM."),
            Self::NoRole => Error::forbidden("No role of this token gives access here; ask an administrator for one."),
            Self::NoKeys => Error {
                code: ErrorCode::Unavailable,
                keyword: None,
                field: None,
                message: "Tokens of the IAM cannot be checked just now; repeat the request in a moment.".into(),
            },
        }
    }
}
