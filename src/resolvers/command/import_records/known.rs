//! The nodes that a batch names, read at once.

use super::record::{ImportRecord, ImportedIdentity, Named};
use crate::domain::{Collective, Error, ErrorCode, Node, NodeData, NodeId, NodeKind, Profile, Result, Role};
use crate::store::Unit;
use std::collections::{HashMap, HashSet};

/// What identifies an account: provider, environment, account id.
pub(super) type Account = (String, String, String);

/// How many accounts one statement looks for.
const ACCOUNTS_AT_ONCE: usize = 500;

/// The nodes that a batch names, as far as they exist.
pub(super) struct Known {
    ids: HashMap<Named, NodeId>,
    accounts: HashMap<Account, NodeId>,
    /// As the database has them. Those that the batch changes are in the write context, too.
    nodes: HashMap<NodeId, Node>,
}

impl Known {
    /// Reads them, one statement for each type, and one for those of which the id is enough.
    pub(super) async fn read(unit: &Unit, records: &[(u64, &ImportRecord)]) -> Result<Self> {
        let mut known = Self { ids: HashMap::new(), accounts: HashMap::new(), nodes: HashMap::new() };
        let names: HashSet<Named> =
            records.iter().flat_map(|(_, record)| names_in(record)).map(|name| name.key()).collect();
        let of = |wanted: fn(&Named) -> Option<&String>| -> Vec<String> {
            names.iter().filter_map(wanted).cloned().collect()
        };

        // A membership changes its team or group, not its member, of which the id is enough.
        let changed: HashSet<Named> = records
            .iter()
            .filter(|(_, record)| !matches!(record, ImportRecord::Membership(_)))
            .flat_map(|(_, record)| names_in(record))
            .map(|name| name.key())
            .collect();
        let usernames = of(|name| if let Named::Profile(username) = name { Some(username) } else { None });
        let (whole, members): (Vec<String>, Vec<String>) =
            usernames.into_iter().partition(|username| changed.contains(&Named::Profile(username.clone())));
        for profile in unit.nodes_by_names::<Profile>(None, "username_key", &whole).await? {
            known.add(&Named::Profile(profile.username.clone()), profile);
        }
        for (id, username) in unit.profile_ids_by_usernames(&members).await? {
            known.add_name(&Named::Profile(username), id);
        }
        let teams = of(|name| if let Named::Collective(NodeKind::Team, slug) = name { Some(slug) } else { None });
        let groups = of(|name| if let Named::Collective(NodeKind::Group, slug) = name { Some(slug) } else { None });
        for (kind, slugs) in [(NodeKind::Team, teams), (NodeKind::Group, groups)] {
            for collective in unit.nodes_by_names::<Collective>(Some(kind), "slug_key", &slugs).await? {
                known.add(&Named::Collective(kind, collective.slug.clone()), collective);
            }
        }
        let roles = of(|name| if let Named::Role(slug) = name { Some(slug) } else { None });
        for role in unit.nodes_by_names::<Role>(None, "slug_key", &roles).await? {
            known.add(&Named::Role(role.slug.clone()), role);
        }

        let accounts: Vec<Account> = accounts_in(records).map(ImportedIdentity::account).collect();
        for accounts in accounts.chunks(ACCOUNTS_AT_ONCE) {
            for identity in unit.identities_by_accounts(accounts).await? {
                let (provider, environment) = (identity.provider.clone(), identity.environment.clone());
                known.add_account((provider, environment, identity.account_id.clone()), identity.id);
                known.nodes.insert(identity.id, identity.into());
            }
        }
        Ok(known)
    }

    fn add(&mut self, name: &Named, node: impl Into<Node>) {
        let node = node.into();
        self.add_name(name, node.id());
        self.nodes.insert(node.id(), node);
    }

    /// Takes note of a name that the batch has given to a node.
    pub(super) fn add_name(&mut self, name: &Named, id: NodeId) {
        self.ids.insert(name.key(), id);
    }

    /// Takes note of an account that the batch has made known.
    pub(super) fn add_account(&mut self, account: Account, id: NodeId) {
        self.accounts.insert(account, id);
    }

    /// The id of the node with that name, if there is one.
    pub(super) fn find(&self, name: &Named) -> Option<NodeId> {
        self.ids.get(&name.key()).copied()
    }

    /// The id of the node with that name, which a record names in `field`.
    pub(super) fn require(&self, name: &Named, field: &str) -> Result<NodeId> {
        self.find(name).ok_or_else(|| Error {
            code: ErrorCode::NotFound,
            keyword: None,
            field: Some(field.to_owned()),
            message: format!("There is no {name} in the organization.").into(),
        })
    }

    /// The identity of that account, if it is known.
    pub(super) fn identity(&self, account: &Account) -> Option<NodeId> {
        self.accounts.get(account).copied()
    }

    /// A node as the database has it.
    pub(super) fn stored<T: NodeData>(&self, id: NodeId) -> Option<T> {
        self.nodes.get(&id).cloned().and_then(T::from_node)
    }

    /// A node of any kind as the database has it.
    pub(super) fn stored_node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(&id)
    }

    /// The ids of all of one type.
    pub(super) fn ids(&self, wanted: fn(NodeKind) -> bool) -> Vec<uuid::Uuid> {
        self.nodes.keys().filter(|id| wanted(id.kind)).map(|id| id.uuid).collect()
    }
}

/// The accounts that the records name.
fn accounts_in<'r>(records: &'r [(u64, &'r ImportRecord)]) -> impl Iterator<Item = &'r ImportedIdentity> {
    records.iter().flat_map(|(_, record)| match record {
        ImportRecord::Profile(profile) => profile.identities.as_slice(),
        _ => &[],
    })
}

/// The names that a record names.
fn names_in(record: &ImportRecord) -> Vec<Named> {
    let profile = |username: &String| Named::Profile(username.clone());
    match record {
        ImportRecord::Organization(_) | ImportRecord::OrganizationParent(_) => Vec::new(),
        ImportRecord::Collective(record) => vec![Named::Collective(record.kind, record.slug.clone())],
        ImportRecord::Role(record) => vec![Named::Role(record.slug.clone())],
        ImportRecord::Profile(record) => vec![profile(&record.username)],
        ImportRecord::Parent { child, parent } => [child].into_iter().chain(parent).cloned().collect(),
        ImportRecord::Manager { report, manager } => [report].into_iter().chain(manager).map(profile).collect(),
        ImportRecord::Owner { owned, owner } => [profile(owned)].into_iter().chain(owner.clone()).collect(),
        ImportRecord::Membership(record) => vec![record.container.clone(), record.member.clone()],
        ImportRecord::Grant(record) => vec![Named::Role(record.role.clone()), record.principal.clone()],
    }
}
