//! What becomes of the fields of two profiles when one is merged into the other, and when that is undone.
//!
//! The survivor keeps whatever it has. What it lacks it takes from the other: texts that are empty, entries of lists,
//! of `metadata` and of extensions that it does not have. Its user name and its status are its own. To undo that, three states are compared:
//! the survivor before the merge, after it, and now. What is as the merge has left it becomes what it was before, and what
//! somebody has changed since stays as it is.

use super::contact::{Address, Email, ExternalId, Phone};
use super::details::Labelled;
use super::profile::Profile;
use super::text;
use serde_json::{Map, Value};

/// An entry of a list that is united: entries with one key are the same entry.
trait Entry: Clone + PartialEq {
    /// By what it is told from the others.
    fn key(&self) -> String;

    /// The same entry in a list that has its own idea of which is the one to use.
    fn secondary(self) -> Self;
}

macro_rules! entry {
    ($type:ty, $entry:ident => $key:expr $(, $primary:ident)?) => {
        impl Entry for $type {
            fn key(&self) -> String {
                let $entry = self;
                $key
            }

            fn secondary(self) -> Self {
                Self { $($primary: false,)? ..self }
            }
        }
    };
}

entry!(Email, email => text::key(&email.value), primary);
entry!(Phone, phone => text::phone_key(&phone.value), primary);
entry!(Address, address => format!("{:?}", address.clone().secondary()), primary);
entry!(Labelled, value => format!("{:?} {}", value.label, value.value), primary);
// A client knows a profile by one id.
entry!(ExternalId, id => id.client.clone());

impl Entry for String {
    fn key(&self) -> String {
        self.clone()
    }

    fn secondary(self) -> Self {
        self
    }
}

impl Profile {
    /// Takes from another profile what this one lacks.
    pub fn absorb(&mut self, other: &Self) {
        for (own, theirs) in self.texts_mut().into_iter().zip(other.texts()) {
            if own.is_none() {
                own.clone_from(theirs);
            }
        }
        unite(&mut self.emails, &other.emails);
        unite(&mut self.phones, &other.phones);
        unite(&mut self.addresses, &other.addresses);
        unite(&mut self.tags, &other.tags);
        unite(&mut self.external_ids, &other.external_ids);
        for (own, theirs) in self.details_mut().into_iter().zip(other.details()) {
            unite(own, theirs);
        }
        for (own, theirs) in [(&mut self.metadata, &other.metadata), (&mut self.extensions, &other.extensions)] {
            for (key, value) in theirs {
                own.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }

    /// Gives back what a merge has brought, which led from `before` to `after`.
    pub fn release(&mut self, before: &Self, after: &Self) {
        let states = before.texts().into_iter().zip(after.texts());
        for (now, (before, after)) in self.texts_mut().into_iter().zip(states) {
            if now == after {
                now.clone_from(before);
            }
        }
        part(&mut self.emails, &before.emails, &after.emails);
        part(&mut self.phones, &before.phones, &after.phones);
        part(&mut self.addresses, &before.addresses, &after.addresses);
        part(&mut self.tags, &before.tags, &after.tags);
        part(&mut self.external_ids, &before.external_ids, &after.external_ids);
        let states = before.details().into_iter().zip(after.details());
        for (now, (before, after)) in self.details_mut().into_iter().zip(states) {
            part(now, before, after);
        }
        part_metadata(&mut self.metadata, &before.metadata, &after.metadata);
        part_metadata(&mut self.extensions, &before.extensions, &after.extensions);
    }

    /// The fields that are one text or none.
    const fn texts(&self) -> [&Option<String>; 21] {
        let Self { name, avatar, locale, time_zone, title, department, employee_number, details, .. } = self;
        [
            &name.display,
            &name.given,
            &name.family,
            &name.middle,
            &name.formatted,
            &name.honorific_prefix,
            &name.honorific_suffix,
            avatar,
            locale,
            time_zone,
            title,
            department,
            employee_number,
            &details.nickname,
            &details.profile_url,
            &details.user_type,
            &details.preferred_language,
            &details.cost_center,
            &details.division,
            &details.description,
            &details.organization_name,
        ]
    }

    const fn texts_mut(&mut self) -> [&mut Option<String>; 21] {
        let Self { name, avatar, locale, time_zone, title, department, employee_number, details, .. } = self;
        [
            &mut name.display,
            &mut name.given,
            &mut name.family,
            &mut name.middle,
            &mut name.formatted,
            &mut name.honorific_prefix,
            &mut name.honorific_suffix,
            avatar,
            locale,
            time_zone,
            title,
            department,
            employee_number,
            &mut details.nickname,
            &mut details.profile_url,
            &mut details.user_type,
            &mut details.preferred_language,
            &mut details.cost_center,
            &mut details.division,
            &mut details.description,
            &mut details.organization_name,
        ]
    }

    /// The lists of details.
    const fn details(&self) -> [&Vec<Labelled>; 5] {
        let details = &self.details;
        [&details.photos, &details.messengers, &details.entitlements, &details.assigned_roles, &details.certificates]
    }

    const fn details_mut(&mut self) -> [&mut Vec<Labelled>; 5] {
        let details = &mut self.details;
        [
            &mut details.photos,
            &mut details.messengers,
            &mut details.entitlements,
            &mut details.assigned_roles,
            &mut details.certificates,
        ]
    }
}

/// Adds the entries that the list does not have, as far as there is room for them.
fn unite<T: Entry>(own: &mut Vec<T>, theirs: &[T]) {
    let has_entries = !own.is_empty();
    for entry in theirs {
        if own.len() < text::MAX_VALUES && own.iter().all(|known| known.key() != entry.key()) {
            own.push(if has_entries { entry.clone().secondary() } else { entry.clone() });
        }
    }
}

/// Takes the entries that came with the merge out of the list, unless somebody has changed them.
fn part<T: Entry>(now: &mut Vec<T>, before: &[T], after: &[T]) {
    if now == after {
        before.clone_into(now);
        return;
    }
    let came: Vec<&T> = after.iter().filter(|entry| !before.contains(entry)).collect();
    now.retain(|entry| !came.contains(&entry));
}

fn part_metadata(now: &mut Map<String, Value>, before: &Map<String, Value>, after: &Map<String, Value>) {
    now.retain(|key, value| before.contains_key(key) || after.get(key) != Some(value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{NodeId, NodeKind, OrganizationId, contact};
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    fn word() -> impl Strategy<Value = Option<String>> {
        proptest::option::of("[ab]")
    }

    prop_compose! {
        fn profiles()(
            texts in proptest::collection::vec(word(), 21),
            emails in proptest::collection::btree_set("[abc]@example\\.org", 0..3),
            tags in proptest::collection::btree_set("[abcd]", 0..4),
            clients in proptest::collection::btree_map("[ab]", "[12]", 0..3),
            metadata in proptest::collection::btree_map("[abc]", 0..3, 0..3),
            primary in any::<bool>(),
        ) -> Profile {
            let id = NodeId::new(NodeKind::User, Uuid::from_u128(1));
            let mut profile = Profile::new(id, OrganizationId(Uuid::from_u128(2)), "somebody".to_owned());
            for (field, text) in profile.texts_mut().into_iter().zip(texts) {
                *field = text;
            }
            let email = |value| Email { value, label: None, primary: false, verified: false };
            profile.emails = emails.into_iter().map(email).collect();
            if let Some(first) = profile.emails.first_mut() {
                first.primary = primary;
            }
            profile.tags = tags.into_iter().collect();
            profile.external_ids = clients.into_iter().map(|(client, value)| ExternalId { client, value }).collect();
            profile.metadata = metadata.into_iter().map(|(key, value)| (key, json!(value))).collect();
            profile
        }
    }

    proptest! {
        #[test]
        fn what_is_merged_and_parted_is_what_it_was(before in profiles(), other in profiles()) {
            let mut after = before.clone();
            after.absorb(&other);
            prop_assert!(contact::check_emails("emails", &after.emails).is_ok());
            prop_assert!(contact::check_external_ids("externalIds", &after.external_ids).is_ok());
            let mut now = after.clone();
            now.release(&before, &after);
            prop_assert_eq!(now, before);
        }

        #[test]
        fn nothing_of_the_survivor_is_lost(before in profiles(), other in profiles()) {
            let mut after = before.clone();
            after.absorb(&other);
            for (was, is) in before.texts().into_iter().zip(after.texts()) {
                prop_assert!(was.is_none() || was == is);
            }
            prop_assert!(after.emails.starts_with(&before.emails) && after.tags.starts_with(&before.tags));
            prop_assert!(before.metadata.iter().all(|(key, value)| after.metadata.get(key) == Some(value)));
            let all = |has: &dyn Fn(&str) -> bool| other.emails.iter().all(|email| has(&email.value));
            prop_assert!(all(&|value| after.emails.iter().any(|email| email.value == value)));
        }

        #[test]
        fn what_was_done_since_stays(before in profiles(), other in profiles()) {
            let mut after = before.clone();
            after.absorb(&other);
            let mut now = after.clone();
            now.title = Some("changed since".to_owned());
            now.tags.push("since".to_owned());
            now.metadata.insert("since".to_owned(), json!(true));
            now.release(&before, &after);
            let mut expected = before.clone();
            expected.title.clone_from(&now.title);
            expected.tags.push("since".to_owned());
            expected.metadata.insert("since".to_owned(), json!(true));
            prop_assert_eq!(now, expected);
        }
    }
}
