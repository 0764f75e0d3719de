//! The write context: what a command is given to change the graph with.
//!
//! A command loads nodes, changes them, and hands them back; it opens and closes edges. Nothing of that reaches the
//! database until the command has returned. Then [`WriteContext::seal`] compares each node with what it was, and writes, in
//! one go: the states, the edges, and for each node that changed, one event, one version row and one entry in the outbox.
//! So a change cannot be without its event, and what changes nothing writes nothing.

mod extensions;

use super::command::{Command, Target};
use super::networks::NetworkDatabase;
use super::policy::{self, Action, Resource};
use super::viewer::Viewer;
use crate::domain::diff::{Difference, differences};
use crate::domain::edge::MemberFacts;
use crate::domain::risk_policy::RiskOccurrence;
use crate::domain::{
    Edge, EdgeKind, Error, Event, Extensions, FieldChange, Node, NodeData, NodeId, NodeKind, OrganizationId,
    Provenance, Result, Timestamp, text,
};
use crate::store::{NewEdge, NodeWrite, Unit};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// A node that a command has loaded or made, and what it has done to it.
struct Staged {
    before: Option<Node>,
    after: Node,
    edge_changes: Vec<Difference>,
    opened: Vec<NewEdge>,
    closed: Vec<Uuid>,
    related: BTreeSet<NodeId>,
}

/// What a command changes the graph with. See the module.
pub struct WriteContext<'a> {
    viewer: &'a Viewer,
    networks: Option<&'a dyn NetworkDatabase>,
    unit: &'a mut Unit,
    action: &'static str,
    target: Target,
    reason: Option<String>,
    authorized: bool,
    /// Whether the command has changed anything itself.
    touched: bool,
    order: Vec<NodeId>,
    staged: HashMap<NodeId, Staged>,
    /// What the organization declares, once it was looked up.
    declared: Option<Arc<Extensions>>,
    /// What has happened to the risk of accounts.
    occurrences: Vec<RiskOccurrence>,
}

impl<'a> WriteContext<'a> {
    pub(super) fn new(
        (viewer, networks): (&'a Viewer, Option<&'a dyn NetworkDatabase>),
        unit: &'a mut Unit,
        action: &'static str,
        target: Target,
    ) -> Self {
        Self {
            viewer,
            networks,
            unit,
            action,
            target,
            reason: None,
            authorized: false,
            touched: false,
            order: Vec::new(),
            staged: HashMap::new(),
            declared: None,
            occurrences: Vec::new(),
        }
    }

    /// Who runs the command.
    #[must_use]
    pub const fn viewer(&self) -> &Viewer {
        self.viewer
    }

    /// The tenant of everything the command can touch.
    #[must_use]
    pub const fn tenant(&self) -> OrganizationId {
        self.unit.tenant()
    }

    /// The present.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.unit.now()
    }

    /// A new id.
    #[must_use]
    pub fn new_id(&self, kind: NodeKind) -> NodeId {
        NodeId::new(kind, self.unit.new_id())
    }

    /// Where addresses are looked up, if anywhere.
    #[must_use]
    pub const fn networks(&self) -> Option<&'a dyn NetworkDatabase> {
        self.networks
    }

    /// What the transaction can read.
    #[must_use]
    pub const fn unit(&self) -> &Unit {
        self.unit
    }

    /// What is recorded beside the graph, such as what accounts do. It has no versions; where it changes what an account may
    /// do, the command also [tells](Self::tell) so in the account's history.
    pub fn facts(&mut self) -> Result<&mut Unit> {
        if self.authorized {
            return Ok(self.unit);
        }
        tracing::error!(action = self.action, "a command records something without having asked the policy");
        Err(Error::internal())
    }

    /// Requires that the viewer may do that. A command that changes something without having asked is a fault.
    pub fn authorize(&mut self, action: Action, resource: Resource) -> Result<()> {
        policy::allow(self.viewer, action, resource)?;
        self.authorized = true;
        Ok(())
    }

    /// Requires that a credential is the one that the viewer has come with.
    pub fn authorize_own(&mut self, credential: Option<NodeId>) -> Result<()> {
        policy::allow_own(self.viewer, credential)?;
        self.authorized = true;
        Ok(())
    }

    /// Requires that the viewer may do that in the tenant, to what the command is about.
    pub fn authorize_tenant(&mut self, action: Action) -> Result<()> {
        let tenant = Resource::of(self.tenant());
        let resource = match self.target {
            Target::Node(id, _) if id.kind.is_profile() => Resource::of_profile(self.tenant(), id),
            Target::Node(id, _) if id.kind != NodeKind::Organization => tenant,
            // Everybody who is in an organization sees it.
            Target::Node(..) | Target::Organization(..) | Target::NewOrganization => tenant.seen(),
        };
        self.authorize(action, resource)
    }

    /// Says why the change is made. The reason becomes part of the events.
    pub fn because(&mut self, reason: Option<&str>) -> Result<()> {
        if let Some(reason) = reason {
            text::check_line("reason", reason, text::MAX_TEXT)?;
            self.reason = Some(reason.to_owned());
        }
        Ok(())
    }

    /// A live node of the tenant.
    pub async fn load<T: NodeData>(&mut self, id: NodeId, field: &str) -> Result<T> {
        self.fetch(&[id], false).await?;
        self.get(id, field)
    }

    /// A node of the tenant, deleted or not.
    pub async fn load_deleted_too<T: NodeData>(&mut self, id: NodeId, field: &str) -> Result<T> {
        self.fetch(&[id], true).await?;
        self.get(id, field)
    }

    /// Loads live nodes of the tenant, one statement for each type; [`get`](Self::get) then has them. Nodes that are not
    /// there are left out.
    pub async fn load_all(&mut self, ids: &[NodeId]) -> Result<()> {
        self.fetch(ids, false).await
    }

    /// The same, deleted ones too.
    pub async fn load_all_deleted_too(&mut self, ids: &[NodeId]) -> Result<()> {
        self.fetch(ids, true).await
    }

    async fn fetch(&mut self, ids: &[NodeId], deleted_too: bool) -> Result<()> {
        let missing: Vec<NodeId> = ids.iter().copied().filter(|id| !self.staged.contains_key(id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        for node in self.unit.nodes(&missing, deleted_too).await? {
            self.stage(node);
        }
        Ok(())
    }

    /// Takes note of a node that the command has read in another way.
    pub fn stage(&mut self, node: Node) {
        let id = node.id();
        if !self.staged.contains_key(&id) {
            self.insert(id, Some(node.clone()), node);
        }
    }

    fn insert(&mut self, id: NodeId, before: Option<Node>, after: Node) {
        self.order.push(id);
        let staged = Staged {
            before,
            after,
            edge_changes: Vec::new(),
            opened: Vec::new(),
            closed: Vec::new(),
            related: BTreeSet::new(),
        };
        self.staged.insert(id, staged);
    }

    /// A node that has been loaded or made, as the command has left it.
    pub fn get<T: NodeData>(&self, id: NodeId, field: &str) -> Result<T> {
        let node = self.staged.get(&id).map(|staged| staged.after.clone());
        node.and_then(T::from_node).ok_or_else(|| Error::not_found(field, id.kind))
    }

    /// Whether a node has been loaded or made.
    #[must_use]
    pub fn has(&self, id: NodeId) -> bool {
        self.staged.contains_key(&id)
    }

    /// Requires that the node still is at the version the client expects, if it expects one.
    pub fn expect_version(&self, id: NodeId, expected: Option<i64>) -> Result<()> {
        let current = self.staged.get(&id).map_or(0, |staged| staged.after.meta().version);
        expect(current, expected)
    }

    /// Runs another command on the same tenant as a part of this one, with an event of its own. Both are committed or
    /// neither. What this one has loaded it has to load again, since the other may have changed it, but for what the
    /// other has written, which it is left with; and it cannot have changed anything itself before.
    pub async fn perform<C: Command>(&mut self, command: &C) -> Result<C::Output> {
        let elsewhere = matches!(command.target(), Target::Organization(id, _) if id != self.tenant());
        if self.touched || elsewhere {
            tracing::error!(action = self.action, part = C::ACTION, "a command cannot be part of another");
            return Err(Error::internal());
        }
        self.order.clear();
        self.staged.clear();
        self.declared = None;
        let mut part = WriteContext::new((self.viewer, self.networks), &mut *self.unit, C::ACTION, command.target());
        let output = command.execute(&mut part).await?;
        self.occurrences.append(&mut part.occurrences);
        for node in part.seal().await?.into_iter().filter(|node| node.meta().deleted_at.is_none()) {
            self.stage(node);
        }
        Ok(output)
    }

    /// Adds a node that is new.
    pub fn create(&mut self, node: impl NodeData) -> Result<()> {
        self.touched = true;
        let node: Node = node.into();
        node.check()?;
        self.insert(node.id(), None, node);
        Ok(())
    }

    /// Hands back a node that was changed.
    pub fn save(&mut self, node: impl NodeData) -> Result<()> {
        self.touched = true;
        let node: Node = node.into();
        node.check()?;
        let staged = self.staged.get_mut(&node.id()).ok_or_else(Error::internal)?;
        staged.after = node;
        Ok(())
    }

    /// Puts one edge in the place of another, either of which may be none. Whose change that is, and under which path, the
    /// edges say themselves ([`EdgeKind::told_by`]).
    ///
    /// # Errors
    ///
    /// A fault, if they say different things, or if whose change it is has not been loaded.
    pub fn replace_edge(&mut self, old: Option<&Edge>, new: Option<NewEdge>) -> Result<()> {
        let (gone, come) = (old.map(Edge::told_by), new.as_ref().map(NewEdge::told_by));
        if gone.is_some() && come.is_some() && gone != come {
            return Err(Error::internal());
        }
        let Some((subject, path)) = gone.or(come) else { return Ok(()) };
        self.touched = true;
        let before = old.map_or(Value::Null, as_told);
        let after = new.as_ref().map_or(Value::Null, |edge| view(edge.kind, edge.to, edge.member.as_ref()));
        if before == after {
            return Ok(());
        }
        let staged = self.staged.get_mut(&subject).ok_or_else(Error::internal)?;
        let ends =
            old.map(|edge| [edge.from, edge.to]).into_iter().chain(new.as_ref().map(|edge| [edge.from, edge.to]));
        // The other end hears of it too, unless it is of another tenant, as an organization's parent is.
        staged.related.extend(ends.flatten().filter(|end| *end != subject && end.kind != NodeKind::Organization));
        staged.closed.extend(old.map(|edge| edge.id));
        staged.opened.extend(new);
        staged.edge_changes.push(Difference { path, before, after });
        Ok(())
    }

    /// Makes the events about one loaded node events about another, too.
    pub fn relate(&mut self, subject: NodeId, other: NodeId) -> Result<()> {
        self.staged.get_mut(&subject).ok_or_else(Error::internal)?.related.insert(other);
        Ok(())
    }

    /// Adds to the event about one loaded node what is neither a field nor an edge: what became of another.
    pub fn tell(&mut self, subject: NodeId, difference: Difference) -> Result<()> {
        self.staged.get_mut(&subject).ok_or_else(Error::internal)?.edge_changes.push(difference);
        Ok(())
    }

    /// Says what has happened to the risk of accounts: the policies of the organization are asked when all of it is written.
    pub fn occur(&mut self, occurrences: impl IntoIterator<Item = RiskOccurrence>) {
        self.occurrences.extend(occurrences);
    }

    /// What was said to have happened to the risk of accounts.
    pub(super) fn take_occurrences(&mut self) -> Vec<RiskOccurrence> {
        std::mem::take(&mut self.occurrences)
    }

    /// Makes `container` contain `contained`, which must not close a cycle.
    pub async fn contain(&mut self, container: NodeId, contained: NodeId, field: &str) -> Result<()> {
        self.unit.enter_containment(&[container.uuid, contained.uuid]).await?;
        if self.unit.contains(contained.uuid, container.uuid).await? {
            return Err(Error::conflict(
                field,
                format!("This would close a cycle: the {} already contains the {}.", contained.kind, container.kind),
            ));
        }
        self.unit.contain(container.uuid, contained.uuid).await
    }

    /// Makes a team or group contain itself, as each does that is alive.
    pub async fn enter_containment(&mut self, id: NodeId) -> Result<()> {
        self.unit.enter_containment(&[id.uuid]).await
    }

    /// Makes a team or group contain nothing, not even itself: whoever is in it has nothing through it any more.
    pub async fn leave_containment(&mut self, id: NodeId) -> Result<()> {
        self.unit.leave_containment(id.uuid).await
    }

    /// Undoes a direct containment.
    pub async fn release(&mut self, container: NodeId, contained: NodeId) -> Result<()> {
        self.unit.release(container.uuid, contained.uuid).await
    }

    /// Writes everything, and says what the nodes are now that have changed.
    pub(super) async fn seal(mut self) -> Result<Vec<Node>> {
        self.check_all_extensions().await?;
        let Self { viewer, unit, action, reason, authorized, order, mut staged, .. } = self;
        let mut writes = Vec::new();
        let mut history = Vec::new();
        let mut opened = Vec::new();
        let mut new_collectives = Vec::new();
        for id in order {
            let Some(mut node) = staged.remove(&id) else { continue };
            let (changes, fields) = changes_of(&mut node)?;
            if changes.is_empty() {
                continue;
            }
            if !authorized {
                tracing::error!(action, "a command changed something without asking the policy");
                return Err(Error::internal());
            }
            let seq = unit.next_seq();
            advance(&mut node, (&changes, fields), seq, viewer, unit.now());
            unit.close_edges(&node.closed, seq).await?;
            opened.extend(node.opened.into_iter().map(|edge| open(edge, seq, viewer, unit)));
            if node.before.is_none() && id.kind.is_collective() {
                new_collectives.push(id.uuid);
            }
            let mut about = node.related;
            about.insert(id);
            let event = event_of(&node.after, changes, seq, (action, reason.as_deref()), viewer, unit);
            history.push((event, about));
            writes.push(NodeWrite { before: node.before, after: node.after });
        }
        unit.write_nodes(&writes).await?;
        unit.enter_containment(&new_collectives).await?;
        unit.write_edges(&opened).await?;
        unit.write_history(&history).await?;
        Ok(writes.into_iter().map(|write| write.after).collect())
    }
}

/// How events tell an edge.
pub(super) fn as_told(edge: &Edge) -> Value {
    view(edge.kind, edge.to, edge.member.as_ref())
}

/// Requires that something is at the version that the client has seen, if it says one.
pub fn expect(current: i64, expected: Option<i64>) -> Result<()> {
    if expected.is_none_or(|expected| expected == current) { Ok(()) } else { Err(Error::stale(current)) }
}

fn view(kind: EdgeKind, to: NodeId, member: Option<&MemberFacts>) -> Value {
    match kind {
        EdgeKind::Member => serde_json::to_value(member).unwrap_or(Value::Null),
        EdgeKind::Grant => Value::Bool(true),
        EdgeKind::Parent | EdgeKind::Manager | EdgeKind::Owner | EdgeKind::Link => Value::String(to.to_string()),
    }
}

/// What has changed: first the fields, and how many those are; then what is told besides.
fn changes_of(node: &mut Staged) -> Result<(Vec<Difference>, usize)> {
    let before = node.before.as_ref().map(Node::fields).transpose()?.unwrap_or_default();
    let mut changes = differences(&before, &node.after.fields()?);
    let fields = changes.len();
    changes.append(&mut node.edge_changes);
    Ok((changes, fields))
}

/// Moves version, times and provenance on.
fn advance(node: &mut Staged, (changes, fields): (&[Difference], usize), seq: i64, viewer: &Viewer, now: Timestamp) {
    let meta = node.after.meta_mut();
    meta.version += 1;
    meta.updated_at = now;
    if node.before.is_none() {
        meta.created_at = now;
    }
    for (index, change) in changes.iter().enumerate() {
        if change.after.is_null() {
            meta.provenance.remove(&change.path);
        } else if index < fields || !change.path.contains('.') {
            // What is told under the name of one of many (a member, a session, evidence) is not a field: of the many there is no
            // end, and the provenance of each is in its edge, node or row.
            meta.provenance
                .insert(change.path.clone(), Provenance { seq, source: viewer.source.to_string(), since: now });
        }
    }
}

fn open(edge: NewEdge, seq: i64, viewer: &Viewer, unit: &Unit) -> Edge {
    Edge {
        id: unit.new_id(),
        organization: unit.tenant(),
        kind: edge.kind,
        from: edge.from,
        to: edge.to,
        member: edge.member,
        valid_from: unit.now(),
        valid_to: None,
        opened_seq: seq,
        closed_seq: None,
        source: edge.source.unwrap_or_else(|| viewer.source.to_string()),
    }
}

fn event_of(
    node: &Node,
    changes: Vec<Difference>,
    seq: i64,
    (action, reason): (&str, Option<&str>),
    viewer: &Viewer,
    unit: &Unit,
) -> Event {
    let change = |change: Difference| FieldChange {
        path: change.path,
        before: change.before,
        after: change.after,
        source: viewer.source.to_string(),
    };
    Event {
        id: unit.new_id(),
        organization: unit.tenant(),
        seq,
        occurred_at: unit.now(),
        action: action.to_owned(),
        subject: node.id(),
        subject_version: node.meta().version,
        actor: viewer.actor.clone(),
        face: viewer.origin.face.to_owned(),
        request_id: viewer.origin.request_id.to_string(),
        reason: reason.map(str::to_owned),
        source: viewer.source.to_string(),
        changes: changes.into_iter().map(change).collect(),
    }
}
