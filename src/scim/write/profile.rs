//! Users, agents and applications of agents.

use super::super::apply;
use super::super::present::{self, Reference, Resource, Surroundings};
use super::super::registry::{ENTERPRISE, Kind};
use super::{Change, Known, Secret, Writer, id_of};
use crate::domain::node::NodeKey;
use crate::domain::profile::ProfileStatus;
use crate::domain::{EdgeKind, Error, Node, NodeId, OrganizationId, Profile, Result};
use crate::resolvers::command::{
    CreateProfile, DisableProfile, EnableProfile, ProfilePatch, SetManager, SetPassword, UpdateProfile,
};
use crate::resolvers::policy::{Action, Resource as Subject};
use crate::resolvers::{Command, Target, WriteContext};
use crate::store::Side;
use scim_protocol::ScimType;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Why a profile is disabled, when a client says that it is not active.
const INACTIVE: &str = "A SCIM client has set active to false.";

/// Makes a profile of a resource.
#[derive(Debug, Clone, Serialize)]
pub struct ProvisionProfile {
    /// Of which type.
    pub kind: Kind,
    /// Where.
    pub organization: OrganizationId,
    /// The resource, in its canonical form.
    pub resource: Resource,
    /// What becomes of the password.
    pub password: Secret,
    /// Who writes.
    #[serde(skip)]
    pub writer: Writer,
}

/// What has become of a resource that was to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Provisioned {
    /// The profile.
    pub id: NodeId,
    /// The profile as it was made; none, if it was there before, or was made for an earlier request of the same id.
    #[serde(skip)]
    pub made: Option<Box<Profile>>,
}

impl Command for ProvisionProfile {
    type Output = Provisioned;
    const ACTION: &'static str = "scim.create";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organization")
    }

    fn lookups(&self) -> Vec<NodeKey> {
        self.writer.lookups(&self.resource)
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Provisioned> {
        context.authorize_tenant(Action::EditDirectory)?;
        let node = self.kind.nodes()[0];
        let blank = Profile::new(NodeId::new(node, Uuid::nil()), self.organization, String::new());
        let mut profile = apply::profile(self.kind, &blank, (&Map::new(), &self.resource), &self.writer.client)?;
        profile.details.organization_name = self.writer.organization_of(organization(&self.resource))?;
        if let Some(known) = self.writer.known_as(context, &profile.external_ids).await? {
            return Ok(Provisioned { id: self.revive(context, &known).await?, made: None });
        }
        explain_conflict(context, &profile.username).await?;
        let active = self.resource.get("active").and_then(Value::as_bool).unwrap_or(true);
        let manager = manager(&self.resource)?;
        require_manager(context, manager).await?;
        let command = CreateProfile {
            organization: self.organization,
            kind: node,
            username: profile.username.clone(),
            fields: ProfilePatch::to(profile),
            status: if active { ProfileStatus::Active } else { ProfileStatus::Staged },
            manager,
            owner: None,
        };
        let id = context.perform(&command).await?;
        set_password(context, id, &self.password).await?;
        Ok(Provisioned { id, made: context.get(id, "id").ok().map(Box::new) })
    }
}

impl ProvisionProfile {
    /// Brings a deactivated profile back that the client knows by the same id: some clients make anew what they have
    /// deactivated before. Who was suspended stays so: that was decided here, and not by the client.
    async fn revive(&self, context: &mut WriteContext<'_>, known: &Known) -> Result<NodeId> {
        let Known { id, merged } = *known;
        let found: Profile = context.load(id, "id").await?;
        if merged {
            return Err(known.taken());
        }
        let state = match found.status {
            ProfileStatus::Disabled | ProfileStatus::Staged => None,
            ProfileStatus::Suspended => Some("was suspended by an administrator"),
            ProfileStatus::Active | ProfileStatus::Deleted => Some("is active"),
        };
        if let Some(state) = state {
            let message = format!("This externalId is that of {id} already, which {state}; change that one instead.");
            return Err(Error::conflict("externalId", message));
        }
        let mut resource = self.resource.clone();
        resource.entry("active").or_insert(Value::Bool(true));
        let command = ChangeProfile {
            kind: self.kind,
            organization: self.organization,
            id,
            change: Change::Replace(Value::Object(resource)),
            password: self.password.clone(),
            writer: self.writer.clone(),
        };
        context.perform(&command).await
    }
}

/// Says what is in the way of a new profile that has the user name of one which the client does not see in use.
async fn explain_conflict(context: &WriteContext<'_>, username: &str) -> Result<()> {
    if context.unit().is_hopeful() {
        return Ok(());
    }
    let found = context.unit().nodes_by_names::<Profile>(None, "username_key", &[username.to_owned()]).await?;
    match found.first() {
        Some(other) if other.status != ProfileStatus::Active => Err(Error::conflict(
            "username",
            format!("The user name is that of {}, which is not active; PATCH that one with active: true.", other.id),
        )),
        _ => Ok(()),
    }
}

/// Changes a profile as a resource.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeProfile {
    /// Of which type.
    pub kind: Kind,
    /// Of which organization: in others there is no such profile for whoever writes to this one.
    pub organization: OrganizationId,
    /// Which.
    pub id: NodeId,
    /// How.
    pub change: Change,
    /// What becomes of the password.
    pub password: Secret,
    /// Who writes.
    #[serde(skip)]
    pub writer: Writer,
}

impl Command for ChangeProfile {
    type Output = NodeId;
    const ACTION: &'static str = "scim.change";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let before: Profile = context.load(self.id, "id").await?;
        if before.organization != self.organization {
            return Err(Error::not_found("id", self.kind.name()));
        }
        context.authorize(Action::EditDirectory, Subject::of_profile(before.organization, self.id))?;
        self.writer.check_version(before.meta.version)?;
        let old = self.shown(context, &before).await?;
        let mut new = self.writer.changed(&old, &self.change)?.resource;
        if let (Change::Replace(_), Some(active)) = (&self.change, old.get("active")) {
            // Whoever says nothing about it does not mean to disable anybody.
            new.entry("active").or_insert_with(|| active.clone());
        }
        self.update(context, &before, (&old, &new)).await?;
        if manager(&old)? != manager(&new)? {
            let manager = manager(&new)?;
            require_manager(context, manager).await?;
            context.perform(&SetManager { id: self.id, expected_version: None, manager }).await?;
        }
        self.activate(context, before.status, (&old, &new)).await?;
        set_password(context, self.id, &self.password).await?;
        Ok(self.id)
    }
}

impl ChangeProfile {
    /// How the profile looks now, as far as it can be changed.
    async fn shown(&self, context: &mut WriteContext<'_>, profile: &Profile) -> Result<Resource> {
        let edge = context.unit().open_edges(EdgeKind::Manager, Side::Out, &[self.id.uuid], None).await?.pop();
        let manager = match edge {
            Some(edge) => context.unit().nodes(&[edge.to], false).await?.pop(),
            None => None,
        };
        let manager = match manager {
            Some(Node::Profile(manager)) => Some(Reference { id: manager.id, name: manager.display_name() }),
            _ => None,
        };
        let around =
            Surroundings { organization: self.writer.organization[0].clone(), manager, ..Surroundings::default() };
        present::profile(self.kind, &self.writer.of_type, profile, &around, self.writer.eye())
    }

    async fn update(
        &self,
        context: &mut WriteContext<'_>,
        before: &Profile,
        (old, new): (&Resource, &Resource),
    ) -> Result<()> {
        let mut after = apply::profile(self.kind, before, (old, new), &self.writer.client)?;
        if organization(new) != organization(old) {
            after.details.organization_name = match (&self.change, organization(new)) {
                (Change::Patch(_), None) => Some(String::new()),
                // Who says nothing about it is left with the name that the organization has here.
                (_, named) => self.writer.organization_of(named)?,
            };
        }
        if after == *before {
            return Ok(());
        }
        if after.external_ids != before.external_ids {
            self.writer.check_external_id(context, Some(self.id), &after.external_ids).await?;
        }
        let patch = ProfilePatch::to(after);
        context.perform(&UpdateProfile { id: self.id, expected_version: None, patch }).await.map(|_| ())
    }

    async fn activate(
        &self,
        context: &mut WriteContext<'_>,
        status: ProfileStatus,
        (old, new): (&Resource, &Resource),
    ) -> Result<()> {
        let active = |resource: &Resource| resource.get("active").and_then(Value::as_bool);
        let (id, expected_version) = (self.id, None);
        match (active(old), active(new)) {
            (Some(false), Some(true)) if status == ProfileStatus::Suspended => self.refuse_to_reinstate()?,
            (Some(false), Some(true)) => {
                context.perform(&EnableProfile { id, expected_version, reason: None }).await?;
            }
            (Some(true), Some(false)) => {
                context.perform(&DisableProfile { id, expected_version, reason: INACTIVE.to_owned() }).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A suspension was decided here, and no directory lifts it. A PUT says everything that the directory believes, so what
    /// it says of this is passed over, and the answer shows how it is; a PATCH that asks for it is refused.
    fn refuse_to_reinstate(&self) -> Result<()> {
        match self.change {
            Change::Replace(_) => Ok(()),
            Change::Patch(_) => Err(Error::invalid(
                "active",
                "The profile was suspended by an administrator; only one can bring it back, with enableProfile.",
            )
            .known_as(ScimType::Mutability.as_str())),
        }
    }
}

async fn set_password(context: &mut WriteContext<'_>, id: NodeId, password: &Secret) -> Result<()> {
    let hash = match password {
        Secret::Unsaid => return Ok(()),
        Secret::Removed => None,
        Secret::Set(hash) => Some(hash.clone()),
    };
    context.perform(&SetPassword { id, expected_version: None, hash }).await.map(|_| ())
}

/// What the resource calls its organization.
fn organization(resource: &Resource) -> Option<&str> {
    resource.get(ENTERPRISE)?.get("organization")?.as_str()
}

/// Whom the resource says it reports to.
fn manager(resource: &Resource) -> Result<Option<NodeId>> {
    let Some(manager) = resource.get(ENTERPRISE).and_then(|enterprise| enterprise.get("manager")) else {
        return Ok(None);
    };
    match id_of(manager) {
        Some(id) if id.kind.is_profile() => Ok(Some(id)),
        _ => Err(unknown_manager()),
    }
}

/// Requires that there is such a profile. It is a value that is wrong then, and not the URL.
async fn require_manager(context: &WriteContext<'_>, manager: Option<NodeId>) -> Result<()> {
    match manager {
        Some(manager) if context.unit().nodes(&[manager], false).await?.is_empty() => Err(unknown_manager()),
        _ => Ok(()),
    }
}

fn unknown_manager() -> Error {
    Error::invalid("manager.value", "There is no user with this id; send the id of one.")
        .known_as(ScimType::InvalidValue.as_str())
}
