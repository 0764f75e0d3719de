//! Organizations, teams, groups, roles and profiles of a batch.

use super::super::extension_rules;
use super::record::{ImportedCollective, ImportedOrganization, ImportedProfile, ImportedRole, Named};
use super::{Batch, Outcome};
use crate::domain::diff::differences;
use crate::domain::{Collective, Error, Node, NodeData, NodeId, NodeKind, Organization, Profile, Result, Role};
use crate::resolvers::policy::Action;
use serde_json::{Map, Value};

impl Batch<'_, '_> {
    /// A node as the batch has left it so far.
    pub(super) fn current<T: NodeData>(&self, id: NodeId) -> Option<T> {
        if self.context.has(id) {
            return self.context.get(id, "id").ok();
        }
        self.known.stored(id)
    }

    /// Puts a node that the batch names at the disposal of the write context, so that it can be changed.
    pub(super) fn touch(&mut self, id: NodeId) {
        if !self.context.has(id)
            && let Some(node) = self.known.stored_node(id)
        {
            self.context.stage(node.clone());
        }
    }

    /// Hands a node back, if there is anything new about it.
    pub(super) fn put<T: NodeData + PartialEq>(&mut self, before: Option<&T>, after: T) -> Result<Outcome> {
        let Some(before) = before else {
            self.context.create(after)?;
            return Ok(Outcome::New);
        };
        if *before == after {
            return Ok(Outcome::Unchanged);
        }
        let (before, after): (Node, Node) = (before.clone().into(), after.into());
        // Not everything that differs is a difference: nothing is the same however it is written.
        if differences(&before.fields()?, &after.fields()?).is_empty() {
            return Ok(Outcome::Unchanged);
        }
        self.touch(after.id());
        self.context.save(T::from_node(after).ok_or_else(Error::internal)?)?;
        Ok(Outcome::Updated)
    }

    pub(super) async fn merge_organization(&mut self, record: &ImportedOrganization) -> Result<Outcome> {
        let before: Organization = self.context.get(self.context.tenant().node(), "organization")?;
        let mut after = before.clone();
        record.apply(&mut after)?;
        after.check()?;
        extension_rules::check(self.context, &before.extensions, &after.extensions).await?;
        self.put(Some(&before), after)
    }

    pub(super) async fn merge_collective(&mut self, record: &ImportedCollective) -> Result<Outcome> {
        let name = Named::Collective(record.kind, record.slug.clone());
        let id = self.known.find(&name);
        let before = id.and_then(|id| self.current::<Collective>(id));
        let id = id.unwrap_or_else(|| self.context.new_id(record.kind));
        let mut after = record.merged(before.as_ref(), (id, self.context.tenant()));
        let present = before.as_ref().map(|before| &before.extensions);
        self.keep_hidden(id, present, &mut after.extensions).await?;
        after.check()?;
        if present.map_or(!after.extensions.is_empty(), |present| *present != after.extensions) {
            let old = before.clone().map(Node::from);
            self.context.check_extensions(old.as_ref(), &after.clone().into()).await?;
        }
        let outcome = self.put(before.as_ref(), after)?;
        self.known.add_name(&name, id);
        Ok(outcome)
    }

    /// What nobody is shown stays, unless a record says it anew.
    async fn keep_hidden(
        &mut self,
        id: NodeId,
        before: Option<&Map<String, Value>>,
        after: &mut Map<String, Value>,
    ) -> Result<()> {
        if let Some(before) = before.filter(|before| *before != after) {
            self.context.declarations().await?.keep_hidden(id.kind, before, after);
        }
        Ok(())
    }

    pub(super) fn merge_role(&mut self, record: &ImportedRole) -> Result<Outcome> {
        let name = Named::Role(record.slug.clone());
        let id = self.known.find(&name);
        let before = id.and_then(|id| self.current::<Role>(id));
        let id = id.unwrap_or_else(|| self.context.new_id(NodeKind::Role));
        let after = record.merged(before.as_ref(), (id, self.context.tenant()));
        after.check()?;
        if after.privileged || before.as_ref().is_some_and(|role| role.privileged) {
            self.context.authorize_tenant(Action::Own)?;
        }
        let outcome = self.put(before.as_ref(), after)?;
        self.known.add_name(&name, id);
        Ok(outcome)
    }

    pub(super) async fn merge_profile(&mut self, record: &ImportedProfile) -> Result<Outcome> {
        let name = Named::Profile(record.username.clone());
        let id = self.known.find(&name);
        let before = id.and_then(|id| self.current::<Profile>(id));
        let id = id.unwrap_or_else(|| self.context.new_id(record.kind));
        if id.kind != record.kind {
            let message =
                format!("This user name belongs to a {}; a record cannot make it a {}.", id.kind, record.kind);
            return Err(Error::conflict("username", message));
        }
        let mut after = record.merged(before.as_ref(), (id, self.context.tenant()));
        let present = before.as_ref().map(|before| &before.extensions);
        self.keep_hidden(id, present, &mut after.extensions).await?;
        after.check()?;
        if present.map_or(!after.extensions.is_empty(), |present| *present != after.extensions) {
            let old = before.clone().map(Node::from);
            self.context.check_extensions(old.as_ref(), &after.clone().into()).await?;
        }
        let links = self.plan_links(id, &record.identities)?;

        // Nothing can go wrong any more.
        let mut outcome = self.put(before.as_ref(), after)?;
        self.known.add_name(&name, id);
        for link in links {
            if self.link(id, link)? && outcome == Outcome::Unchanged {
                outcome = Outcome::Updated;
            }
        }
        Ok(outcome)
    }
}
