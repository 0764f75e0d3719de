//! The three passes of an import.

use super::super::failure::Failure;
use super::super::wire::{Line, OrganizationLine, Problem};
use super::input::{Entry, Input};
use super::ledger::{Ledger, Novelty, Summary};
use super::records;
use super::session::Session;
use crate::domain::{Error, ErrorCode, OrganizationId, Patch};
use crate::resolvers::command::{CreateOrganization, ImportRecord, Imported, MAX_RECORDS, Named, Outcome, Rejection};
use indicatif::ProgressBar;
use std::collections::{BTreeMap, VecDeque};

/// About how many bytes of memory the records take that are kept until they are merged.
const MAX_WAITING: usize = 192 * 1_048_576;
/// The most records of one organization that are kept to be put in order.
const MAX_WINDOW: usize = 50 * MAX_RECORDS;

/// What a pass reads a file for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Whether each line makes sense by itself, and the organizations.
    Organizations,
    /// Teams, groups, roles and profiles.
    Nodes,
    /// What connects them.
    Relations,
}

impl Pass {
    const fn name(self) -> &'static str {
        match self {
            Self::Organizations => "checking",
            Self::Nodes => "importing",
            Self::Relations => "connecting",
        }
    }

    /// How many records of one organization are kept until they are merged. A file that lists memberships by member names a
    /// group here and there; the more of them are put together, the less often the group changes.
    const fn window(self) -> usize {
        match self {
            Self::Organizations | Self::Nodes => MAX_RECORDS,
            Self::Relations => MAX_WINDOW,
        }
    }
}

/// The records of one organization that wait to be merged.
#[derive(Default)]
struct Queue {
    /// Batches, and about how many bytes each takes.
    ready: VecDeque<(usize, Vec<(u64, ImportRecord)>)>,
    /// Records that are in no batch yet, and about how many bytes they take.
    records: Vec<(u64, ImportRecord)>,
    bytes: usize,
}

impl Queue {
    /// Makes batches of all records: those about one team or group together, in the order of the file.
    fn close(&mut self) {
        let mut records = std::mem::take(&mut self.records);
        records.sort_by_cached_key(|(_, record)| record.container().map(Named::key));
        let (bytes, count) = (std::mem::take(&mut self.bytes), records.len());
        let mut records = records.into_iter();
        loop {
            // A vector that is split keeps the room it had.
            let batch: Vec<_> = records.by_ref().take(MAX_RECORDS).collect();
            if batch.is_empty() {
                return;
            }
            self.ready.push_back((bytes * batch.len() / count, batch));
        }
    }
}

/// An import under way.
pub(in crate::cli) struct Importer<'a> {
    session: Session<'a>,
    /// The slug of the organization of lines that name none.
    organization: Option<String>,
    bar: ProgressBar,
    on_rejection: Box<dyn Fn(&Rejection) + 'a>,
    ledger: Ledger,
    waiting: BTreeMap<OrganizationId, Queue>,
    waiting_bytes: usize,
}

impl<'a> Importer<'a> {
    /// An import that the bar shows the progress of.
    pub(in crate::cli) fn new(session: Session<'a>, organization: Option<String>, bar: ProgressBar) -> Self {
        Self {
            session,
            organization,
            bar,
            on_rejection: Box::new(|_| {}),
            ledger: Ledger::default(),
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
        }
    }

    /// Sets what is told of each line that is rejected.
    pub(in crate::cli) fn on_rejection(&mut self, tell: impl Fn(&Rejection) + 'a) {
        self.on_rejection = Box::new(tell);
    }

    /// Imports everything, and counts what has become of the lines.
    pub(in crate::cli) async fn run(mut self, input: &Input) -> Result<Summary, Failure> {
        let done = self.read(input).await;
        self.session.end().await?;
        let summary = self.ledger.summary();
        match done {
            Err(failure) if self.session.is_real() && summary.new + summary.updated > 0 => {
                Err(failure.and("What came before is imported; the same import again goes on from there."))
            }
            done => done.map(|()| summary),
        }
    }

    async fn read(&mut self, input: &Input) -> Result<(), Failure> {
        for pass in [Pass::Organizations, Pass::Nodes, Pass::Relations] {
            self.bar.set_message(pass.name());
            let mut entries = input.open(&self.bar)?;
            while let Some(entry) = entries.next().map_err(|error| input.unreadable(&error))? {
                match pass {
                    Pass::Organizations => self.check(entry).await?,
                    Pass::Nodes | Pass::Relations => self.take(entry, pass).await?,
                }
            }
            self.merge_all().await?;
            self.ledger.close();
        }
        Ok(())
    }

    /// The first pass: is there anything wrong with the line itself?
    async fn check(&mut self, entry: Entry) -> Result<(), Failure> {
        let line = entry.number;
        let checked = entry.content.and_then(|content| self.enter(line, &content).map(|first| (content, first)));
        match checked {
            Err(problem) => self.reject(line, problem),
            Ok((Line::Organization(organization), true)) => self.merge_organization(line, &organization).await?,
            Ok(_) => {}
        }
        Ok(())
    }

    /// Enters a line in the ledger, and says whether there is anything to do for it.
    fn enter(&mut self, line: u64, content: &Line) -> Result<bool, Problem> {
        let bytes = serde_json::to_vec(content).map_err(|error| Problem::new(format!("{error}.")))?;
        let subject = if let Line::Organization(organization) = content {
            records::subject_of_organization(&organization.slug)
        } else {
            let organization = records::subject_of_organization(self.organization_of(content)?);
            format!("{organization}\u{1f}{}", records::of(content.clone())?.subject)
        };
        match self.ledger.enter(line, &subject, &bytes) {
            Novelty::First => Ok(true),
            Novelty::Repeated => Ok(false),
            Novelty::Contradicted(first) => Err(Problem::new(format!(
                "Line {first} describes the same with other values; leave one of the two out."
            ))),
        }
    }

    /// The slug of the organization that a line belongs to.
    fn organization_of<'l>(&'l self, line: &'l Line) -> Result<&'l str, Problem> {
        line.organization().or(self.organization.as_deref()).ok_or_else(|| {
            let message = "The line names no organization; add the field, or use --organization.";
            Problem::at("organization", message)
        })
    }

    async fn merge_organization(&mut self, line: u64, content: &OrganizationLine) -> Result<(), Failure> {
        if let Some(id) = self.session.organization(&content.slug).await? {
            return self.merge(id, vec![(line, records::organization(content))]).await;
        }
        let command = CreateOrganization {
            slug: content.slug.clone(),
            name: value(&content.name).unwrap_or_else(|| content.slug.clone()),
            description: value(&content.description),
            metadata: value(&content.metadata).unwrap_or_default(),
            extensions: value(&content.extensions).unwrap_or_default(),
            parent: None,
        };
        match self.session.create_organization(command).await {
            Ok(_) => self.ledger.merge(line, Outcome::New),
            Err(error) => self.reject_for(line, error)?,
        }
        Ok(())
    }

    /// The second and the third pass: what is to be done for the line?
    async fn take(&mut self, Entry { number: line, content }: Entry, pass: Pass) -> Result<(), Failure> {
        let Ok(content) = content else { return Ok(()) };
        if !self.ledger.is_under_way(line) {
            return Ok(());
        }
        if let Line::Organization(organization) = &content {
            if pass == Pass::Nodes {
                self.hang_organization(line, organization).await?;
            }
            return Ok(());
        }
        let slug = match self.organization_of(&content) {
            Ok(slug) => slug.to_owned(),
            Err(problem) => {
                self.reject(line, problem);
                return Ok(());
            }
        };
        let Some(organization) = self.session.organization(&slug).await? else {
            self.reject(line, Problem::at("organization", format!("There is no organization {slug}.")));
            return Ok(());
        };
        let records = match records::of(content) {
            Ok(records) if pass == Pass::Nodes => records.node.into_iter().collect(),
            Ok(records) => records.relations,
            Err(problem) => {
                self.reject(line, problem);
                return Ok(());
            }
        };
        self.put_off(organization, line, records, pass).await
    }

    /// Keeps records until there are enough of them to be merged at once.
    async fn put_off(
        &mut self,
        organization: OrganizationId,
        line: u64,
        records: Vec<ImportRecord>,
        pass: Pass,
    ) -> Result<(), Failure> {
        if records.is_empty() {
            return Ok(());
        }
        let queue = self.waiting.entry(organization).or_default();
        if queue.records.len() + records.len() > pass.window() {
            queue.close();
        }
        let bytes: usize = records.iter().map(ImportRecord::footprint).sum();
        queue.records.extend(records.into_iter().map(|record| (line, record)));
        queue.bytes += bytes;
        self.waiting_bytes += bytes;
        self.merge_some().await?;
        while self.waiting_bytes > MAX_WAITING {
            // Small batches are only for want of others.
            if self.waiting.values().all(|queue| queue.ready.is_empty()) {
                self.close_all();
            }
            self.merge_some().await?;
            self.await_one().await?;
        }
        Ok(())
    }

    /// Merges everything that waits.
    async fn merge_all(&mut self) -> Result<(), Failure> {
        self.close_all();
        while !self.waiting.is_empty() {
            self.merge_some().await?;
            self.await_one().await?;
        }
        self.waiting_bytes = 0;
        let merged = self.session.settle().await?;
        self.note(merged);
        Ok(())
    }

    fn close_all(&mut self) {
        self.waiting.values_mut().for_each(Queue::close);
    }

    /// Begins to merge batches of as many organizations as there is room for: the batches of one follow one another.
    async fn merge_some(&mut self) -> Result<(), Failure> {
        let ready: Vec<OrganizationId> = self
            .waiting
            .iter()
            .filter(|(_, queue)| !queue.ready.is_empty())
            .map(|(organization, _)| *organization)
            .collect();
        for organization in ready {
            if !self.session.has_room(organization) {
                continue;
            }
            let Some(queue) = self.waiting.get_mut(&organization) else { continue };
            let Some((bytes, batch)) = queue.ready.pop_front() else { continue };
            if queue.ready.is_empty() && queue.records.is_empty() {
                self.waiting.remove(&organization);
            }
            self.waiting_bytes -= bytes;
            self.merge(organization, batch).await?;
        }
        Ok(())
    }

    /// Waits until a batch is merged, if any is under way.
    async fn await_one(&mut self) -> Result<(), Failure> {
        let merged = self.session.await_one().await?;
        self.note(merged.into_iter().collect());
        Ok(())
    }

    async fn merge(&mut self, organization: OrganizationId, batch: Vec<(u64, ImportRecord)>) -> Result<(), Failure> {
        let merged = self.session.import(organization, batch).await?;
        self.note(merged);
        Ok(())
    }

    /// Enters in the ledger what has come of batches.
    fn note(&mut self, merged: Vec<Imported>) {
        for imported in merged {
            for (line, outcome) in imported.merged {
                self.ledger.merge(line, outcome);
            }
            for rejection in imported.rejected {
                self.tell(&rejection);
            }
        }
    }

    async fn hang_organization(&mut self, line: u64, content: &OrganizationLine) -> Result<(), Failure> {
        let parent = match &content.parent {
            Patch::Absent => return Ok(()),
            Patch::Null => None,
            Patch::Value(slug) => match self.session.organization(slug).await? {
                Some(parent) => Some(parent),
                None => {
                    self.reject(line, Problem::at("parent", format!("There is no organization {slug}.")));
                    return Ok(());
                }
            },
        };
        let Some(id) = self.session.organization(&content.slug).await? else { return Ok(()) };
        self.merge(id, vec![(line, ImportRecord::OrganizationParent(parent))]).await
    }

    fn reject(&mut self, line: u64, problem: Problem) {
        self.tell(&Rejection {
            line,
            field: problem.field,
            code: ErrorCode::InvalidInput.as_str().to_owned(),
            message: problem.message,
        });
    }

    /// Rejects a line for an error of a command, if the error is about what the line says.
    fn reject_for(&mut self, line: u64, error: Error) -> Result<(), Failure> {
        let rejection = Rejection::of(line, error)?;
        self.tell(&rejection);
        Ok(())
    }

    fn tell(&mut self, rejection: &Rejection) {
        if self.ledger.reject(rejection.line) {
            (self.on_rejection)(rejection);
        }
    }
}

fn value<T: Clone>(patch: &Patch<T>) -> Option<T> {
    match patch {
        Patch::Value(value) => Some(value.clone()),
        Patch::Absent | Patch::Null => None,
    }
}
