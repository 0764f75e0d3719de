//! Words of which one is chosen, each the same as one of the domain.

use crate::domain::{NodeKind, edge, identity, profile, risk};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares such words.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident = $domain:path { $($(#[$about:meta])* $variant:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$about])* $variant,)+
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                use $domain as Domain;
                match value {
                    $(Domain::$variant => Self::$variant,)+
                }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value {
                    $($name::$variant => Self::$variant,)+
                }
            }
        }
    };
}

choice! {
    /// Where a profile stands in its life.
    ProfileStatus = profile::ProfileStatus {
        /// Prepared, but not to be used yet.
        Staged,
        /// In use.
        Active,
        /// Barred for a time.
        Suspended,
        /// Barred for good, unless somebody enables it again.
        Disabled,
        /// Gone.
        Deleted,
    }
}

choice! {
    /// Where an account stands at its provider.
    IdentityStatus = identity::IdentityStatus {
        /// In use.
        Active,
        /// Barred for a time.
        Suspended,
        /// Barred for good.
        Disabled,
    }
}

choice! {
    /// How risky something is.
    RiskLevel = risk::Level {
        /// 0 to 20: normal behaviour.
        Low,
        /// 21 to 50: monitor closely.
        Medium,
        /// 51 to 75: review, and consider to restrict access.
        High,
        /// 76 to 100: act at once.
        Critical,
    }
}

choice! {
    /// What a member is.
    MemberRole = edge::MemberRole {
        /// One of those who lead.
        Lead,
        /// One of those who are in it.
        Member,
    }
}

/// What a profile is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProfileKind {
    /// A person.
    User,
    /// A program that acts under an account of its own.
    ServiceAccount,
    /// An automated participant, such as a chat bot or an agent.
    Bot,
}

impl From<NodeKind> for ProfileKind {
    fn from(kind: NodeKind) -> Self {
        match kind {
            NodeKind::ServiceAccount => Self::ServiceAccount,
            NodeKind::Bot => Self::Bot,
            _ => Self::User,
        }
    }
}

impl From<ProfileKind> for NodeKind {
    fn from(kind: ProfileKind) -> Self {
        match kind {
            ProfileKind::User => Self::User,
            ProfileKind::ServiceAccount => Self::ServiceAccount,
            ProfileKind::Bot => Self::Bot,
        }
    }
}
