//! The fields of a user: one table says how each is shown, and what it changes.

use crate::domain::contact::{used, using};
use crate::domain::profile::ProfileStatus;
use crate::domain::{Collective, LinkedIdentity, NodeKind, Profile, Result};
use crate::sdk::sent::Sent;
use crate::store::{EffectiveRole, Related};
use serde_json::{Value, json};
use std::sync::Arc;

/// What users are called that are nothing in particular.
const NORMAL: &str = "normal-user";
/// Where, among free values, the accounts stand that a user owns elsewhere.
pub const ACCOUNTS: &str = "linked_identities";

/// A field that is a text.
struct Field {
    name: &'static str,
    /// How it looks; empty, if there is nothing.
    shown: fn(&Profile) -> String,
    /// Makes it say that, or nothing.
    set: fn(&mut Profile, Option<String>),
}

const fn field(name: &'static str, shown: fn(&Profile) -> String, set: fn(&mut Profile, Option<String>)) -> Field {
    Field { name, shown, set }
}

const FIELDS: &[Field] = &[
    field("displayName", Profile::display_name, |profile, text| profile.name.display = text),
    field("firstName", |profile| or_empty(profile.name.given.as_ref()), |profile, text| profile.name.given = text),
    field("lastName", |profile| or_empty(profile.name.family.as_ref()), |profile, text| profile.name.family = text),
    field(
        "email",
        |profile| profile.email().unwrap_or_default().to_owned(),
        |profile, text| profile.emails = using(&profile.emails, text.as_deref()),
    ),
    field(
        "phone",
        |profile| used(&profile.phones).map(|phone| phone.value.clone()).unwrap_or_default(),
        |profile, text| profile.phones = using(&profile.phones, text.as_deref()),
    ),
    field("avatar", |profile| or_empty(profile.avatar.as_ref()), |profile, text| profile.avatar = text),
    field("title", |profile| or_empty(profile.title.as_ref()), |profile, text| profile.title = text),
    field("affiliation", |profile| or_empty(profile.department.as_ref()), |profile, text| profile.department = text),
    field("language", |profile| or_empty(profile.locale.as_ref()), |profile, text| profile.locale = text),
    field(
        "homepage",
        |profile| or_empty(profile.details.profile_url.as_ref()),
        |profile, text| profile.details.profile_url = text,
    ),
    field(
        "bio",
        |profile| or_empty(profile.details.description.as_ref()),
        |profile, text| profile.details.description = text,
    ),
    field("type", kind, |profile, text| {
        // What kind of profile it is stays so.
        if profile.id.kind == NodeKind::User {
            profile.details.user_type = text.filter(|kind| kind != NORMAL);
        }
    }),
    // Whoever knows one tag only sees all of them, and may send them back.
    field("tag", |profile| profile.tags.join(","), |profile, text| profile.tags = tags(&text.unwrap_or_default())),
];

fn or_empty(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

fn tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// What kind of user it is, in the words of these clients.
fn kind(profile: &Profile) -> String {
    match profile.id.kind {
        NodeKind::ServiceAccount => "service-account".to_owned(),
        NodeKind::Bot => "bot".to_owned(),
        _ => profile.details.user_type.clone().unwrap_or_else(|| NORMAL.to_owned()),
    }
}

/// What kind of profile is meant.
pub fn kind_of(text: Option<&str>) -> NodeKind {
    match text {
        Some("service-account" | "service_account") => NodeKind::ServiceAccount,
        Some("bot") => NodeKind::Bot,
        _ => NodeKind::User,
    }
}

/// What is around a user that is shown with it.
pub struct Surroundings<'a> {
    /// The slug of the organization.
    pub owner: &'a str,
    /// The groups that it is in.
    pub groups: &'a [Related<Arc<Collective>>],
    /// The accounts that it owns elsewhere.
    pub accounts: &'a [Related<Arc<LinkedIdentity>>],
    /// The roles that it has, directly or through groups.
    pub roles: &'a [Arc<EffectiveRole>],
}

/// Shows a user. There is no field in which a password could stand.
pub fn shown(profile: &Profile, around: &Surroundings<'_>) -> Value {
    let named = |name: &str| format!("{}/{name}", around.owner);
    let groups: Vec<String> = around.groups.iter().map(|group| named(&group.node.slug)).collect();
    let roles: Vec<String> = around.roles.iter().map(|held| named(&held.role.slug)).collect();
    let account = |account: &Related<Arc<LinkedIdentity>>| json!({"provider": account.node.provider, "external_id": account.node.account_id});
    let mut properties = profile.metadata.clone();
    properties.insert(ACCOUNTS.to_owned(), around.accounts.iter().map(account).collect());
    let mut user = json!({
        "owner": around.owner,
        "name": profile.username,
        "id": profile.id.to_string(),
        "createdTime": profile.meta.created_at,
        "updatedTime": profile.meta.updated_at,
        "emailVerified": used(&profile.emails).is_some_and(|email| email.verified),
        "isAdmin": around.roles.iter().any(|held| held.role.privileged),
        "isForbidden": is_forbidden(profile.status),
        "isDeleted": profile.meta.deleted_at.is_some(),
        "groups": groups,
        "roles": roles,
        "properties": properties,
    });
    for field in FIELDS {
        user[field.name] = Value::String((field.shown)(profile));
    }
    user
}

const fn is_forbidden(status: ProfileStatus) -> bool {
    matches!(status, ProfileStatus::Suspended | ProfileStatus::Disabled)
}

/// The profile as what was sent wants it. What looks as it is shown is left alone.
pub fn applied(before: &Profile, sent: &Sent) -> Result<Profile> {
    let mut after = before.clone();
    if let Some(name) = sent.word("name")? {
        name.clone_into(&mut after.username);
    }
    for field in FIELDS {
        if let Some(text) = sent.text(field.name)?.filter(|text| *text != (field.shown)(before)) {
            (field.set)(&mut after, (!text.is_empty()).then(|| text.to_owned()));
        }
    }
    // Programs send the whole user back. What was verified was the address that was shown, and not the one that is new.
    let shown = used(&before.emails).is_some_and(|email| email.verified);
    if let Some(verified) = sent.flag("emailVerified")?.filter(|verified| *verified != shown)
        && let Some(address) = after.email().map(str::to_owned)
        && let Some(email) = after.emails.iter_mut().find(|email| email.value == address)
    {
        email.verified = verified;
    }
    if let Some(properties) = sent.object("properties")? {
        // Where the accounts stand nothing else can, and what stands there anyway is not seen.
        let hidden = after.metadata.remove(ACCOUNTS);
        after.metadata.clone_from(properties);
        after.metadata.remove(ACCOUNTS);
        after.metadata.extend(hidden.map(|hidden| (ACCOUNTS.to_owned(), hidden)));
    }
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contact::Email;
    use crate::domain::{NodeId, OrganizationId};
    use uuid::Uuid;

    fn profile() -> Profile {
        let id = NodeId::new(NodeKind::User, Uuid::from_u128(1));
        let mut profile = Profile::new(id, OrganizationId(Uuid::from_u128(2)), "ada".to_owned());
        let email = |value: &str, primary| Email { value: value.to_owned(), label: None, primary, verified: true };
        profile.emails = vec![email("ada@example.org", false), email("lovelace@example.org", true)];
        profile.tags = vec!["engineering".to_owned(), "maths".to_owned()];
        profile.metadata.insert("floor".to_owned(), json!("3"));
        profile
    }

    fn applied_to(profile: &Profile, body: &Value) -> Profile {
        applied(profile, &Sent::new(body.as_object().cloned().unwrap_or_default())).expect("sound")
    }

    #[test]
    fn what_is_sent_back_as_it_was_shown_changes_nothing() {
        let profile = profile();
        let around = Surroundings { owner: "acme", groups: &[], accounts: &[], roles: &[] };
        assert_eq!(applied_to(&profile, &shown(&profile, &around)), profile);
        assert_eq!(applied_to(&profile, &json!({})), profile);
    }

    #[test]
    fn a_new_address_is_not_verified_because_the_former_one_was() {
        let around = Surroundings { owner: "acme", groups: &[], accounts: &[], roles: &[] };
        let mut body = shown(&profile(), &around);
        body["email"] = json!("attacker@evil.example");
        let after = applied_to(&profile(), &body);
        assert_eq!(after.email(), Some("attacker@evil.example"));
        assert!(!used(&after.emails).is_some_and(|email| email.verified));
        // Nor is what was not verified before, unless somebody says so.
        let mut before = profile();
        before.emails.clear();
        let after = applied_to(&before, &json!({"email": "ada@example.org", "emailVerified": true}));
        assert!(used(&after.emails).is_some_and(|email| email.verified));
    }

    #[test]
    fn what_is_sent_otherwise_is_changed_and_what_is_empty_taken_away() {
        let body = json!({"displayName": "Ada Lovelace", "email": "", "tag": "maths, poetry,maths", "title": "",
            "properties": {"title": "Engineer", "linked_identities": []}, "isOnline": true, "score": 3});
        let after = applied_to(&profile(), &body);
        assert_eq!(after.name.display.as_deref(), Some("Ada Lovelace"));
        assert_eq!(after.email(), Some("ada@example.org"));
        assert_eq!(after.tags, ["maths", "poetry"]);
        assert_eq!(Value::Object(after.metadata), json!({"title": "Engineer"}));
    }
}
