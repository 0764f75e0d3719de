//! The values of declared attributes: which are shown, which may be, and which must not be twice.

use super::{Attribute, AttributeType, Extension, Extensions};
use crate::domain::error::{Error, Result};
use crate::domain::id::NodeKind;
use crate::domain::{node, text};
use chrono::{DateTime, NaiveDateTime};
use serde_json::{Map, Value};

/// Values by name, those of one extension or of all of them.
type Values = Map<String, Value>;

/// The longest URI in characters.
const MAX_URI: usize = 2_048;
/// The longest base64 in characters.
const MAX_BINARY: usize = 16_384;

/// A value that no other node may have.
#[derive(Debug, Clone, PartialEq)]
pub struct UniqueValue {
    /// The URN of the extension.
    pub urn: String,
    /// The name of the attribute.
    pub name: String,
    /// The value.
    pub value: Value,
    /// Under which nodes with the same value are found, and perhaps others.
    pub key: String,
    /// Whether values that differ in case only are different.
    pub exact: bool,
}

impl UniqueValue {
    /// The field at which it stands.
    #[must_use]
    pub fn field(&self) -> String {
        path(&self.urn, &self.name)
    }

    /// Whether a node with these values has the same one.
    #[must_use]
    pub fn is_among(&self, values: &Values) -> bool {
        let other = values.get(&self.urn).and_then(|values| values.get(&self.name));
        other.is_some_and(|other| {
            *other == self.value || (!self.exact && key(&self.urn, &self.name, other).as_ref() == Some(&self.key))
        })
    }
}

impl Extensions {
    /// The values of a node that are shown: those of attributes that are in force for its kind.
    #[must_use]
    pub fn shown(&self, kind: NodeKind, values: &Values) -> Values {
        let mut shown = Values::new();
        for (urn, extension) in self.in_force(kind) {
            let Some(own) = values.get(urn).and_then(Value::as_object) else { continue };
            let is_in_force = |name: &str| extension.in_force().any(|attribute| attribute.name == name);
            let own: Values = own.iter().filter(|(name, _)| is_in_force(name)).map(to_owned).collect();
            if !own.is_empty() {
                shown.insert(urn.to_owned(), Value::Object(own));
            }
        }
        shown
    }

    /// The values of a node after a client has given these in the place of those it sees. What it does not see stays, and
    /// takes nothing new.
    pub fn given(&self, kind: NodeKind, before: &Values, given: &Values) -> Result<Values> {
        let shown = self.shown(kind, &cleaned(given));
        for (urn, values) in cleaned(given) {
            if before.get(&urn) == Some(&values) || shown.get(&urn) == Some(&values) {
                continue;
            }
            let is_known = self.in_force(kind).any(|(known, _)| known == urn);
            let Some(own) = values.as_object().filter(|_| is_known) else { return Err(undeclared(&urn, kind)) };
            for (name, value) in own {
                let is_shown = shown.get(&urn).is_some_and(|shown| shown.get(name).is_some());
                let is_as_before = before.get(&urn).and_then(|before| before.get(name)) == Some(value);
                if !is_shown && !is_as_before {
                    return Err(unknown(&urn, name));
                }
            }
        }
        let mut after = shown;
        self.keep_hidden(kind, before, &mut after);
        Ok(after)
    }

    /// Adds to the values of a node what it had before and nobody is shown, unless it is said anew.
    pub fn keep_hidden(&self, kind: NodeKind, before: &Values, after: &mut Values) {
        for (urn, values) in before {
            let Some(values) = values.as_object() else { continue };
            let extension = self.in_force(kind).find(|(known, _)| *known == urn).map(|(_, extension)| extension);
            let is_shown = |name: &str| {
                extension.is_some_and(|extension| extension.in_force().any(|attribute| attribute.name == name))
            };
            for (name, value) in values.iter().filter(|(name, _)| !is_shown(name)) {
                let own = after.entry(urn.clone()).or_insert_with(|| Value::Object(Values::new()));
                if let Some(own) = own.as_object_mut() {
                    own.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
        }
    }

    /// Requires that what is new about the values of a node is as it was declared.
    pub fn check_values(&self, kind: NodeKind, before: &Values, after: &Values) -> Result<()> {
        for (urn, values) in after {
            if before.get(urn) == Some(values) {
                continue;
            }
            let extension = self.get(urn).filter(|extension| extension.applies_to(kind));
            let (Some(extension), Some(values)) = (extension, values.as_object()) else {
                return Err(undeclared(urn, kind));
            };
            extension.check_values(urn, values)?;
        }
        for (urn, extension) in self.in_force(kind) {
            extension.check_changes(urn, values_of(before, urn), values_of(after, urn))?;
        }
        Ok(())
    }

    /// The values of a node that no other may have.
    #[must_use]
    pub fn unique_values(&self, kind: NodeKind, values: &Values) -> Vec<UniqueValue> {
        let of_extension = |(urn, extension): (&str, &Extension)| {
            let unique = extension.attributes.iter().filter(|attribute| attribute.unique);
            let found = unique.filter_map(|attribute| {
                let value = values.get(urn)?.get(&attribute.name)?;
                let key = key(urn, &attribute.name, value)?;
                let (urn, name) = (urn.to_owned(), attribute.name.clone());
                Some(UniqueValue { urn, name, value: value.clone(), key, exact: attribute.distinguishes_case() })
            });
            found.collect::<Vec<_>>()
        };
        self.iter().filter(|(_, extension)| extension.applies_to(kind)).flat_map(of_extension).collect()
    }
}

impl Extension {
    fn check_values(&self, urn: &str, values: &Values) -> Result<()> {
        for (name, value) in values {
            let attribute = self.attribute(name).ok_or_else(|| unknown(urn, name))?;
            attribute.check_value(&path(urn, name), value)?;
        }
        let missing = self.in_force().find(|attribute| attribute.required && !values.contains_key(&attribute.name));
        missing.map_or(Ok(()), |attribute| Err(required(&path(urn, &attribute.name))))
    }

    /// Requires that what stays once it is there does.
    fn check_changes(&self, urn: &str, before: Option<&Values>, after: Option<&Values>) -> Result<()> {
        let Some(before) = before else { return Ok(()) };
        for attribute in self.in_force().filter(|attribute| attribute.immutable) {
            let old = before.get(&attribute.name);
            if old.is_some() && old != after.and_then(|after| after.get(&attribute.name)) {
                let message = "This is declared to stay once it has a value.";
                return Err(Error::invalid(path(urn, &attribute.name), message).known_as("mutability"));
            }
        }
        Ok(())
    }
}

impl Attribute {
    fn check_value(&self, path: &str, value: &Value) -> Result<()> {
        if !self.multi_valued {
            return self.check_one(path, value);
        }
        let elements = value.as_array().ok_or_else(|| Error::invalid(path, "This is declared to be a list."))?;
        text::check_count(path, elements)?;
        for (index, element) in elements.iter().enumerate() {
            self.check_one(&format!("{path}[{index}]"), element)?;
        }
        if elements.iter().filter(|element| element.get("primary") == Some(&Value::Bool(true))).count() > 1 {
            return Err(Error::invalid(path, "Only one value can be the primary one."));
        }
        Ok(())
    }

    fn check_one(&self, path: &str, value: &Value) -> Result<()> {
        let wrong = |what: &'static str| Err(Error::invalid(path, what));
        match (self.kind, value) {
            (AttributeType::Boolean, Value::Bool(_)) | (AttributeType::Decimal, Value::Number(_)) => Ok(()),
            (AttributeType::Boolean, _) => wrong("This is declared to be true or false."),
            (AttributeType::Decimal, _) => wrong("This is declared to be a number."),
            (AttributeType::Integer, Value::Number(number)) if is_whole(number) => Ok(()),
            (AttributeType::Integer, _) => wrong("This is declared to be a whole number of 64 bits."),
            (AttributeType::String, Value::String(text)) => self.check_text(path, text),
            (AttributeType::String, _) => wrong("This is declared to be a text."),
            (AttributeType::DateTime, Value::String(text)) if is_date_time(text) => Ok(()),
            (AttributeType::DateTime, _) => wrong("This is declared to be a time, such as 2026-01-31T09:30:00Z."),
            (AttributeType::Binary, Value::String(text)) if is_base64(text) => Ok(()),
            (AttributeType::Binary, _) => wrong("This is declared to be base64 (RFC 4648), of at most 16 KiB."),
            (AttributeType::Reference, Value::String(text)) if is_uri(text) => self.check_text(path, text),
            (AttributeType::Reference, _) => wrong("This is declared to be a URI of at most 2048 characters."),
            (AttributeType::Complex, Value::Object(parts)) => self.check_parts(path, parts),
            (AttributeType::Complex, _) => wrong("This is declared to be an object."),
        }
    }

    fn check_text(&self, path: &str, text: &str) -> Result<()> {
        let max = match (self.unique, self.kind) {
            (true, _) => text::MAX_NAME,
            (false, AttributeType::Reference) => MAX_URI,
            (false, _) => text::MAX_TEXT,
        };
        text::check_paragraph(path, text, max)?;
        let same =
            |canonical: &String| canonical == text || (!self.case_exact && text::key(canonical) == text::key(text));
        if self.canonical_values.is_empty() || self.canonical_values.iter().any(same) {
            return Ok(());
        }
        let values = self.canonical_values.join(", ");
        Err(Error::invalid(path, format!("This is declared to be one of these: {values}.")))
    }

    fn check_parts(&self, path: &str, parts: &Values) -> Result<()> {
        for (name, part) in parts {
            let attribute = self.sub_attributes.iter().find(|attribute| attribute.name == *name);
            let attribute = attribute
                .ok_or_else(|| Error::invalid(format!("{path}.{name}"), "No such sub-attribute is declared."))?;
            attribute.check_one(&format!("{path}.{name}"), part)?;
        }
        let missing = self.sub_attributes.iter().find(|part| part.required && !parts.contains_key(&part.name));
        missing.map_or(Ok(()), |part| Err(required(&format!("{path}.{}", part.name))))
    }
}

/// The words by which a node is found that has these values: one for each attribute that is a text or a whole number,
/// whatever is declared about it.
pub fn keys(values: &Values) -> impl Iterator<Item = String> {
    let of_extension = |(urn, values): (&String, &Value)| {
        let values = values.as_object().into_iter().flatten();
        values.filter_map(|(name, value)| key(urn, name, value)).collect::<Vec<_>>()
    };
    values.iter().flat_map(of_extension)
}

/// The word by which a node is found that has this value.
fn key(urn: &str, name: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.chars().count() <= text::MAX_NAME => {
            Some(node::extension_key(urn, name, &text::key(text)))
        }
        Value::Number(number) if is_whole(number) => {
            // 1 and 1.0 are one number.
            let whole = |float: f64| format!("{float:.0}");
            let number =
                number.as_i64().map_or_else(|| number.as_f64().map_or_else(String::new, whole), |n| n.to_string());
            Some(node::extension_key(urn, name, &number))
        }
        _ => None,
    }
}

fn path(urn: &str, name: &str) -> String {
    format!("extensions.{urn}:{name}")
}

fn values_of<'a>(values: &'a Values, urn: &str) -> Option<&'a Values> {
    values.get(urn).and_then(Value::as_object)
}

fn to_owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// Values without those that are nothing.
fn cleaned(values: &Values) -> Values {
    fn clean(value: &Value) -> Option<Value> {
        match value {
            Value::Null => None,
            Value::Array(items) => {
                let items: Vec<Value> = items.iter().filter_map(clean).collect();
                (!items.is_empty()).then_some(Value::Array(items))
            }
            Value::Object(fields) => {
                let fields = cleaned(fields);
                (!fields.is_empty()).then_some(Value::Object(fields))
            }
            other => Some(other.clone()),
        }
    }
    values.iter().filter_map(|(name, value)| Some((name.clone(), clean(value)?))).collect()
}

fn undeclared(urn: &str, kind: NodeKind) -> Error {
    Error::invalid(
        format!("extensions.{urn}"),
        format!("The organization has declared no such extension for a {kind}; declareExtension does."),
    )
}

fn unknown(urn: &str, name: &str) -> Error {
    Error::invalid(path(urn, name), "The extension has no such attribute; case counts here.")
}

fn required(path: &str) -> Error {
    Error::invalid(path, "This is declared to be required.")
}

/// Whether a number is whole, and of 64 bits.
fn is_whole(number: &serde_json::Number) -> bool {
    let exact = 9_007_199_254_740_992.0;
    number.is_i64()
        || number.as_f64().is_some_and(|float| number.is_f64() && float.fract() == 0.0 && float.abs() <= exact)
}

/// An `xsd:dateTime`, with or without an offset.
fn is_date_time(text: &str) -> bool {
    text.as_bytes().get(10) == Some(&b'T')
        && (DateTime::parse_from_rfc3339(text).is_ok()
            || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").is_ok())
}

/// Base64 of either alphabet, padded or not.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    text.len() <= MAX_BINARY
        && digits.len() % 4 != 1
        && (padding == 0 || (digits.len() + padding).is_multiple_of(4) && padding < 3)
        && digits.chars().all(|digit| digit.is_ascii_alphanumeric() || "+/-_".contains(digit))
}

/// Whether a text may be a URI, or a relative reference to one.
fn is_uri(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_URI && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const BADGE: &str = "urn:example:hr:1.0:Badge";

    #[expect(clippy::needless_pass_by_value, reason = "it is written where it is passed")]
    fn declared(attributes: Value) -> Extensions {
        let mut declared = Extensions::default();
        let extension = json!({"name": "Badge", "applies_to": ["user"], "attributes": attributes});
        declared.declare(BADGE, serde_json::from_value(extension).expect("an extension")).expect("declared");
        declared
    }

    fn values(values: Value) -> Values {
        Values::from_iter([(BADGE.to_owned(), values)])
    }

    fn check(declared: &Extensions, new: Value) -> Result<()> {
        declared.check_values(NodeKind::User, &Values::new(), &values(new))
    }

    #[test]
    fn values_are_of_their_type() {
        let types = json!([
            {"name": "s", "type": "string"}, {"name": "b", "type": "boolean"}, {"name": "d", "type": "decimal"},
            {"name": "i", "type": "integer"}, {"name": "t", "type": "date_time"}, {"name": "x", "type": "binary"},
            {"name": "r", "type": "reference"}, {"name": "many", "type": "string", "multi_valued": true},
            {"name": "c", "type": "complex", "sub_attributes": [{"name": "value", "type": "string", "required": true}, {"name": "primary", "type": "boolean"}]},
            {"name": "color", "type": "string", "canonical_values": ["red", "blue"]},
        ]);
        let declared = declared(types);
        for good in [
            json!({"s": "x"}),
            json!({"b": false}),
            json!({"d": 1.5}),
            json!({"i": 3}),
            json!({"i": 3.0}),
            json!({"t": "2026-01-31T09:30:00.5+02:00"}),
            json!({"t": "2026-01-31T09:30:00"}),
            json!({"x": "YWI="}),
            json!({"x": "-_"}),
            json!({"r": "https://example.org/a"}),
            json!({"r": "../Users/1"}),
            json!({"many": ["x", "y"]}),
            json!({"c": {"value": "x", "primary": true}}),
            json!({"color": "RED"}),
        ] {
            assert!(check(&declared, good.clone()).is_ok(), "{good}");
        }
        for bad in [
            json!({"s": 1}),
            json!({"b": "true"}),
            json!({"d": "1"}),
            json!({"i": 1.5}),
            json!({"i": 18_446_744_073_709_551_615_u64}),
            json!({"t": "2026-01-31"}),
            json!({"t": "2026-01-31 09:30:00Z"}),
            json!({"x": "a"}),
            json!({"x": "ab!="}),
            json!({"r": "a b"}),
            json!({"r": ""}),
            json!({"many": "x"}),
            json!({"many": [1]}),
            json!({"c": "x"}),
            json!({"c": {"primary": true}}),
            json!({"c": {"value": "x", "other": 1}}),
            json!({"color": "green"}),
            json!({"S": "x"}),
            json!({"none": 1}),
            json!("x"),
            json!({"s": "x".repeat(1_025)}),
            json!({"many": vec!["x"; 101]}),
        ] {
            assert!(check(&declared, bad.clone()).is_err(), "{bad}");
        }
        assert!(declared.check_values(NodeKind::Bot, &Values::new(), &values(json!({"s": "x"}))).is_err(), "a bot");
    }

    #[test]
    fn what_is_required_is_there_and_what_is_immutable_stays() {
        let declared = declared(
            json!([{"name": "number", "type": "string", "required": true, "immutable": true}, {"name": "note", "type": "string"}]),
        );
        assert!(check(&declared, json!({"note": "x"})).is_err());
        let before = values(json!({"number": "1"}));
        let to = |after: &Values| declared.check_values(NodeKind::User, &before, after);
        assert!(to(&values(json!({"number": "1", "note": "x"}))).is_ok());
        assert_eq!(to(&values(json!({"number": "2"}))).expect_err("another").keyword, Some("mutability"));
        assert!(to(&Values::new()).is_err(), "gone");
    }

    #[test]
    fn what_is_withdrawn_is_kept_and_not_shown_and_takes_nothing_new() {
        let both = json!([{"name": "a", "type": "string"}, {"name": "b", "type": "string"}]);
        let mut declared = declared(both);
        let one = json!({"name": "Badge", "applies_to": ["user"], "attributes": [{"name": "a", "type": "string"}]});
        declared.declare(BADGE, serde_json::from_value(one).expect("an extension")).expect("declared");
        let before = values(json!({"a": "1", "b": "2"}));
        assert_eq!(declared.shown(NodeKind::User, &before), values(json!({"a": "1"})));
        let given = |given: Values| declared.given(NodeKind::User, &before, &given);
        assert_eq!(given(values(json!({"a": "3"}))).expect("given"), values(json!({"a": "3", "b": "2"})));
        assert_eq!(given(Values::new()).expect("given"), values(json!({"b": "2"})));
        assert_eq!(given(values(json!({"a": null, "b": "2"}))).expect("given"), values(json!({"b": "2"})));
        assert!(given(values(json!({"b": "3"}))).is_err());
        let other = Values::from_iter([("urn:example:other".to_owned(), json!({"a": "1"}))]);
        assert_eq!(given(other).expect_err("undeclared").field.as_deref(), Some("extensions.urn:example:other"));
        declared.withdraw(BADGE).expect("withdrawn");
        assert!(declared.shown(NodeKind::User, &before).is_empty());
        assert_eq!(declared.given(NodeKind::User, &before, &Values::new()).expect("given"), before);
        assert!(declared.given(NodeKind::User, &before, &values(json!({"a": "2"}))).is_err());
        assert!(declared.check_values(NodeKind::User, &Values::new(), &before).is_ok(), "brought by an import");
    }

    #[test]
    fn unique_values_are_the_same_whatever_the_case_unless_it_counts() {
        let declared = declared(
            json!([{"name": "a", "type": "string", "unique": true}, {"name": "b", "type": "string", "unique": true, "case_exact": true}, {"name": "n", "type": "integer", "unique": true}]),
        );
        let one = declared.unique_values(NodeKind::User, &values(json!({"a": "X", "b": "X", "n": 1})));
        let other = values(json!({"a": "x", "b": "x", "n": 1.0}));
        let same: Vec<bool> = one.iter().map(|value| value.is_among(&other)).collect();
        assert_eq!(same, [true, false, true]);
        let keys: Vec<String> = keys(&other).collect();
        assert!(one.iter().all(|value| keys.contains(&value.key)));
        assert!(check(&declared, json!({"a": "x".repeat(257)})).is_err(), "too long to be told apart");
    }
}
