//! Persisted queries, by [Apollo's protocol][1]: a client sends the SHA-256 of a document instead of the document.
//!
//! ```json
//! {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "…"}}}
//! ```
//!
//! If the server does not know the document, it says so with the code `PERSISTED_QUERY_NOT_FOUND`. The client sends the hash
//! and the document once, and from then on the hash alone. A document is found by what it says, so no client can put
//! another in its place. Documents are kept once they were executed, so never one that does not parse, is not valid or asks
//! for too much; and when there are too many, those go that are asked for least. They are kept in memory: a server that was
//! started anew, or another one, asks for them again.
//!
//! The documents that the operator [trusts](super::trusted) are found in the same way, by whatever id they have, and are
//! always there. If the operator wants so, nothing else is run.
//!
//! [1]: https://www.apollographql.com/docs/apollo-server/performance/apq

use super::trusted::TrustedDocuments;
use crate::config::GraphqlConfig;
use crate::domain::ErrorCode;
use crate::graphql::failure::refusal;
use async_graphql::{Request, ServerError, Value};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// What a document weighs at least, in bytes, which limits how many there can be.
const LEAST: u64 = 1_024;

/// The SHA-256 of a document.
type Hash = [u8; 32];

/// The documents that are known by their hash.
pub(in crate::http) struct PersistedQueries {
    /// Those that clients have sent. None if they may not.
    documents: Option<Cache<Hash, Arc<str>, Bytes>>,
    trusted: TrustedDocuments,
    /// Whether nothing else may be run.
    only_trusted: bool,
}

/// How many bytes a document takes.
#[derive(Debug, Clone)]
struct Bytes;

impl Weighter<Hash, Arc<str>> for Bytes {
    fn weight(&self, _: &Hash, document: &Arc<str>) -> u64 {
        LEAST.max(document.len() as u64)
    }
}

/// A document that came along with its hash.
#[must_use = "what is registered is kept once it was executed"]
pub(super) struct Registration {
    hash: Hash,
    document: Arc<str>,
}

impl PersistedQueries {
    /// None are known yet.
    pub(in crate::http) fn new(config: &GraphqlConfig) -> Self {
        let capacity = config.persisted_queries_bytes;
        let expected = usize::try_from(capacity / LEAST).unwrap_or(usize::MAX).min(1_000);
        Self {
            documents: config.persisted_queries.then(|| Cache::with_weighter(expected, capacity, Bytes)),
            trusted: TrustedDocuments::default(),
            only_trusted: config.only_trusted_documents,
        }
    }

    /// The same, with documents that the operator trusts.
    pub(in crate::http) fn trusting(self, trusted: TrustedDocuments) -> Self {
        Self { trusted, ..self }
    }

    /// Puts the document in the place of its hash, if a request has one. If it has both, the document is to be
    /// [kept](Self::keep) once it was executed.
    pub(super) fn complete(&self, request: &mut Request) -> Result<Option<Registration>, ServerError> {
        let extension = request.extensions.remove("persistedQuery");
        if let Some(document) = extension.as_ref().and_then(id_in).and_then(|id| self.trusted.get(id)) {
            if request.query.is_empty() {
                document.clone_into(&mut request.query);
            } else if request.query != document {
                return Err(malformed("The id is that of another document than the query; send only one of them."));
            }
            return Ok(None);
        }
        let is_sent = !request.query.is_empty();
        if self.only_trusted && is_sent && !self.trusted.contains(&request.query) {
            let message = "This server runs the documents of its operator only; ask for yours to be one of them.";
            return Err(refusal(ErrorCode::Forbidden.as_str(), message, None));
        }
        match extension {
            Some(_) if self.only_trusted && !is_sent => Err(not_found()),
            Some(extension) if !self.only_trusted => self.complete_hash(hash_in(&extension)?, request),
            _ => Ok(None),
        }
    }

    fn complete_hash(&self, hash: Hash, request: &mut Request) -> Result<Option<Registration>, ServerError> {
        let is_sent = !request.query.is_empty();
        let documents = match &self.documents {
            Some(documents) => documents,
            None if is_sent => return Ok(None),
            None => return Err(refusal("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported", None)),
        };
        if !is_sent {
            request.query = documents.get(&hash).ok_or_else(not_found)?.as_ref().to_owned();
            return Ok(None);
        }
        if Hash::from(Sha256::digest(&request.query)) != hash {
            return Err(malformed(
                "The sha256Hash is not the SHA-256 of the query; hash exactly the text that is sent.",
            ));
        }
        let is_new = documents.peek(&hash).is_none();
        Ok(is_new.then(|| Registration { hash, document: Arc::from(request.query.as_str()) }))
    }

    /// Keeps a document that was executed.
    pub(super) fn keep(&self, Registration { hash, document }: Registration) {
        if let Some(documents) = &self.documents {
            documents.insert(hash, document);
        }
    }
}

/// The id that the extension names, of whatever form it is.
fn id_in(extension: &Value) -> Option<&str> {
    match extension {
        Value::Object(members) => match members.get("sha256Hash") {
            Some(Value::String(id)) => Some(id),
            _ => None,
        },
        _ => None,
    }
}

/// The hash that the extension names.
fn hash_in(extension: &Value) -> Result<Hash, ServerError> {
    let Value::Object(members) = extension else {
        return Err(malformed(
            "The extension persistedQuery must be an object with the members version and sha256Hash.",
        ));
    };
    if !matches!(members.get("version"), Some(Value::Number(version)) if version.as_u64() == Some(1)) {
        return Err(malformed("Only version 1 of persistedQuery is known; send version: 1."));
    }
    id_in(extension)
        .and_then(from_hex)
        .ok_or_else(|| malformed("The sha256Hash of persistedQuery must be a SHA-256 in 64 hexadecimal digits."))
}

fn from_hex(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    if text.len() != 2 * hash.len() {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = digit(digits[0])? << 4 | digit(digits[1])?;
    }
    Some(hash)
}

/// Of the protocol's own errors some clients know the code and others the message, so these have no sentence.
fn not_found() -> ServerError {
    refusal("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound", None)
}

fn malformed(message: &str) -> ServerError {
    refusal(ErrorCode::InvalidInput.as_str(), message, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_read_in_either_case_and_nothing_else_is_one() {
        let digits = "0123456789abcdefABCDEF0000000000000000000000000000000000000000ff";
        let hash = from_hex(digits).expect("a hash");
        assert_eq!((hash[0], hash[4], hash[8], hash[31]), (0x01, 0x89, 0xab, 0xff));
        for text in ["", "ff", &digits.replace('f', "g"), &format!("{digits}00"), &"é".repeat(32), &"+1".repeat(32)] {
            assert_eq!(from_hex(text), None, "{text}");
        }
    }
}
