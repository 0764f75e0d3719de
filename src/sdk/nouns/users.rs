//! Users: every profile of an organization, whatever its kind.

mod fields;
mod passwords;
mod ties;

pub use fields::applied;
pub use ties::groups;

use super::owned::counted;
use super::{Changing, Names, Noun};
use crate::domain::profile::ProfileStatus;
use crate::domain::{Error, NodeId, NodeKind, Page, Profile, Result};
use crate::resolvers::command::{CreateProfile, ProfilePatch};
use crate::resolvers::password::PasswordHash;
use crate::resolvers::query::attribute::with_attribute;
use crate::resolvers::query::questions::EffectiveRoles;
use crate::resolvers::query::relation::{GROUPS, LINKED_IDENTITIES};
use crate::resolvers::query::{Identifier, ProfileBy};
use crate::sdk::answer::Answer;
use crate::sdk::call::{Call, Name};
use crate::sdk::changes::{Changes, First};
use crate::sdk::operation::Operation;
use crate::sdk::wanted::{Columns, Wanted};
use crate::store::ProfileFilter;
use fields::{Surroundings, kind_of};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// How many groups, roles and accounts of a user are shown.
const SHOWN: u32 = 100;

/// How clients call the attributes that they search by, where that is not how they are called here.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("name", "username"),
    ("displayName", "name"),
    ("firstName", "given_name"),
    ("lastName", "family_name"),
    ("affiliation", "department"),
    ("language", "locale"),
];

/// Every profile of an organization, whatever its kind.
pub struct Users;

impl Noun for Users {
    type Node = Profile;
    const ONE: &'static str = "user";
    const MANY: &'static str = "users";
    const MOST: u64 = 1_000;
    const COLUMNS: Columns = &[
        ("createdTime", None),
        ("updatedTime", Some("updated_at")),
        ("name", Some("username_key")),
        ("displayName", Some("display_key")),
    ];

    async fn list(call: &Call, wanted: &Wanted) -> Result<Vec<Profile>> {
        let organization = call.organization(call.owner()?.as_deref(), "owner").await?.id;
        call.reader().window(Some(organization), &filter(call)?, &wanted.sorting, wanted.window()).await
    }

    async fn count(call: &Call) -> Result<i64> {
        let organization = call.organization(call.owner()?.as_deref(), "owner").await?.id;
        counted::<Profile>(call, organization, filter(call)?).await
    }

    async fn find(call: &Call) -> Result<Option<Arc<Profile>>> {
        if call.parameter("id").is_some() {
            return called(call, &call.name()?, "owner").await;
        }
        let known = |name: &str| call.parameter(name).map(str::to_owned);
        let identifier = match (known("email"), known("phone"), known("userId")) {
            (Some(email), ..) => Some(Identifier::Email(email)),
            (None, Some(phone), _) => Some(Identifier::Phone(phone)),
            (None, None, Some(id)) => Some(Identifier::Id(NodeId::parse_as(&id, &NodeKind::PROFILES, "userId")?)),
            (None, None, None) => None,
        };
        if let Some(identifier) = identifier {
            let organization = call.organization(call.owner()?.as_deref(), "owner").await?.id;
            let found = call.reader().resolve(&identifier, Some(organization)).await?;
            return Ok(found.map(|found| Arc::new(found.profile)));
        }
        // A client that has read the user sends its id along, so that its name can be another one now.
        match call.sent.word("id")?.and_then(|id| NodeId::parse_as(id, &NodeKind::PROFILES, "id").ok()) {
            Some(id) => called(call, &Name { owner: call.owner()?, name: id.to_string() }, "owner").await,
            None => called(call, &call.name()?, "owner").await,
        }
    }

    async fn show(call: &Call, nodes: &[Arc<Profile>]) -> Result<Vec<Value>> {
        let reader = call.reader();
        let ids: Vec<Uuid> = nodes.iter().map(|node| node.id.uuid).collect();
        let owners = reader.slugs(nodes.iter().map(|node| node.organization)).await?;
        let groups = reader.next_to(GROUPS, &ids, SHOWN).await?;
        let accounts = reader.next_to(LINKED_IDENTITIES, &ids, SHOWN).await?;
        let roles = reader.ask(&EffectiveRoles { page: Page::first(SHOWN) }, &ids).await?;
        let show = |node: &Arc<Profile>| {
            let id = &node.id.uuid;
            let around = Surroundings {
                owner: owners.get(&node.organization.0).map_or("", String::as_str),
                groups: groups.get(id).map_or(&[], Vec::as_slice),
                accounts: accounts.get(id).map_or(&[], Vec::as_slice),
                roles: roles.get(id).map_or(&[], |slice| slice.items.as_slice()),
            };
            fields::shown(node, &around)
        };
        Ok(nodes.iter().map(show).collect())
    }

    fn is_told() -> bool {
        true
    }
}

impl Changing for Users {
    const NAMES: Names = Names {
        verbs: ["get-users", "get-user", "add-user", "update-user", "delete-user"],
        native: [Some("users"), Some("users/get"), Some("add-user"), Some("update-user"), Some("delete-user")],
    };

    async fn add(call: &Call) -> Result<NodeId> {
        let name = call.name()?;
        let organization = call.organization(name.owner.as_deref(), "owner").await?;
        let kind = kind_of(call.sent.word("type")?);
        let blank = Profile::new(NodeId::new(kind, Uuid::nil()), organization.id, name.name);
        let mut then = ties::told(call, &organization, None, &call.sent).await?;
        then.forbidden = call.sent.flag("isForbidden")?.filter(|forbidden| *forbidden);
        then.password = password(call, call.sent.word("password")?, "password").await?;
        if call.sent.flag("isAdmin")? == Some(true) {
            return Err(granted_elsewhere());
        }
        let after = applied(&blank, &call.sent)?;
        let first = First::CreateProfile(Box::new(CreateProfile {
            organization: organization.id,
            kind,
            username: after.username.clone(),
            fields: ProfilePatch::to(after),
            status: ProfileStatus::Active,
            manager: None,
            owner: None,
        }));
        call.run(Changes { first, then }).await
    }

    async fn update(call: &Call, node: &Profile) -> Result<()> {
        let change = call.change();
        if change.flag("isDeleted")? == Some(true) {
            return Err(Error::invalid("isDeleted", "Whoever is to be gone is deleted with delete-user."));
        }
        let owner = call.found(node.organization.node()).await?;
        let owner = owner.ok_or_else(|| Error::not_found("owner", "organization"))?;
        let mut then = ties::told(call, &owner, Some(node), &change).await?;
        then.forbidden = change.flag("isForbidden")?;
        if let Some(admin) = change.flag("isAdmin")?
            && admin != is_admin(call, node.id).await?
        {
            return Err(granted_elsewhere());
        }
        // Whoever sends everything back sends what looks like a password; it is one only if it is named.
        if call.parameter("columns").is_some() {
            then.password = password(call, change.word("password")?, "password").await?;
        }
        call.run(Changes { first: First::ChangeProfile(node.id, change), then }).await.map(|_| ())
    }
}

fn granted_elsewhere() -> Error {
    Error::invalid(
        "isAdmin",
        "This follows from the roles of the user; grant or revoke one with add-user-role or delete-user-role.",
    )
}

/// The hash of a password, if one is sent.
async fn password(call: &Call, text: Option<&str>, field: &str) -> Result<Option<PasswordHash>> {
    match text {
        Some(text) => call.app.hash_password(&call.viewer, text.to_owned(), field).await.map(Some),
        None => Ok(None),
    }
}

/// Whether a profile has a privileged role, directly or through groups.
async fn is_admin(call: &Call, id: NodeId) -> Result<bool> {
    let question = EffectiveRoles { page: Page::first(SHOWN) };
    let found = call.reader().ask(&question, &[id.uuid]).await?.remove(&id.uuid);
    Ok(found.is_some_and(|slice| slice.items.iter().any(|held| held.role.privileged)))
}

/// The user of that name, or with that id, in the organization that owns it.
pub async fn called(call: &Call, name: &Name, field: &'static str) -> Result<Option<Arc<Profile>>> {
    let organization = call.organization(name.owner.as_deref(), field).await?.id;
    let found = match name.name.parse::<NodeId>() {
        Ok(id) if id.kind.is_profile() => call.found::<Profile>(id).await?,
        _ => call.reader().profile_by(&ProfileBy::Username(organization, name.name.clone())).await?.map(Arc::new),
    };
    Ok(found.filter(|profile| profile.organization == organization))
}

/// Which users are wanted: those with a value in a field, if one is named.
fn filter(call: &Call) -> Result<ProfileFilter> {
    let Some((field, value)) = call.searched()? else { return Ok(ProfileFilter::And(Vec::new())) };
    let known = ATTRIBUTES.iter().find(|(name, _)| *name == field).map(|(_, attribute)| (*attribute).to_owned());
    let metadata = || field.strip_prefix("properties.").map(|name| format!("metadata.{name}"));
    let attribute = known.or_else(metadata).unwrap_or_else(|| field.to_owned());
    if field == "type" {
        return Ok(ProfileFilter::Kinds(vec![kind_of(Some(value))]));
    }
    with_attribute(&attribute, value)
}

/// What else there is to do with users.
pub fn more() -> Vec<Operation> {
    let mut more = passwords::operations();
    more.extend([
        Operation::get("get-global-users", |call| async move { everywhere(&call).await })
            .listing(Users::MANY, Users::MOST),
        Operation::get("get-sorted-users", |call| async move { sorted(&call).await }).listing(Users::MANY, Users::MOST),
        Operation::get("get-user-count", |call| async move { number(&call).await }).at(Some("users/count")),
    ]);
    more
}

/// The users of all organizations that the viewer sees.
async fn everywhere(call: &Call) -> Result<Answer> {
    let wanted = Wanted::of(call, Users::MOST, Users::COLUMNS)?;
    let found = call.reader().window::<Profile>(None, &filter(call)?, &wanted.sorting, wanted.window()).await?;
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let found: Vec<Arc<Profile>> = found.into_iter().take(limit).map(Arc::new).collect();
    Ok(Answer::List(Users::show(call, &found).await?, None))
}

/// The first users by a column, the greatest first.
async fn sorted(call: &Call) -> Result<Answer> {
    let wanted = Wanted::greatest(call, Users::MOST, Users::COLUMNS)?;
    super::part::<Users>(call, &wanted, Users::list(call, &wanted).await?).await
}

async fn number(call: &Call) -> Result<Answer> {
    let signed_in = ProfileFilter::SignedIn(call.app.clock().now());
    let standing = match call.parameter("isOnline") {
        None => return Users::count(call).await.map(Answer::Count),
        Some("1" | "true") => signed_in,
        Some("0" | "false") => ProfileFilter::Not(Box::new(signed_in)),
        Some(_) => return Err(Error::invalid("isOnline", "Who is online is asked with 1, who is not with 0.")),
    };
    let organization = call.organization(call.owner()?.as_deref(), "owner").await?.id;
    let wanted = ProfileFilter::And(vec![filter(call)?, standing]);
    counted::<Profile>(call, organization, wanted).await.map(Answer::Count)
}
