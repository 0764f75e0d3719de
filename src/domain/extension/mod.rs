//! Extensions: the attributes that an organization declares for its profiles, teams and groups beyond what everybody has.
//!
//! An extension has a URN, says to which nodes it applies, and lists its attributes with their types and rules. It is a part
//! of the organization, so its history is that of the organization. The values are in the nodes, by URN and name.
//!
//! Whoever has values must be able to rely on what they mean. So what was declared once keeps its type under its URN for
//! good: a new declaration may add attributes and change the rules, and it may leave attributes out. What is left out, or
//! withdrawn as a whole, is remembered as *withdrawn*. Its values are kept and not shown, and it can be declared again.

mod attribute;
mod values;

pub use attribute::{Attribute, AttributeType};
pub use values::{UniqueValue, keys};

use super::error::{Error, Result};
use super::id::NodeKind;
use super::text;
use attribute::check_all;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many extensions an organization may have declared, those that it has withdrawn included.
pub const MAX_EXTENSIONS: usize = 50;
/// The longest URN in characters.
const MAX_URN: usize = 128;
/// The beginnings of URNs that others give away.
const RESERVED: &[&str] = &["urn:ietf:", "urn:idgraph:"];

/// The nodes that an extension may apply to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extensible {
    /// Users.
    User,
    /// Service accounts.
    ServiceAccount,
    /// Bots.
    Bot,
    /// Teams and groups.
    Collective,
}

impl Extensible {
    /// What a kind of node is in this respect; none if nothing applies to it.
    #[must_use]
    pub const fn of(kind: NodeKind) -> Option<Self> {
        match kind {
            NodeKind::User => Some(Self::User),
            NodeKind::ServiceAccount => Some(Self::ServiceAccount),
            NodeKind::Bot => Some(Self::Bot),
            NodeKind::Team | NodeKind::Group => Some(Self::Collective),
            NodeKind::Organization | NodeKind::Role | NodeKind::LinkedIdentity | NodeKind::Token => None,
        }
    }
}

/// An extension that an organization has declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// The name, for people.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// To which nodes it applies.
    pub applies_to: BTreeSet<Extensible>,
    /// The attributes.
    pub attributes: Vec<Attribute>,
    /// Whether it is in force no more.
    #[serde(default, skip_serializing_if = "is_false")]
    pub withdrawn: bool,
}

/// Whether a rule that is seldom asked for is not.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
pub(super) const fn is_false(value: &bool) -> bool {
    !*value
}

impl Extension {
    /// Whether it applies to nodes of that kind, now or as long as it was in force.
    #[must_use]
    pub fn applies_to(&self, kind: NodeKind) -> bool {
        Extensible::of(kind).is_some_and(|kind| self.applies_to.contains(&kind))
    }

    /// The attributes that are in force.
    pub fn in_force(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| !self.withdrawn && !attribute.withdrawn)
    }

    /// The attribute of that name, in force or not.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    fn check(&self) -> Result<()> {
        text::check_line("name", &self.name, 64)?;
        self.description
            .as_deref()
            .map_or(Ok(()), |text| text::check_paragraph("description", text, text::MAX_TEXT))?;
        if self.applies_to.is_empty() {
            return Err(Error::invalid("appliesTo", "Name at least one kind of node that has these attributes."));
        }
        check_all("attributes", &self.attributes)
    }

    /// What is declared now in the place of what was declared earlier.
    fn in_place_of(mut self, earlier: &Self) -> Result<Self> {
        if !earlier.applies_to.is_subset(&self.applies_to) {
            let message =
                "What it applied to, it applies to for good: there may be values. Add kinds, or take a new URN.";
            return Err(Error::conflict("appliesTo", message));
        }
        for known in &earlier.attributes {
            let same = self.attributes.iter().position(|new| new.name.eq_ignore_ascii_case(&known.name));
            match same.map(|index| &self.attributes[index]) {
                Some(new) => new.check_follows(known)?,
                None => self.attributes.push(Attribute { withdrawn: true, ..known.clone() }),
            }
        }
        Ok(self)
    }
}

/// The extensions that an organization has declared, by URN.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extensions(BTreeMap<String, Extension>);

impl Extensions {
    /// Every extension with its URN, in the order of the URNs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Extension)> {
        self.0.iter().map(|(urn, extension)| (urn.as_str(), extension))
    }

    /// Those that are in force for nodes of that kind.
    pub fn in_force(&self, kind: NodeKind) -> impl Iterator<Item = (&str, &Extension)> {
        self.iter().filter(move |(_, extension)| !extension.withdrawn && extension.applies_to(kind))
    }

    /// Whether nothing was ever declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The extension with that URN, in force or not.
    #[must_use]
    pub fn get(&self, urn: &str) -> Option<&Extension> {
        self.0.get(urn)
    }

    /// Declares an extension, in the place of what was declared under the same URN before.
    pub fn declare(&mut self, urn: &str, extension: Extension) -> Result<()> {
        check_urn(urn)?;
        extension.check()?;
        for known in self.0.keys().filter(|known| *known != urn) {
            if known.eq_ignore_ascii_case(urn) {
                return Err(Error::conflict("urn", format!("This is declared as {known}; write it like that.")));
            }
            if is_path_of(known, urn) || is_path_of(urn, known) {
                let message = format!("This cannot be told from attributes of {known}; take another URN.");
                return Err(Error::conflict("urn", message));
            }
        }
        let extension = match self.0.get(urn) {
            Some(earlier) => extension.in_place_of(earlier)?,
            None => extension,
        };
        self.0.insert(urn.to_owned(), Extension { withdrawn: false, ..extension });
        self.check()
    }

    /// Withdraws an extension.
    pub fn withdraw(&mut self, urn: &str) -> Result<()> {
        let extension = self.0.get_mut(urn).ok_or_else(|| Error::not_found("urn", "extension"))?;
        extension.withdrawn = true;
        Ok(())
    }

    /// Makes these the extensions that are in force: declares each of them, and withdraws all others. Those among them that
    /// are withdrawn are remembered as that.
    pub fn become_these(&mut self, wanted: &Self) -> Result<()> {
        for (urn, extension) in wanted.iter() {
            let attributes = extension.attributes.iter().cloned();
            let attributes = attributes.map(|attribute| Attribute { withdrawn: false, ..attribute }).collect();
            self.declare(urn, Extension { attributes, ..extension.clone() })?;
        }
        for (urn, own) in &mut self.0 {
            let wanted = wanted.get(urn);
            own.withdrawn = wanted.is_none_or(|wanted| wanted.withdrawn);
            for attribute in &mut own.attributes {
                let wanted = wanted.and_then(|wanted| wanted.attribute(&attribute.name));
                attribute.withdrawn = wanted.is_none_or(|wanted| wanted.withdrawn);
            }
        }
        Ok(())
    }

    /// Requires that there are not too many, and that all of them together are not too large.
    pub fn check(&self) -> Result<()> {
        if self.0.len() > MAX_EXTENSIONS {
            let message = format!(
                "An organization declares at most {MAX_EXTENSIONS} extensions, withdrawn ones included; add attributes to one."
            );
            return Err(Error::invalid("urn", message));
        }
        let size = serde_json::to_vec(self).map_or(usize::MAX, |bytes| bytes.len());
        if size > text::MAX_METADATA {
            let message = format!(
                "All extensions together have {size} bytes as JSON; at most {} are allowed. Shorten descriptions.",
                text::MAX_METADATA
            );
            return Err(Error::invalid("attributes", message));
        }
        Ok(())
    }
}

/// Whether one URN reads like an attribute of the other.
fn is_path_of(longer: &str, shorter: &str) -> bool {
    let start = longer.get(..shorter.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(shorter))
        && longer.get(shorter.len()..).is_some_and(|rest| rest.starts_with(':'))
}

/// Requires `urn:`, a namespace and something in it (RFC 8141), of characters that need no quoting anywhere.
fn check_urn(urn: &str) -> Result<()> {
    let lower = urn.to_ascii_lowercase();
    let mut parts = lower.split(':');
    let is_word = |part: &str, others: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
    };
    let is_urn = urn.len() <= MAX_URN
        && parts.next() == Some("urn")
        && parts.next().is_some_and(|namespace| namespace.len() > 1 && is_word(namespace, "-"))
        && lower.split(':').count() > 2
        && parts.all(|part| is_word(part, "-._~"));
    if !is_urn {
        let message =
            format!("This is not a URN of at most {MAX_URN} characters; send one such as urn:example:hr:1.0:Badge.");
        return Err(Error::invalid("urn", message));
    }
    if let Some(reserved) = RESERVED.iter().find(|reserved| lower.starts_with(**reserved)) {
        let message = format!("URNs that begin with {reserved} are not yours to give; take a namespace of your own.");
        return Err(Error::invalid("urn", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const BADGE: &str = "urn:example:hr:1.0:Badge";

    #[expect(clippy::needless_pass_by_value, reason = "it is written where it is passed")]
    fn extension(attributes: serde_json::Value) -> Extension {
        serde_json::from_value(json!({"name": "Badge", "applies_to": ["user"], "attributes": attributes}))
            .expect("an extension")
    }

    fn level() -> serde_json::Value {
        json!({"name": "level", "type": "integer"})
    }

    #[test]
    fn urns_that_are_none_or_not_yours_are_refused() {
        let mut declared = Extensions::default();
        for urn in [
            "",
            "badge",
            "urn:",
            "urn:x:y",
            "urn:example",
            "urn:example:",
            "urn:ex ample:x",
            "urn:example:a::b",
            "urn:example:é",
        ] {
            let error = declared.declare(urn, extension(json!([level()]))).expect_err(urn);
            assert_eq!(error.field.as_deref(), Some("urn"), "{urn}");
        }
        for urn in ["urn:ietf:params:scim:schemas:x", "URN:IETF:params", "urn:idgraph:x"] {
            assert!(declared.declare(urn, extension(json!([level()]))).is_err(), "{urn}");
        }
        assert!(declared.is_empty());
        assert!(declared.declare(BADGE, extension(json!([level()]))).is_ok());
        for urn in ["urn:example:hr:1.0:badge", "urn:example:hr:1.0", "urn:example:hr:1.0:Badge:level"] {
            assert!(declared.declare(urn, extension(json!([level()]))).is_err(), "{urn}");
        }
    }

    #[test]
    fn types_stay_and_what_is_left_out_is_withdrawn() {
        let mut declared = Extensions::default();
        let both = json!([level(), {"name": "color", "type": "string"}]);
        declared.declare(BADGE, extension(both.clone())).expect("declared");
        let other_type = json!([{"name": "level", "type": "string"}]);
        assert!(declared.declare(BADGE, extension(other_type)).is_err(), "another type");
        let other_case = json!([{"name": "Level", "type": "integer"}]);
        assert!(declared.declare(BADGE, extension(other_case)).is_err(), "another spelling");
        let many = json!([{"name": "level", "type": "integer", "multi_valued": true}]);
        assert!(declared.declare(BADGE, extension(many)).is_err(), "many values");
        declared.declare(BADGE, extension(json!([level()]))).expect("without color");
        let names = |declared: &Extensions| {
            let badge = declared.get(BADGE).expect("a badge");
            badge.in_force().map(|attribute| attribute.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&declared), ["level"]);
        assert!(declared.declare(BADGE, extension(json!([level(), {"name": "color", "type": "boolean"}]))).is_err());
        declared.declare(BADGE, extension(both)).expect("again");
        assert_eq!(names(&declared), ["level", "color"]);
        declared.withdraw(BADGE).expect("withdrawn");
        assert!(names(&declared).is_empty());
        assert!(declared.withdraw("urn:example:other").is_err());
    }

    #[test]
    fn there_is_a_limit_to_how_many_and_how_large() {
        let mut declared = Extensions::default();
        for number in 0..MAX_EXTENSIONS {
            declared.declare(&format!("urn:example:x{number}"), extension(json!([level()]))).expect("not too many");
        }
        assert!(declared.clone().declare("urn:example:more", extension(json!([level()]))).is_err());
        let long = json!({"name": "level", "type": "integer", "description": "x".repeat(1_000)});
        let mut refused = 0;
        for number in 0..MAX_EXTENSIONS {
            let mut attributes = vec![long.clone()];
            attributes.extend(
                (0..9).map(
                    |index| json!({"name": format!("a{index}"), "type": "string", "description": "y".repeat(1_000)}),
                ),
            );
            refused +=
                u32::from(declared.declare(&format!("urn:example:x{number}"), extension(json!(attributes))).is_err());
        }
        assert!(refused > 0);
    }

    #[test]
    fn a_set_of_extensions_can_be_brought_about() {
        let mut declared = Extensions::default();
        declared.declare("urn:example:gone", extension(json!([level()]))).expect("declared");
        let mut wanted = Extensions::default();
        wanted.declare(BADGE, extension(json!([level(), {"name": "color", "type": "string"}]))).expect("declared");
        wanted.declare(BADGE, extension(json!([level()]))).expect("without color");
        wanted.declare("urn:example:old", extension(json!([level()]))).expect("declared");
        wanted.withdraw("urn:example:old").expect("withdrawn");
        declared.become_these(&wanted).expect("brought about");
        assert_eq!(declared.get(BADGE), wanted.get(BADGE));
        assert!(declared.get("urn:example:old").expect("known").withdrawn);
        assert!(declared.get("urn:example:gone").expect("known").withdrawn);
        let again = declared.clone();
        declared.become_these(&wanted).expect("brought about");
        assert_eq!(declared, again);
    }
}
