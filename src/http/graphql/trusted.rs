//! Trusted documents: what the operator has given the server at its start, by id.
//!
//! The file is what the tools of clients write when an application is built: either an object of ids and documents (Relay,
//! the code generator of The Guild), or [Apollo's manifest][1]. An id is any text, usually the SHA-256 of the document.
//!
//! [1]: https://www.apollographql.com/docs/react/api/link/persisted-queries

use crate::config::GraphqlConfig;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::fs;
use std::sync::Arc;

/// How large the file may be, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Documents that clients may send by their id.
#[derive(Debug, Default)]
pub struct TrustedDocuments {
    by_id: HashMap<String, Arc<str>>,
    texts: HashSet<Arc<str>>,
}

impl TrustedDocuments {
    /// Reads the documents of the file that is configured; there are none if no file is.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is none of the forms that are known, or when nothing but documents of a file may be
    /// run and there are none; with a sentence for the operator.
    pub fn load(config: &GraphqlConfig) -> Result<Self, String> {
        let path = &config.trusted_documents;
        let documents = if path.is_empty() { Self::default() } else { Self::read(path)? };
        if config.only_trusted_documents && documents.by_id.is_empty() {
            return Err("With graphql.only_trusted_documents nothing could be asked, since graphql.trusted_documents \
                 names no documents; name a file that has some."
                .to_owned());
        }
        Ok(documents)
    }

    fn read(path: &str) -> Result<Self, String> {
        let told = |error: &dyn Display| format!("The trusted documents in {path} cannot be read: {error}.");
        let size = fs::metadata(path).map_err(|error| told(&error))?.len();
        if size > LARGEST {
            return Err(told(&"the file is larger than 64 MiB"));
        }
        let text = fs::read(path).map_err(|error| told(&error))?;
        let manifest: Value = serde_json::from_slice(&text).map_err(|error| told(&error))?;
        let documents = Self::of(&manifest).ok_or_else(|| {
            told(&"expected an object of ids and documents, or a manifest of Apollo, with documents that parse")
        })?;
        tracing::info!(documents.count = documents.by_id.len(), "loaded the trusted documents");
        Ok(documents)
    }

    fn of(manifest: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let pairs: Option<Vec<(String, String)>> = match manifest.get("operations") {
            Some(Value::Array(operations)) => operations
                .iter()
                .map(|operation| Some((text(operation.get("id")?)?, text(operation.get("body")?)?)))
                .collect(),
            _ => manifest.as_object()?.iter().map(|(id, document)| Some((id.clone(), text(document)?))).collect(),
        };
        let mut documents = Self::default();
        for (id, document) in pairs? {
            async_graphql::parser::parse_query(&document).ok()?;
            let document: Arc<str> = document.into();
            documents.texts.insert(Arc::clone(&document));
            documents.by_id.insert(id, document);
        }
        Some(documents)
    }

    /// The document of that id.
    pub(super) fn get(&self, id: &str) -> Option<&str> {
        self.by_id.get(id).map(AsRef::as_ref)
    }

    /// Whether it is one of the documents.
    pub(super) fn contains(&self, document: &str) -> bool {
        self.texts.contains(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_forms_are_read() {
        let object = json!({"one": "{ a }", "two": "query b { b }"});
        let apollo = json!({"format": "apollo-persisted-query-manifest", "version": 1, "operations": [
            {"id": "one", "name": "a", "type": "query", "body": "{ a }"},
            {"id": "two", "name": "b", "type": "query", "body": "query b { b }"},
        ]});
        for manifest in [object, apollo] {
            let documents = TrustedDocuments::of(&manifest).expect("documents");
            assert_eq!((documents.get("one"), documents.get("two")), (Some("{ a }"), Some("query b { b }")));
            assert!(documents.contains("{ a }") && !documents.contains("{a}") && documents.get("three").is_none());
        }
    }

    #[test]
    fn anything_else_is_none() {
        for manifest in [
            json!([]),
            json!("{ a }"),
            json!({"one": 1}),
            json!({"one": "{ a"}),
            json!({"operations": [{"id": "one"}]}),
            json!({"operations": [{"body": "{ a }"}]}),
        ] {
            assert!(TrustedDocuments::of(&manifest).is_none(), "{manifest}");
        }
        assert!(
            TrustedDocuments::read("/nonexistent/it.json").is_err_and(|error| error.contains("/nonexistent/it.json"))
        );
    }
}
