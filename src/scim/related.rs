//! Conditions on related nodes: the groups of a user, the members of a group, a manager, owners.
//!
//! An attribute that shows related nodes is a list of them, wherever they come from: each of its [ends](End) is an edge and
//! the table at its other end. A comparison with a part of the attribute becomes a condition on that table, which the store
//! asks for with the rest, in the same statement.

use super::filter::{ALWAYS, Compiler, NEVER, comparator, constant, holds, holds_exactly, not};
use super::needle::keyed;
use super::registry::Kind;
use super::table::Home;
use crate::domain::{EdgeKind, NodeId, NodeKind, text};
use crate::store::{CaseSense, Comparator, Condition, Place, Side};
use scim_protocol::ScimError;
use scim_protocol::filter::{BoundFilter, Comparison, Operand, Operator};
use scim_protocol::schema::Target;

/// Nodes that an attribute shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Over an edge, in a table.
    Over(EdgeKind, Side, Nodes),
    /// Groups that contain one of which it is a member, and of which it is none itself.
    Indirect,
}

/// In which table nodes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nodes {
    /// Users, agents and applications.
    Profiles,
    /// Teams and groups.
    Collectives,
}

impl Nodes {
    const fn table(self) -> &'static str {
        match self {
            Self::Profiles => "profiles",
            Self::Collectives => "collectives",
        }
    }

    const fn kinds(self) -> &'static [NodeKind] {
        match self {
            Self::Profiles => &[NodeKind::User, NodeKind::Bot, NodeKind::ServiceAccount],
            Self::Collectives => &[NodeKind::Team, NodeKind::Group],
        }
    }

    /// How a node is called.
    const fn name(self) -> Place {
        match self {
            Self::Profiles => Place::DisplayName,
            Self::Collectives => Place::Column("name"),
        }
    }
}

impl End {
    const fn nodes(self) -> Nodes {
        match self {
            Self::Over(_, _, nodes) => nodes,
            Self::Indirect => Nodes::Collectives,
        }
    }

    /// There is such a node at this end.
    fn holding(self, condition: Condition) -> Condition {
        match self {
            Self::Over(kind, side, nodes) => Condition::Related(kind, side, nodes.table(), Box::new(condition)),
            Self::Indirect => Condition::Indirect(Box::new(condition)),
        }
    }
}

const DIRECT: End = End::Over(EdgeKind::Member, Side::Out, Nodes::Collectives);
const GROUPS: &[End] = &[DIRECT, End::Indirect];
const MEMBERS: &[End] = &[
    End::Over(EdgeKind::Member, Side::In, Nodes::Profiles),
    End::Over(EdgeKind::Member, Side::In, Nodes::Collectives),
];
const MANAGER: &[End] = &[End::Over(EdgeKind::Manager, Side::Out, Nodes::Profiles)];
const OWNERS: &[End] = &[
    End::Over(EdgeKind::Owner, Side::Out, Nodes::Profiles),
    End::Over(EdgeKind::Owner, Side::Out, Nodes::Collectives),
];

impl Compiler<'_> {
    /// Where the nodes are that the attribute shows, if it shows nodes.
    pub(super) fn ends(&self, target: &Target) -> Option<&'static [End]> {
        let row = self.places.row(target).filter(|row| row.home == Home::Computed)?;
        match row.name {
            "groups" => Some(GROUPS),
            "members" => Some(MEMBERS),
            "manager" => Some(MANAGER),
            "owners" => Some(OWNERS),
            _ => None,
        }
    }

    /// Some node that the attribute shows is as a filter of elements wants it.
    pub(super) fn some_related(
        &mut self,
        ends: &[End],
        filter: &BoundFilter,
        wide: bool,
    ) -> Result<Condition, ScimError> {
        // groups[value eq "…"] is groups.value eq "…".
        match filter {
            BoundFilter::Compare(comparison) if comparison.operator != Operator::Ne => {
                return Ok(self.related(comparison, ends, wide));
            }
            _ => {}
        }
        let outer = self.end;
        let mut any = Vec::new();
        for end in ends {
            self.end = Some(*end);
            let inner = self.filter(filter, wide);
            self.end = outer;
            any.push(end.holding(inner?));
        }
        Ok(Condition::Any(any))
    }

    /// A comparison with a part of an attribute that shows nodes: some of them compares so.
    pub(super) fn related(&mut self, comparison: &Comparison, ends: &[End], wide: bool) -> Condition {
        if comparison.operator == Operator::Ne {
            let equal = Comparison { operator: Operator::Eq, ..comparison.clone() };
            let differs = ends.iter().map(|end| end.holding(not(self.part(&equal, *end, !wide)))).collect();
            return Condition::Any(vec![not(any_of(ends)), Condition::Any(differs)]);
        }
        if let Some(condition) = self.by_id(comparison) {
            return condition;
        }
        Condition::Any(ends.iter().map(|end| end.holding(self.part(comparison, *end, wide))).collect())
    }

    /// What the store finds by an edge alone.
    fn by_id(&self, Comparison { target, operator, operand }: &Comparison) -> Option<Condition> {
        let (Operand::Text(value), Operator::Eq) = (operand, operator) else { return None };
        let path = target.path();
        if !matches!(path.as_str(), "groups.value" | "members.value" | "manager.value") {
            return None;
        }
        let Ok(id) = value.parse::<NodeId>() else { return Some(NEVER) };
        Some(match path.as_str() {
            "groups.value" if id.kind.is_collective() => Condition::InCollective(id.uuid),
            "manager.value" if id.kind.is_profile() => Condition::Edge(EdgeKind::Manager, "profiles", Some(id.uuid)),
            "members.value" if id.kind.is_profile() || id.kind.is_collective() => {
                Condition::EdgeFrom(EdgeKind::Member, Some(id.uuid))
            }
            _ => NEVER,
        })
    }

    /// The attribute shows a node.
    pub(super) fn related_present(&self, target: &Target, ends: &[End]) -> Condition {
        // Whatever a node shows, every node shows.
        if target.in_element {
            return ALWAYS;
        }
        match target.attribute.name.as_str() {
            "groups" => Condition::Edge(EdgeKind::Member, "collectives", None),
            "members" => Condition::EdgeFrom(EdgeKind::Member, None),
            _ => any_of(ends),
        }
    }

    /// A comparison, not of difference, with a part of a node at that end.
    pub(super) fn part(&mut self, comparison: &Comparison, end: End, wide: bool) -> Condition {
        let Comparison { target, operator, operand } = comparison;
        let Operand::Text(value) = operand else { return self.unknown(wide) };
        let exact = target.leaf().compares_case();
        let compares = |own: &str| {
            if exact { holds_exactly(own, *operator, value) } else { holds(own, *operator, value) }
        };
        match target.leaf().name.as_str() {
            "value" if *operator == Operator::Eq => node(end, value.parse().ok()),
            "$ref" if *operator == Operator::Eq => {
                let id = value.rsplit('/').next().and_then(|id| id.parse::<NodeId>().ok());
                node(end, id.filter(|id| self.eye.location(*id) == *value))
            }
            "display" | "displayName" => {
                let named = self.text(end.nodes().name(), comparator(*operator), exact, value, wide);
                match keyed(value, text::sort_key) {
                    Some(key) if wide && *operator == Operator::Eq && end.nodes() == Nodes::Collectives => {
                        let column = Place::Column("name_key");
                        let key = Condition::Text(column, Comparator::Equal, CaseSense::Exact, key);
                        Condition::All(vec![key, named])
                    }
                    _ => named,
                }
            }
            "type" if target.attribute.name == "groups" => {
                constant(compares(if end == DIRECT { "direct" } else { "indirect" }))
            }
            "type" => {
                let is_shown_so = |kind: &&NodeKind| Kind::of(**kind).is_some_and(|kind| compares(kind.name()));
                Condition::Any(end.nodes().kinds().iter().filter(is_shown_so).map(|kind| of_kind(*kind)).collect())
            }
            _ => self.unknown(wide),
        }
    }
}

fn any_of(ends: &[End]) -> Condition {
    Condition::Any(ends.iter().map(|end| end.holding(ALWAYS)).collect())
}

/// It is that node.
fn node(end: End, id: Option<NodeId>) -> Condition {
    match id {
        Some(id) if end.nodes().kinds().contains(&id.kind) => {
            Condition::All(vec![Condition::Id(id.uuid), of_kind(id.kind)])
        }
        _ => NEVER,
    }
}

fn of_kind(kind: NodeKind) -> Condition {
    Condition::Text(Place::Column("kind"), Comparator::Equal, CaseSense::Exact, kind.name().to_owned())
}
