//! Indicators of STIX 2.1 (section 4.7): of each, which networks it names, how sure it is, and when.

use super::pattern;
use crate::domain::Timestamp;
use crate::domain::feed::NEVER;
use crate::resolvers::feeds::Told;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;

/// The longest id of an indicator that is one: `indicator--` and a UUID.
const MAX_ID: usize = 100;

/// An envelope of objects (TAXII 2.1 section 3.7).
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    #[serde(default)]
    pub(super) more: bool,
    pub(super) next: Option<String>,
    #[serde(default)]
    objects: Vec<Object>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Object {
    Indicator(Indicator),
    /// Something else, or an indicator that is none.
    Other(IgnoredAny),
}

#[derive(Debug, Deserialize)]
struct Indicator {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    modified: Timestamp,
    pattern: Option<String>,
    pattern_type: Option<String>,
    valid_from: Option<Timestamp>,
    valid_until: Option<Timestamp>,
    #[serde(default)]
    revoked: bool,
    confidence: Option<u8>,
}

/// What indicators say.
#[derive(Debug, Default)]
pub(super) struct Indicators {
    /// The newest version of each that was seen.
    known: HashMap<String, (Timestamp, Vec<Told>)>,
    /// How many objects were not understood, or not of use.
    pub(super) skipped: u64,
    /// How many networks they name, versions that are not the newest included.
    pub(super) named: usize,
}

impl Indicators {
    /// Takes in a page.
    pub(super) fn take(&mut self, envelope: Envelope) {
        for object in envelope.objects {
            match object {
                Object::Indicator(indicator) if indicator.kind == "indicator" && indicator.id.len() <= MAX_ID => {
                    self.take_one(indicator);
                }
                Object::Indicator(_) | Object::Other(IgnoredAny) => self.skipped += 1,
            }
        }
    }

    fn take_one(&mut self, indicator: Indicator) {
        if self.known.get(&indicator.id).is_some_and(|(modified, _)| *modified >= indicator.modified) {
            return;
        }
        let told = told(&indicator);
        self.skipped += u64::from(told.is_empty() && !indicator.revoked);
        self.named += told.len();
        // Also if it says nothing of use any more: what it said before is over.
        self.known.insert(indicator.id, (indicator.modified, told));
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.known.len()
    }

    /// What each says now, by its id.
    pub(super) fn into_told(self) -> HashMap<String, Vec<Told>> {
        self.known.into_iter().map(|(id, (_, told))| (id, told)).collect()
    }
}

fn told(indicator: &Indicator) -> Vec<Told> {
    let is_of_stix = indicator.pattern_type.as_deref().is_none_or(|kind| kind == "stix");
    let pattern = indicator.pattern.as_deref().filter(|_| is_of_stix && !indicator.revoked);
    let networks = pattern.and_then(|pattern| pattern::networks(pattern).ok()).unwrap_or_default();
    let told = |network| Told {
        network,
        reference: indicator.id.clone(),
        confidence: indicator.confidence.map(|confidence| confidence.min(100)),
        valid_from: indicator.valid_from,
        valid_until: indicator.valid_until.map_or(NEVER, |until| until.timestamp_micros()),
    };
    networks.into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn indicator(id: u8, modified: u8, change: &serde_json::Value) -> serde_json::Value {
        let mut object = json!({"type": "indicator", "spec_version": "2.1", "id": format!("indicator--{id}"), "pattern_type": "stix",
            "pattern": "[ipv4-addr:value = '192.0.2.1']", "valid_from": "2026-01-01T00:00:00Z",
            "created": "2026-01-01T00:00:00Z", "modified": format!("2026-01-0{modified}T00:00:00.000Z")});
        for (key, value) in change.as_object().expect("an object") {
            object[key] = value.clone();
        }
        object
    }

    fn take(objects: &serde_json::Value) -> Indicators {
        let mut indicators = Indicators::default();
        indicators.take(serde_json::from_value(json!({"objects": objects})).expect("an envelope"));
        indicators
    }

    #[test]
    fn the_newest_version_counts_and_what_is_revoked_says_nothing() {
        let found = take(&json!([
            indicator(1, 2, &json!({"pattern": "[ipv4-addr:value = '192.0.2.2']", "confidence": 70})),
            indicator(1, 1, &json!({})),
            indicator(2, 1, &json!({"valid_until": "2026-02-01T00:00:00Z"})),
            indicator(2, 3, &json!({"revoked": true})),
            indicator(3, 1, &json!({"confidence": 200})),
        ]));
        assert_eq!(found.skipped, 0);
        let told = found.into_told();
        assert_eq!((told.len(), told["indicator--2"].len()), (3, 0));
        let first = &told["indicator--1"][0];
        assert_eq!(
            (first.network.to_string().as_str(), first.confidence, first.valid_until),
            ("192.0.2.2/32", Some(70), NEVER)
        );
        assert_eq!(told["indicator--3"][0].confidence, Some(100));
    }

    #[test]
    fn what_is_not_of_use_is_counted_and_passed_over() {
        let found = take(&json!([
            {"type": "malware", "id": "malware--1", "modified": "2026-01-01T00:00:00Z"},
            {"type": "indicator"},
            17,
            indicator(1, 1, &json!({"pattern": "[domain-name:value = 'a.example']"})),
            indicator(2, 1, &json!({"pattern": "no pattern"})),
            indicator(3, 1, &json!({"pattern_type": "yara", "pattern": "rule a {}"})),
            indicator(4, 1, &json!({"confidence": "high"})),
            indicator(5, 1, &json!({"id": "i".repeat(MAX_ID + 1)})),
            indicator(6, 1, &json!({})),
        ]));
        assert_eq!((found.skipped, found.named), (8, 1));
    }
}
