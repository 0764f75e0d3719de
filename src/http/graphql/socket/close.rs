//! Why a connection is closed, with the codes of the sub-protocol (4400 to 4500) and of RFC 6455 (1001, 1013).
//!
//! Clients take codes as a hint whether to come back. The usual client comes back after 1001, 1013, 4403 and 4408, and
//! gives up after the others.

use axum::extract::ws::CloseFrame;
use std::borrow::Cow;

/// How many bytes a reason may have (RFC 6455, section 5.5).
const MAX_REASON: usize = 123;

/// Why a connection is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Close {
    /// 1001: the server stops.
    GoingAway,
    /// 1013: the client has not read what it was sent for too long.
    TooSlow,
    /// 1013: nothing was heard of the client for too long.
    Silent,
    /// 1013: the credential has as many connections as it may.
    TooManyConnections,
    /// 1013: whether the credential still holds cannot be found out just now.
    TryAgain,
    /// 4400: that was no message of the protocol.
    BadMessage(&'static str),
    /// 4401: the client has asked for something before the connection was acknowledged.
    Unauthorized,
    /// 4403: the credential is of no use, or not any more.
    Forbidden,
    /// 4406: the client does not speak the sub-protocol.
    NotAcceptable,
    /// 4408: the client has not sent `connection_init` in time.
    InitTimeout,
    /// 4409: there is an operation with this id.
    Exists(Box<str>),
    /// 4429: the client has sent `connection_init` twice.
    TooManyInits,
    /// 4429: the client goes on asking for what it is refused, until there is nothing left to pay for that.
    TooMuch,
    /// 4500: a fault of the server.
    Failed,
}

impl Close {
    /// The code.
    pub(super) const fn code(&self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::TooSlow | Self::Silent | Self::TooManyConnections | Self::TryAgain => 1013,
            Self::BadMessage(_) => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden => 4403,
            Self::NotAcceptable => 4406,
            Self::InitTimeout => 4408,
            Self::Exists(_) => 4409,
            Self::TooManyInits | Self::TooMuch => 4429,
            Self::Failed => 4500,
        }
    }

    /// The frame that says so.
    pub(super) fn frame(&self) -> CloseFrame {
        CloseFrame { code: self.code(), reason: shortened(&self.reason()).into() }
    }

    /// The reason, in the words of the protocol where it has some.
    fn reason(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::GoingAway => "The server is going away",
            Self::TooSlow => "What was sent was not read in time",
            Self::Silent => "Nothing was heard for too long",
            Self::TooManyConnections => "Too many connections with this credential",
            Self::TryAgain => "The credential cannot be checked just now; try again later",
            Self::BadMessage(reason) => reason,
            Self::Unauthorized => "Unauthorized",
            Self::Forbidden => "Forbidden",
            Self::NotAcceptable => "Subprotocol not acceptable",
            Self::InitTimeout => "Connection initialisation timeout",
            Self::Exists(id) => return Cow::Owned(format!("Subscriber for {id} already exists")),
            Self::TooManyInits => "Too many initialisation requests",
            Self::TooMuch => "Too many requests",
            Self::Failed => "Internal server error",
        })
    }
}

/// As much of a text as fits into a frame.
fn shortened(reason: &str) -> String {
    let mut kept = String::new();
    for character in reason.chars() {
        if kept.len() + character.len_utf8() > MAX_REASON {
            break;
        }
        kept.push(character);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_into_its_frame() {
        let frame = Close::Exists(format!("x{}", "ä".repeat(200)).into()).frame();
        assert_eq!((frame.code, frame.reason.as_str().len()), (4409, 122), "characters are not cut in two");
        assert_eq!(Close::Exists("7".into()).frame().reason.as_str(), "Subscriber for 7 already exists");
    }
}
