//! Merge a batch of records into the directory: what imports, and later syncs, are made of.
//!
//! A record says what something is to be: what it names is set, what it names as null is cleared, and
//! what it does not name stays. So the same batch again changes nothing. Records name nodes as files
//! do, by slug and user name; a record may rely on those before it in the batch.
//!
//! A batch costs a handful of statements, whatever the number of its records: everything that they
//! name is [read at once](known), the records are applied to what was read, and the write context
//! writes the differences. Only what hangs teams and groups into one another takes statements of its
//! own, because it changes the closure of containment.
//!
//! A record that cannot be merged is left out with its reason, and the others go on. So each record is
//! judged completely before the first thing it says is done.

mod edges;
mod hierarchy;
mod identities;
mod known;
mod merge;
mod nodes;
mod record;
mod rehearsal;
mod relations;

pub use record::{
    ImportRecord, ImportedCollective, ImportedGrant, ImportedIdentity, ImportedMembership, ImportedOrganization,
    ImportedProfile, ImportedRole, Named,
};

use self::edges::Edges;
use self::hierarchy::Hierarchy;
use self::known::Known;
use super::super::policy::{self, Action, Resource};
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::{Error, ErrorCode, OrganizationId, Result};
use serde::{Deserialize, Serialize};

/// The most records that one command takes.
pub const MAX_RECORDS: usize = 500;

/// Merges records into the directory of one organization. See the module.
#[derive(Debug, Clone, Serialize)]
pub struct ImportRecords {
    /// Where.
    pub organization: OrganizationId,
    /// The records, each with the line it comes from.
    pub records: Vec<(u64, ImportRecord)>,
}

/// What a record did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything was so already.
    Unchanged,
    /// What the record is about existed, and has changed.
    Updated,
    /// What the record is about did not exist.
    New,
}

/// What a batch did: what each record did, in the order of the records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// The lines of the records that were merged.
    pub merged: Vec<(u64, Outcome)>,
    /// The records that were left out.
    pub rejected: Vec<Rejection>,
}

/// Why a record was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The line the record comes from.
    pub line: u64,
    /// The field at fault, as records spell it.
    pub field: Option<String>,
    /// The kind of error, as faces send it.
    pub code: String,
    /// A sentence that says what to do.
    pub message: String,
}

impl Rejection {
    /// A rejection for what was found wrong with a record.
    ///
    /// # Errors
    ///
    /// When the error is not the record's fault: then the others cannot go on either.
    pub fn of(line: u64, error: Error) -> Result<Self> {
        if !is_about_request(&error) {
            return Err(error);
        }
        Ok(Self {
            line,
            field: error.field.as_deref().map(record::spelling),
            code: error.code.as_str().to_owned(),
            message: error.message.into_owned(),
        })
    }
}

impl Command for ImportRecords {
    type Output = Imported;
    const ACTION: &'static str = "records.import";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organization")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Imported> {
        super::require_tenant(context).await?;
        context.authorize_tenant(Action::Administer)?;
        if self.records.len() > MAX_RECORDS {
            let message = format!("One request takes at most {MAX_RECORDS} records; send several requests.");
            return Err(Error::invalid("records", message));
        }
        let mut imported = Imported::default();
        let mut sound = Vec::with_capacity(self.records.len());
        for (line, record) in &self.records {
            match record.check() {
                Ok(()) => sound.push((*line, record)),
                Err(error) => imported.rejected.push(Rejection::of(*line, error)?),
            }
        }
        let mut batch = Batch::read(context, &sound).await?;
        for (line, record) in sound {
            match batch.merge(record).await {
                Ok(outcome) => imported.merged.push((line, outcome)),
                Err(error) => imported.rejected.push(Rejection::of(line, error)?),
            }
        }
        Ok(imported)
    }
}

/// Whether an error is the fault of what was asked for.
const fn is_about_request(error: &Error) -> bool {
    matches!(error.code, ErrorCode::InvalidInput | ErrorCode::NotFound | ErrorCode::Conflict | ErrorCode::Forbidden)
}

/// A batch under way: what its records name, and what has become of it so far.
struct Batch<'c, 'a> {
    context: &'c mut WriteContext<'a>,
    known: Known,
    edges: Edges,
    hierarchy: Hierarchy,
    /// Whether the viewer may do everything in the tenant, so that privileges need no look.
    owner: bool,
}

impl<'c, 'a> Batch<'c, 'a> {
    /// Reads everything that the records name.
    async fn read(context: &'c mut WriteContext<'a>, records: &[(u64, &ImportRecord)]) -> Result<Self> {
        let owner = policy::allow(context.viewer(), Action::Own, Resource::of(context.tenant())).is_ok();
        let known = Known::read(context.unit(), records).await?;
        let edges = Edges::read(context.unit(), records, &known).await?;
        let hierarchy = Hierarchy::read(context.unit(), records, &known).await?;
        Ok(Self { context, known, edges, hierarchy, owner })
    }

    /// Does what a record says, or nothing if there is something wrong with it.
    async fn merge(&mut self, record: &ImportRecord) -> Result<Outcome> {
        match record {
            ImportRecord::Organization(organization) => self.merge_organization(organization).await,
            ImportRecord::OrganizationParent(parent) => self.hang_organization(*parent).await,
            ImportRecord::Collective(collective) => self.merge_collective(collective).await,
            ImportRecord::Role(role) => self.merge_role(role),
            ImportRecord::Profile(profile) => self.merge_profile(profile).await,
            ImportRecord::Parent { child, parent } => self.hang(child, parent.as_ref()).await,
            ImportRecord::Manager { report, manager } => self.appoint(report, manager.as_deref()),
            ImportRecord::Owner { owned, owner } => self.hand_over(owned, owner.as_ref()),
            ImportRecord::Membership(membership) => self.enrol(membership).await,
            ImportRecord::Grant(grant) => self.grant(grant),
        }
    }
}
