//! Public ids: a prefix that names the kind, an underscore, and 26 characters.
//!
//! The form is a TypeID (specification 0.3): the 26 characters are the Crockford base32, in lower case, of a UUIDv7. So
//! ids sort by creation time, are the same on every face, and tell their kind without a look-up.

use super::error::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ENCODED_LENGTH: usize = 26;

/// What a node is. The kind is part of the public id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// A tenant.
    Organization,
    /// A person.
    User,
    /// A program that acts under an account of its own.
    ServiceAccount,
    /// An automated participant, such as a chat bot or an agent.
    Bot,
    /// A team.
    Team,
    /// A group.
    Group,
    /// A role.
    Role,
    /// An account at another provider.
    LinkedIdentity,
    /// An API token.
    Token,
}

impl NodeKind {
    /// Every kind, in the order in which kinds are listed to people.
    pub const ALL: [Self; 9] = [
        Self::Organization,
        Self::User,
        Self::ServiceAccount,
        Self::Bot,
        Self::Team,
        Self::Group,
        Self::Role,
        Self::LinkedIdentity,
        Self::Token,
    ];

    /// The kinds of profile.
    pub const PROFILES: [Self; 3] = [Self::User, Self::ServiceAccount, Self::Bot];

    /// The kinds of collective.
    pub const COLLECTIVES: [Self; 2] = [Self::Team, Self::Group];

    /// The prefix of the public id.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Organization => "org",
            Self::User => "usr",
            Self::ServiceAccount => "svc",
            Self::Bot => "bot",
            Self::Team => "team",
            Self::Group => "grp",
            Self::Role => "rol",
            Self::LinkedIdentity => "idn",
            Self::Token => "tok",
        }
    }

    /// The name in stored rows, in events and in NDJSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::User => "user",
            Self::ServiceAccount => "service_account",
            Self::Bot => "bot",
            Self::Team => "team",
            Self::Group => "group",
            Self::Role => "role",
            Self::LinkedIdentity => "linked_identity",
            Self::Token => "token",
        }
    }

    /// The kind of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether this is a user, a service account or a bot.
    #[must_use]
    pub const fn is_profile(self) -> bool {
        matches!(self, Self::User | Self::ServiceAccount | Self::Bot)
    }

    /// Whether this is a team or a group.
    #[must_use]
    pub const fn is_collective(self) -> bool {
        matches!(self, Self::Team | Self::Group)
    }
}

impl fmt::Display for NodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name().replace('_', " ").as_str())
    }
}

/// The public id of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId {
    /// What the node is.
    pub kind: NodeKind,
    /// The UUIDv7 behind the prefix.
    pub uuid: Uuid,
}

impl NodeId {
    /// Puts an id together.
    #[must_use]
    pub const fn new(kind: NodeKind, uuid: Uuid) -> Self {
        Self { kind, uuid }
    }

    /// Reads an id that a client sent in `field` and requires one of `kinds`.
    pub fn parse_as(text: &str, kinds: &[NodeKind], field: &str) -> Result<Self> {
        let id: Self = text.parse().map_err(|error: Error| error.at(field))?;
        if kinds.contains(&id.kind) {
            return Ok(id);
        }
        let wanted: Vec<&str> = kinds.iter().map(|kind| kind.prefix()).collect();
        Err(Error::invalid(
            field,
            format!(
                "This is the id of a {}; an id that begins with {}_ is wanted here.",
                id.kind,
                wanted.join("_ or ")
            ),
        ))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_typeid(f, self.kind.prefix(), self.uuid)
    }
}

impl FromStr for NodeId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let malformed = || {
            Error::invalid(
                "id",
                "This is not an id: ids look like usr_01jd8s6vq9e0v8k2m4n6p8r0t2, prefix and 26 characters.",
            )
        };
        let (prefix, suffix) = text.rsplit_once('_').ok_or_else(malformed)?;
        let kind = NodeKind::ALL.into_iter().find(|kind| kind.prefix() == prefix).ok_or_else(malformed)?;
        let uuid = decode(suffix).ok_or_else(malformed)?;
        Ok(Self { kind, uuid })
    }
}

impl Serialize for NodeId {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NodeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The id of an organization, which is what a tenant is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrganizationId(pub Uuid);

impl OrganizationId {
    /// The tenant of what belongs to no organization: API tokens that span all of them.
    pub const INSTANCE: Self = Self(Uuid::nil());

    /// The same id as that of a node.
    #[must_use]
    pub const fn node(self) -> NodeId {
        NodeId::new(NodeKind::Organization, self.0)
    }
}

impl fmt::Display for OrganizationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node().fmt(f)
    }
}

impl Serialize for OrganizationId {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.node().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for OrganizationId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        NodeId::deserialize(deserializer).map(|id| Self(id.uuid))
    }
}

/// Writes `prefix_` and the 26 characters of a UUID: the form of every public id, of nodes and of others.
pub fn write_typeid(out: &mut impl fmt::Write, prefix: &str, uuid: Uuid) -> fmt::Result {
    let mut rest = uuid.as_u128();
    let mut text = [b'0'; ENCODED_LENGTH];
    for character in text.iter_mut().rev() {
        *character = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    out.write_str(prefix)?;
    out.write_char('_')?;
    text.iter().try_for_each(|byte| out.write_char(char::from(*byte)))
}

/// The public id of an event.
#[must_use]
pub fn event_id(uuid: Uuid) -> String {
    typeid("evt", uuid)
}

/// The public id of an edge.
#[must_use]
pub fn edge_id(uuid: Uuid) -> String {
    typeid("edg", uuid)
}

/// The public id of what is no node.
pub fn typeid(prefix: &str, uuid: Uuid) -> String {
    let mut text = String::with_capacity(prefix.len() + 1 + ENCODED_LENGTH);
    // Writing to a String cannot fail.
    let _ = write_typeid(&mut text, prefix, uuid);
    text
}

/// Reads a public id with that prefix.
#[must_use]
pub fn parse_typeid(text: &str, prefix: &str) -> Option<Uuid> {
    decode(text.strip_prefix(prefix)?.strip_prefix('_')?)
}

fn decode(suffix: &str) -> Option<Uuid> {
    // 26 characters hold 130 bits, so the first may only use three of its five.
    if suffix.len() != ENCODED_LENGTH || suffix.as_bytes()[0] > b'7' {
        return None;
    }
    let mut bits = 0_u128;
    for byte in suffix.bytes() {
        let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
        bits = bits << 5 | digit as u128;
    }
    Some(Uuid::from_u128(bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_specification_example_reads_and_writes() {
        let uuid = Uuid::parse_str("01890a5d-ac96-774b-bcce-b302099a8057").expect("a UUID");
        assert_eq!(typeid("prefix", uuid), "prefix_01h455vb4pex5vsknk084sn02q");
        assert_eq!(decode("01h455vb4pex5vsknk084sn02q"), Some(uuid));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "",
            "usr",
            "usr_",
            "usr_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "usr_01H455VB4PEX5VSKNK084SN02Q",
            "who_01h455vb4pex5vsknk084sn02q",
        ] {
            assert!(text.parse::<NodeId>().is_err(), "{text} was read as an id");
        }
    }

    proptest! {
        #[test]
        fn every_id_survives_its_text(bits: u128, kind in 0..NodeKind::ALL.len()) {
            let id = NodeId::new(NodeKind::ALL[kind], Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<NodeId>().expect("its own text"), id);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text: String) {
            let _ = text.parse::<NodeId>();
        }
    }
}
