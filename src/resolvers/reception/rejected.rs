//! What is remembered of a signal that was refused. Anybody may send anything, so it is little: never the signal itself.

use crate::domain::Timestamp;
use crate::domain::transmitter::{RejectedSignal, SignalRefusal};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// How much of a name is remembered, in characters.
const MAX_NAME: usize = 256;
/// How long a signal may be of which anything is read, in bytes.
const MAX_LENGTH: usize = 65_536;

/// What is remembered of it.
pub(super) fn remembered(signal: &str, refusal: &SignalRefusal, at: Timestamp) -> RejectedSignal {
    let claims = claims(signal);
    let name = |name: &str| {
        let text = claims.as_ref()?.get(name)?.as_str()?;
        let text: String = text.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
        (!text.is_empty()).then_some(text)
    };
    RejectedSignal {
        at,
        fault: refusal.fault,
        description: refusal.description.clone(),
        jti: name("jti"),
        issuer: name("iss"),
    }
}

/// What a signal claims, for which nobody has vouched.
fn claims(signal: &str) -> Option<Value> {
    let part = signal.split('.').nth(1).filter(|_| signal.len() <= MAX_LENGTH)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::from_micros;
    use crate::domain::transmitter::SignalFault;

    #[test]
    fn names_are_remembered_as_far_as_they_can_be_read() {
        let refusal = SignalRefusal { fault: SignalFault::Key, description: "No.".to_owned() };
        let names = |signal: &str| {
            let remembered = remembered(signal, &refusal, from_micros(0));
            (remembered.jti, remembered.issuer)
        };
        let of = |claims: &str| names(&format!("e30.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(claims)));
        let (jti, issuer) = (Some("7".to_owned()), Some("https://x".to_owned()));
        assert_eq!(of(r#"{"jti": "7", "iss": "https://x"}"#), (jti.clone(), issuer));
        assert_eq!(of(r#"{"jti": "\u00007\n", "iss": 7}"#), (jti, None));
        assert_eq!(of(&format!(r#"{{"jti": "{}"}}"#, "a".repeat(9_000))).0.map(|jti| jti.len()), Some(MAX_NAME));
        for garbage in ["", "a.b.c", "{}", "..", "e30.e30.e30"] {
            assert_eq!(names(garbage), (None, None), "{garbage}");
        }
    }
}
