//! What the generator tells of what happens.

use crate::world::{Address, Client};

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// When, in milliseconds.
    pub at: i64,
    /// To whom.
    pub person: usize,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum What {
    /// Someone tried to sign in.
    SignIn {
        /// Whether it succeeded.
        success: bool,
        /// Whether a second factor was passed.
        second_factor: bool,
        /// From where.
        address: Address,
        /// With what.
        client: Client,
        /// The session that began.
        session: u64,
    },
    /// A session was used.
    Use {
        /// Which one.
        session: u64,
        /// From where.
        address: Address,
        /// With what.
        client: Client,
    },
    /// Something of the organization was accessed.
    Access {
        /// Its number.
        resource: u64,
    },
    /// A prompt was denied.
    PromptDenied,
    /// The user reported a sign-in.
    Reported,
    /// Another system raised an alert: its number and how bad, from 0 to 3.
    Alert(u64, u8),
    /// Somebody looked at the alert, and it was nothing.
    Dismissed(u64, u8),
    /// The credential was found where it should not be.
    Leaked,
    /// The credential was changed.
    Changed,
}
