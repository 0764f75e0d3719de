//! Parents, managers, owners, memberships and grants of a batch.

use super::super::{members, set_parent};
use super::edges::EdgeKey;
use super::record::{ImportedGrant, ImportedMembership, Named};
use super::{Batch, Outcome};
use crate::domain::collective::check_membership;
use crate::domain::{Edge, EdgeKind, Error, ErrorCode, NodeId, NodeKind, OrganizationId, Result, Role};
use crate::resolvers::policy::Action;
use crate::store::NewEdge;

impl Batch<'_, '_> {
    /// Puts an edge in the place of the one there was, either of which may be none. The caller has asked for whatever
    /// can be wrong with it.
    pub(super) fn relate(&mut self, key: EdgeKey, new: Option<NewEdge>) -> Result<()> {
        let place = new.as_ref().map(NewEdge::told_by).or_else(|| self.edges.stored(key).map(Edge::told_by));
        if let Some((subject, _)) = place {
            self.touch(subject);
        }
        let said = new.as_ref().map(|edge| (edge.to, edge.member.clone()));
        self.context.replace_edge(self.edges.stored(key), new)?;
        self.edges.say(key, said);
        Ok(())
    }

    /// Puts one end in the place of another for an edge that a node has one of.
    fn relate_single(&mut self, (kind, field): (EdgeKind, &str), from: NodeId, to: Option<NodeId>) -> Result<Outcome> {
        let key = EdgeKey::single(kind, from);
        if self.edges.present(key).map(|(to, _)| to) == to {
            return Ok(Outcome::Unchanged);
        }
        self.edges.require_unsaid(key, field)?;
        let new = to.map(|to| NewEdge::new(kind, from, to));
        self.relate(key, new)?;
        Ok(Outcome::Updated)
    }

    pub(super) fn appoint(&mut self, report: &str, manager: Option<&str>) -> Result<Outcome> {
        let report = self.known.require(&Named::Profile(report.to_owned()), "username")?;
        let find = |name: &str| self.known.require(&Named::Profile(name.to_owned()), "manager");
        let manager = manager.map(find).transpose()?;
        if manager == Some(report) {
            return Err(Error::invalid(
                "manager",
                "Nobody is their own manager; leave the field out for somebody who reports to nobody.",
            ));
        }
        self.relate_single((EdgeKind::Manager, "manager"), report, manager)
    }

    pub(super) fn hand_over(&mut self, owned: &str, owner: Option<&Named>) -> Result<Outcome> {
        let owned = self.known.require(&Named::Profile(owned.to_owned()), "username")?;
        let field = if matches!(owner, Some(Named::Collective(..))) { "owner_team" } else { "owner_user" };
        let owner = owner.map(|name| self.known.require(name, field)).transpose()?;
        if owned.kind == NodeKind::User && owner.is_some() {
            return Err(Error::invalid(field, "A user has no owner; only service accounts and bots have one."));
        }
        if owner.is_some_and(|owner| !matches!(owner.kind, NodeKind::User | NodeKind::Team)) {
            return Err(Error::invalid(field, "An owner is a user or a team."));
        }
        self.relate_single((EdgeKind::Owner, field), owned, owner)
    }

    pub(super) fn grant(&mut self, record: &ImportedGrant) -> Result<Outcome> {
        let field = field_of(&record.principal);
        let role = self.known.require(&Named::Role(record.role.clone()), "role")?;
        let principal = self.known.require(&record.principal, field)?;
        if !principal.kind.is_profile() && principal.kind != NodeKind::Group {
            return Err(Error::invalid(field, "A role is granted to a profile or a group."));
        }
        let key = EdgeKey::between(EdgeKind::Grant, principal, role);
        if self.edges.present(key).is_some() {
            return Ok(Outcome::Unchanged);
        }
        if self.current::<Role>(role).is_none_or(|role| role.privileged) {
            self.context.authorize_tenant(Action::Own)?;
        }
        let new = NewEdge::new(EdgeKind::Grant, principal, role);
        self.relate(key, Some(new))?;
        Ok(Outcome::New)
    }

    pub(super) async fn enrol(&mut self, record: &ImportedMembership) -> Result<Outcome> {
        let (container, field) = (&record.container, member_field(&record.member));
        let container = self.known.require(container, field_of(container))?;
        let member = self.known.require(&record.member, field)?;
        check_membership(field, container.kind, member.kind)?;
        let key = EdgeKey::between(EdgeKind::Member, member, container);
        let present = self.edges.present(key).and_then(|(_, facts)| facts);
        let facts = record.facts(present.as_ref());
        facts.check("functions")?;
        if present.as_ref() == Some(&facts) {
            return Ok(Outcome::Unchanged);
        }
        self.edges.require_unsaid(key, field)?;
        self.guard_privilege(container).await?;
        if present.is_none() && member.kind.is_collective() {
            self.contain(container, member, field).await?;
        }
        let new = NewEdge::membership(member, container, facts);
        self.relate(key, Some(new))?;
        Ok(if present.is_none() { Outcome::New } else { Outcome::Updated })
    }

    pub(super) async fn hang(&mut self, child: &Named, parent: Option<&Named>) -> Result<Outcome> {
        let child = self.known.require(child, "slug")?;
        let parent = parent.map(|parent| self.known.require(parent, "parent")).transpose()?;
        if parent.is_some_and(|parent| parent.kind != child.kind) {
            return Err(Error::invalid("parent", format!("The parent of a {0} is a {0}.", child.kind)));
        }
        let key = EdgeKey::single(EdgeKind::Parent, child);
        let present = self.edges.present(key).map(|(parent, _)| parent);
        if present == parent {
            return Ok(Outcome::Unchanged);
        }
        self.edges.require_unsaid(key, "parent")?;
        if let Some(parent) = parent {
            self.guard_privilege(parent).await?;
            self.hierarchy.check(child, parent, "parent")?;
            // The edge to the old parent cannot be part of a cycle through the new one, so it may go afterwards.
            self.contain(parent, child, "parent").await?;
        }
        if let Some(present) = present {
            self.context.release(present, child).await?;
        }
        self.hierarchy.hang(child, parent);
        self.relate_single((EdgeKind::Parent, "parent"), child, parent)
    }

    pub(super) async fn hang_organization(&mut self, parent: Option<OrganizationId>) -> Result<Outcome> {
        let id = self.context.tenant().node();
        let key = EdgeKey::single(EdgeKind::Parent, id);
        let parent = parent.map(OrganizationId::node);
        if self.edges.present(key).map(|(parent, _)| parent) == parent {
            return Ok(Outcome::Unchanged);
        }
        self.edges.require_unsaid(key, "parent")?;
        self.context.authorize_tenant(Action::OwnServer)?;
        set_parent::place(self.context, id, parent, "parent").await?;
        self.edges.say(key, parent.map(|parent| (parent, None)));
        Ok(Outcome::Updated)
    }

    /// Makes one contain another, or leaves the closure as it was.
    async fn contain(&mut self, container: NodeId, contained: NodeId, field: &str) -> Result<()> {
        match self.context.contain(container, contained, field).await {
            // There are too many paths now; that is found out by counting them.
            Err(error) if error.code == ErrorCode::InvalidInput => {
                self.context.release(container, contained).await?;
                Err(error.at(field))
            }
            contained => contained,
        }
    }

    async fn guard_privilege(&mut self, collective: NodeId) -> Result<()> {
        if self.owner {
            return Ok(());
        }
        members::guard_privilege(self.context, &[collective.uuid]).await
    }
}

/// The field in which records name something of that kind.
const fn field_of(name: &Named) -> &'static str {
    match name {
        Named::Profile(_) => "user",
        Named::Collective(NodeKind::Group, _) => "group",
        Named::Collective(..) => "team",
        Named::Role(_) => "role",
    }
}

/// The field in which records name a member of that kind.
const fn member_field(name: &Named) -> &'static str {
    match name {
        Named::Profile(_) => "user",
        Named::Collective(NodeKind::Group, _) => "member_group",
        _ => "member_team",
    }
}
