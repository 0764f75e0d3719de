//! Queries: the one way to read the graph.
//!
//! Every function takes many ids at once and answers with one statement, whatever their number: faces gather the ids of a
//! level and ask once. Every function begins with what the viewer may see ([`policy::sight`]); what it may not see is
//! missing in the answer, exactly as what does not exist.

mod accounts;
mod alerts;
mod around;
pub mod attribute;
mod changes;
mod deferred;
mod history;
mod lists;
mod moment;
mod nodes;
pub mod questions;
pub mod relation;
mod relations;
mod resolution;
mod risk;
mod search;
mod tokens;
pub mod walk;

pub use changes::{ChangeFilter, Changes, Start};
pub use nodes::ProfileBy;
pub use relation::Relation;
pub use resolution::{Identifier, Resolution, Rule};

use super::policy::{self, Sight};
use super::{App, Viewer};
use crate::domain::{NodeId, NodeKind, OrganizationId, Result, Timestamp};
use crate::store::{Scope, Stamp, Store};
use questions::Ask;
use std::collections::HashMap;
use uuid::Uuid;

/// Reads, as one viewer.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    app: &'a App,
    viewer: &'a Viewer,
    at: Option<Timestamp>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(app: &'a App, viewer: &'a Viewer) -> Self {
        Self { app, viewer, at: None }
    }

    /// The same reader, who reads as of that time; none for now.
    #[must_use]
    pub const fn as_of(self, at: Option<Timestamp>) -> Self {
        Self { at, ..self }
    }

    /// Answers a question about many ids: from what was kept, if nothing has changed since, else by one statement.
    pub async fn ask<A: Ask>(&self, ask: &A, ids: &[A::Id]) -> Result<HashMap<A::Id, A::Answer>> {
        let Some(kept) = self.kept(ask)? else { return ask.answer(*self, ids).await };
        let answers = &self.app.answers;
        let mut found = HashMap::with_capacity(ids.len());
        let mut missing = Vec::new();
        for id in ids {
            match answers.get(kept, ask, id) {
                Some(answer) => found.extend(answer.map(|answer| (*id, answer))),
                None => missing.push(*id),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let read = ask.answer(*self, &missing).await?;
        for id in missing {
            answers.keep(kept, (ask, id), read.get(&id).cloned());
        }
        found.extend(read);
        Ok(found)
    }

    /// Under what answers to a question are kept, if they are: for those who see the directory, as it is now.
    fn kept<A: Ask>(&self, ask: &A) -> Result<Option<(Scope, Stamp)>> {
        match self.sight()? {
            Sight::Directory(scope) if ask.is_kept() => {
                Ok(self.store().freshness().of(scope, ask.realm()).map(|stamp| (scope, stamp)))
            }
            _ => Ok(None),
        }
    }

    /// What the viewer may read of the directory, as of the reader's time.
    fn sight(&self) -> Result<Sight> {
        Ok(match policy::sight(self.viewer)? {
            Sight::Directory(scope) => Sight::Directory(scope.as_of(self.at)),
            own @ Sight::Own(..) => own,
        })
    }

    /// The scope of one organization, as of the reader's time.
    const fn scope_of(&self, organization: OrganizationId) -> Scope {
        Scope::organization(organization).as_of(self.at)
    }

    const fn store(&self) -> &'a Store {
        &self.app.store
    }

    /// The scope of what is read, and those of the nodes from which the viewer may look on.
    ///
    /// Whoever sees the directory looks on from everywhere in its scope. Whoever sees its own profile only looks on from
    /// there, and so sees what is one edge away.
    fn look(&self, from: &[Uuid]) -> Result<(Scope, Vec<Uuid>)> {
        Ok(match self.sight()? {
            Sight::Directory(scope) => (scope, from.to_vec()),
            Sight::Own(profile, organization) => {
                let own = from.iter().copied().filter(|id| *id == profile.uuid).collect();
                (self.scope_of(organization), own)
            }
        })
    }

    /// The scope of what is read, and those of the ids that the viewer may name.
    fn name(&self, ids: &[Uuid]) -> Result<(Scope, Vec<Uuid>)> {
        Ok(match self.sight()? {
            Sight::Directory(scope) => (scope, ids.to_vec()),
            Sight::Own(profile, organization) => {
                let own = ids.iter().copied().filter(|id| [profile.uuid, organization.0].contains(id)).collect();
                (self.scope_of(organization), own)
            }
        })
    }

    /// The profile that alone the viewer sees; none for viewers who see the directory.
    fn own_profile(&self) -> Result<Option<NodeId>> {
        Ok(match self.sight()? {
            Sight::Directory(_) => None,
            Sight::Own(profile, _) => Some(profile),
        })
    }

    /// The scope in which the viewer may list and search; none if it may not.
    fn browse(&self) -> Result<Option<Scope>> {
        Ok(match self.sight()? {
            Sight::Directory(scope) => Some(scope),
            Sight::Own(..) => None,
        })
    }

    /// The organization that the viewer is confined to, if it is confined to one.
    #[must_use]
    pub fn own_organization(&self) -> Option<OrganizationId> {
        self.viewer.access.as_ref().and_then(|access| access.organization)
    }
}

/// Whether a kind of node is kept in the same table as others: the part of an id that decides where to look.
#[must_use]
pub const fn family(kind: NodeKind) -> NodeKind {
    match kind {
        NodeKind::ServiceAccount | NodeKind::Bot => NodeKind::User,
        NodeKind::Group => NodeKind::Team,
        kind => kind,
    }
}

/// Those ids that are of one family, without their kinds.
#[must_use]
pub fn of_family(ids: &[NodeId], kind: NodeKind) -> Vec<Uuid> {
    ids.iter().filter(|id| family(id.kind) == kind).map(|id| id.uuid).collect()
}
