//! The resource types: their schemas, and which nodes of the graph they are.

use super::table::{self, Home, Row};
use crate::domain::NodeKind;
use scim_protocol::schema::{ResourceType, Schema};
use serde::Serialize;
use std::sync::{Arc, LazyLock};

/// The schema of enterprise users (RFC 7643 §4.3).
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// What idgraph says of a group beyond RFC 7643.
pub const GROUP_OF_IDGRAPH: &str = "urn:idgraph:params:scim:schemas:extension:1.0:Group";

/// A type of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Kind {
    /// People.
    User,
    /// Teams and groups.
    Group,
    /// Bots.
    Agent,
    /// Service accounts.
    AgenticApplication,
}

impl Kind {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::User, Self::Group, Self::Agent, Self::AgenticApplication];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Agent => "Agent",
            Self::AgenticApplication => "AgenticApplication",
        }
    }

    /// The last segment of the path.
    #[must_use]
    pub const fn endpoint(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
            Self::Agent => "Agents",
            Self::AgenticApplication => "AgenticApplications",
        }
    }

    /// The type with that last segment of the path, in any case.
    #[must_use]
    pub fn from_endpoint(endpoint: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.endpoint().eq_ignore_ascii_case(endpoint))
    }

    /// The type that nodes of a kind are shown as, if they are shown.
    #[must_use]
    pub const fn of(node: NodeKind) -> Option<Self> {
        match node {
            NodeKind::User => Some(Self::User),
            NodeKind::Bot => Some(Self::Agent),
            NodeKind::ServiceAccount => Some(Self::AgenticApplication),
            NodeKind::Team | NodeKind::Group => Some(Self::Group),
            NodeKind::Organization | NodeKind::Role | NodeKind::LinkedIdentity | NodeKind::Token => None,
        }
    }

    /// The kinds of nodes that are of the type. The first is what is made by default.
    #[must_use]
    pub const fn nodes(self) -> &'static [NodeKind] {
        match self {
            Self::User => &[NodeKind::User],
            Self::Group => &[NodeKind::Group, NodeKind::Team],
            Self::Agent => &[NodeKind::Bot],
            Self::AgenticApplication => &[NodeKind::ServiceAccount],
        }
    }

    /// The URN of the core schema.
    #[must_use]
    pub const fn urn(self) -> &'static str {
        match self {
            Self::User => "urn:ietf:params:scim:schemas:core:2.0:User",
            Self::Group => "urn:ietf:params:scim:schemas:core:2.0:Group",
            Self::Agent => "urn:ietf:params:scim:schemas:core:2.0:Agent",
            Self::AgenticApplication => "urn:ietf:params:scim:schemas:core:2.0:AgenticApplication",
        }
    }

    /// The attributes of the core schema.
    #[must_use]
    pub const fn rows(self) -> &'static [Row] {
        match self {
            Self::User => table::USER,
            Self::Group => table::GROUP,
            Self::Agent => table::AGENT,
            Self::AgenticApplication => table::AGENTIC_APPLICATION,
        }
    }

    /// The extension that idgraph itself has for the type, and its attributes.
    #[must_use]
    pub const fn extension(self) -> Option<(&'static str, &'static [Row])> {
        match self {
            Self::User => Some((ENTERPRISE, table::ENTERPRISE)),
            Self::Group => Some((GROUP_OF_IDGRAPH, table::GROUP_OF_IDGRAPH)),
            Self::Agent | Self::AgenticApplication => None,
        }
    }

    /// The row of an attribute of the core schema, or of the extension with that URN.
    #[must_use]
    pub fn row(self, extension: Option<&str>, name: &str) -> Option<&'static Row> {
        let rows = match extension {
            None => self.rows(),
            Some(urn) => self.extension().filter(|(own, _)| *own == urn)?.1,
        };
        rows.iter().find(|row| row.name == name)
    }

    const fn description(self) -> &'static str {
        match self {
            Self::User => "A person.",
            Self::Group => "A team or a group.",
            Self::Agent => "An agent that acts by itself: a bot.",
            Self::AgenticApplication => "An application that agents act through: a service account.",
        }
    }
}

/// The resource types as an organization has them.
#[derive(Debug, Clone)]
pub struct Registry {
    types: [Arc<ResourceType>; 4],
}

static COMMON: LazyLock<Registry> = LazyLock::new(|| Registry { types: Kind::ALL.map(|kind| Arc::new(plain(kind))) });

impl Registry {
    /// The types of an organization that has declared nothing of its own.
    #[must_use]
    pub fn common() -> Self {
        COMMON.clone()
    }

    /// The same with each type changed.
    #[must_use]
    pub(super) fn map(&self, change: impl Fn(Kind, &ResourceType) -> ResourceType) -> Self {
        Self { types: Kind::ALL.map(|kind| Arc::new(change(kind, self.get(kind)))) }
    }

    /// A type.
    #[must_use]
    pub fn get(&self, kind: Kind) -> &Arc<ResourceType> {
        &self.types[kind as usize]
    }

    /// Every schema once.
    #[must_use]
    pub fn schemas(&self) -> Vec<Arc<Schema>> {
        let mut schemas: Vec<Arc<Schema>> = Vec::new();
        for schema in self.types.iter().flat_map(|resource_type| resource_type.schemas()) {
            if schemas.iter().all(|known| known.id != schema.id) {
                schemas.push(Arc::clone(schema));
            }
        }
        schemas
    }
}

fn plain(kind: Kind) -> ResourceType {
    let attributes = |rows: &[Row]| rows.iter().map(Row::attribute).collect::<Vec<_>>();
    let core = Schema::new(kind.urn(), kind.name(), kind.description(), attributes(kind.rows()));
    let endpoint = format!("/{}", kind.endpoint());
    let plain = ResourceType::new(kind.name(), endpoint, kind.description(), core);
    let Some((urn, rows)) = kind.extension() else { return plain };
    let name = if kind == Kind::User { "EnterpriseUser" } else { "IdgraphGroup" };
    let description =
        if kind == Kind::User { "What an enterprise says of a user." } else { "What idgraph says of a group." };
    let extension = Schema::new(urn, name, description, attributes(rows));
    // The two URNs differ.
    plain.clone().extended_by(extension, false).unwrap_or(plain)
}

/// The part of a row that keeps a sub-attribute: its name in the graph.
#[must_use]
pub fn key_of(row: &Row, part: &str) -> Option<&'static str> {
    row.parts.iter().find(|own| own.name == part).and_then(|own| match own.home {
        Home::Key(key) => Some(key),
        _ => None,
    })
}
