//! What a client has sent: an object, of which it says much that means nothing here.

use crate::domain::{Error, Result};
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;

/// The most entries of a list in a body.
const MAX_ENTRIES: usize = 1_000;

/// The fields of a body. Null is the same as nothing.
#[derive(Clone, Default, PartialEq, Serialize)]
pub struct Sent(Map<String, Value>);

impl Sent {
    /// What an object says. Old clients write the name to show beside the field where everybody looks for it.
    #[must_use]
    pub fn new(mut fields: Map<String, Value>) -> Self {
        let is_said = |name: &str| fields.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        if is_said("display_name")
            && !is_said("displayName")
            && let Some(name) = fields.remove("display_name")
        {
            fields.insert("displayName".to_owned(), name);
        }
        Self(fields)
    }

    /// The same, of these columns alone: a list with commas, however its words are written.
    #[must_use]
    pub fn only(&self, columns: &str) -> Self {
        let columns: Vec<String> = columns.split(',').map(camel).collect();
        let fields = self.0.iter().filter(|(name, _)| columns.contains(name));
        Self(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    /// A text, which may be empty.
    pub fn text(&self, field: &'static str) -> Result<Option<&str>> {
        let Some(value) = self.get(field) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| Error::invalid(field, "This is no text; send one."))
    }

    /// A text that says something.
    pub fn word(&self, field: &'static str) -> Result<Option<&str>> {
        Ok(self.text(field)?.filter(|text| !text.is_empty()))
    }

    /// Yes or no.
    pub fn flag(&self, field: &'static str) -> Result<Option<bool>> {
        let Some(value) = self.get(field) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| Error::invalid(field, "This is true or false; send one of the two."))
    }

    /// An object.
    pub fn object(&self, field: &'static str) -> Result<Option<&Map<String, Value>>> {
        let Some(value) = self.get(field) else { return Ok(None) };
        value.as_object().map(Some).ok_or_else(|| Error::invalid(field, "This is no object; send one."))
    }

    /// Texts, each once, without those that say nothing.
    pub fn words(&self, field: &'static str) -> Result<Option<Vec<String>>> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let no_list = || Error::invalid(field, "This is no list of texts; send one.");
        let entries = value.as_array().ok_or_else(no_list)?;
        if entries.len() > MAX_ENTRIES {
            let message =
                format!("This has more than {MAX_ENTRIES} entries, which is as many as are read; send fewer.");
            return Err(Error::invalid(field, message));
        }
        let mut words: Vec<String> = Vec::with_capacity(entries.len());
        for entry in entries {
            let word = entry.as_str().ok_or_else(no_list)?;
            if !word.is_empty() && !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
        Ok(Some(words))
    }
}

/// Names alone: what is said may be secret.
impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A name as bodies write it: `created_time` is `createdTime` there.
pub(super) fn camel(name: &str) -> String {
    let mut words = name.trim().split('_').filter(|word| !word.is_empty());
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(value: &Value) -> Sent {
        Sent::new(value.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn columns_narrow_what_is_said() {
        let body = sent(&json!({"displayName": "Ada", "email": "", "isForbidden": true}));
        assert_eq!(body.only("display_name, email"), sent(&json!({"displayName": "Ada", "email": ""})));
        assert_eq!(body.only("createdTime"), Sent::default());
    }

    #[test]
    fn what_says_nothing_is_left_out_and_what_does_not_fit_is_refused() {
        let body = sent(&json!({"users": ["", "acme/ada", "acme/ada"], "tag": 1, "phone": null, "name": ""}));
        assert_eq!(body.words("users").ok().flatten(), Some(vec!["acme/ada".to_owned()]));
        assert_eq!((body.text("phone").ok(), body.word("name").ok()), (Some(None), Some(None)));
        for error in [body.text("tag").err(), body.flag("tag").err(), body.words("tag").err(), body.object("tag").err()]
        {
            assert_eq!(error.and_then(|error| error.field).as_deref(), Some("tag"));
        }
    }
}
