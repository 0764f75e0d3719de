//! Who asks: the viewer that every read and every command is given.

use crate::domain::token::{OrganizationRole, ScimOptions, Scope};
use crate::domain::{Actor, ApiToken, NodeId, OrganizationId, Origin, risk_policy};
use std::sync::Arc;

/// What a viewer may do, before any particular thing is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The one organization it is confined to; none for viewers who span the server.
    pub organization: Option<OrganizationId>,
    /// Its role there.
    pub role: OrganizationRole,
    /// What its credential may be used for.
    pub scopes: Vec<Scope>,
    /// The profile it is.
    pub profile: Option<NodeId>,
    /// How it wants to be understood by the SCIM face.
    pub scim: ScimOptions,
}

/// Who asks, by what right, through which face, in which request.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Who it is, as events record it.
    pub actor: Actor,
    /// What it may do; none for somebody without a credential.
    pub access: Option<Access>,
    /// Through which face, in which request.
    pub origin: Origin,
    /// What the viewer is as a source of values, unless a command names another.
    pub source: Arc<str>,
}

impl Viewer {
    /// Somebody without a credential.
    #[must_use]
    pub fn nobody(origin: Origin) -> Self {
        let source = Arc::from(origin.face);
        Self { actor: Actor { id: None, profile: None, name: "nobody".to_owned() }, access: None, origin, source }
    }

    /// The holder of a token.
    #[must_use]
    pub fn of_token(token: &ApiToken, origin: Origin) -> Self {
        let access = Access {
            organization: token.organization,
            role: token.role,
            scopes: token.scopes.clone(),
            profile: token.profile,
            scim: token.scim.clone(),
        };
        let actor = Actor { id: Some(token.id), profile: token.profile, name: token.name.clone() };
        Self::of(actor, access, origin)
    }

    /// Somebody who is known, with what it may do.
    #[must_use]
    pub fn of(actor: Actor, access: Access, origin: Origin) -> Self {
        let source = Arc::from(origin.face);
        Self { actor, access: Some(access), origin, source }
    }

    /// The operator of the server, at its command line.
    #[must_use]
    pub fn operator(origin: Origin) -> Self {
        let access = Access {
            organization: None,
            role: OrganizationRole::Owner,
            scopes: Scope::ALL.to_vec(),
            profile: None,
            scim: ScimOptions::default(),
        };
        let source = Arc::from(origin.face);
        Self {
            actor: Actor { id: None, profile: None, name: "operator".to_owned() },
            access: Some(access),
            origin,
            source,
        }
    }

    /// The server itself, which does something of its own accord that a request needs.
    #[must_use]
    pub fn server(origin: Origin) -> Self {
        let mut viewer = Self::operator(origin);
        "server".clone_into(&mut viewer.actor.name);
        viewer
    }

    /// The server, on account of a policy, in the request that has set it off.
    #[must_use]
    pub fn policy(public_id: &str, request_id: Arc<str>) -> Self {
        Self::server(Origin { face: risk_policy::FACE, request_id }).with_source(format!("policy:{public_id}"))
    }

    /// The same viewer, whose values come from `source`.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Arc<str>>) -> Self {
        self.source = source.into();
        self
    }

    /// What identifies the actor among those who send client mutation ids.
    #[must_use]
    pub fn key(&self) -> String {
        self.actor.id.map_or_else(|| self.actor.name.clone(), |id| id.to_string())
    }
}
