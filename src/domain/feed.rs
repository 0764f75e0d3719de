//! Threat-intelligence feeds: lists that others publish of addresses that attack, or that hide who is behind them.
//!
//! A feed belongs to an organization, or to none and counts for all of them. It is fetched now and then; what it names are
//! [networks](Cidr), each as long as the feed names it and it has not expired. What a feed has named is kept with the time
//! from which, and until which, it did.

use super::error::{Error, Result};
use super::id::{OrganizationId, typeid};
use super::network::Listing;
use super::time::{Timestamp, from_micros};
use super::{Actor, text};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use url::Url;
use uuid::Uuid;

/// What the public id of a feed begins with.
pub const PREFIX: &str = "fed";
/// How many feeds an organization may have.
pub const MAX_FEEDS: usize = 50;
/// How many networks a feed may name at once.
pub const MAX_ENTRIES: usize = 200_000;
/// The time of what never happens by itself, in microseconds.
pub const NEVER: i64 = i64::MAX;

/// In which form a feed is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedKind {
    /// A text with an address, or a network in the notation of CIDR, at the beginning of each line.
    List,
    /// A collection of STIX 2.1 indicators, over TAXII 2.1.
    Taxii,
}

impl FeedKind {
    /// Every form.
    pub const ALL: [Self; 2] = [Self::List, Self::Taxii];

    /// The name in stored rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Taxii => "taxii",
        }
    }

    /// The form of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// For how many hours what it names holds after it was last heard of, unless somebody says otherwise: a list is whole
    /// each time, a collection tells what is new.
    #[must_use]
    pub const fn usual_lifetime(self) -> u32 {
        match self {
            Self::List => 168,
            Self::Taxii => 2_160,
        }
    }
}

/// What it means that a feed names an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedSignal {
    /// It attacks.
    Threat,
    /// It hides who is behind it: Tor, a VPN, a proxy.
    Anonymiser,
    /// It is that of a data centre.
    Hosting,
}

impl FeedSignal {
    /// Every meaning.
    pub const ALL: [Self; 3] = [Self::Threat, Self::Anonymiser, Self::Hosting];

    /// The name in stored rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Threat => "threat",
            Self::Anonymiser => "anonymiser",
            Self::Hosting => "hosting",
        }
    }

    /// The meaning of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.name() == name)
    }
}

/// A feed, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The UUIDv7 behind `fed_`.
    pub id: Uuid,
    /// The organization; [none](OrganizationId::INSTANCE) for one that counts for all.
    pub organization: OrganizationId,
    /// What it is called, unique in the organization.
    pub name: String,
    /// In which form it is published.
    pub kind: FeedKind,
    /// What it means to be named.
    pub signal: FeedSignal,
    /// Where it is: the list, or the collection.
    pub url: String,
    /// How sure it is, from 0 to 100.
    pub confidence: u8,
    /// After how many minutes it is fetched again.
    pub refresh_minutes: u32,
    /// For how many hours what it names holds after it was last heard of.
    pub lifetime_hours: u32,
    /// As whom it is asked; none if a token is shown, or nothing.
    pub username: Option<String>,
    /// The password or token, sealed.
    pub sealed: Option<Vec<u8>>,
    /// Since when there is this feed.
    pub created_at: Timestamp,
    /// Who has added it.
    pub created_by: Actor,
    /// How it goes.
    pub state: FeedState,
}

/// How it goes with a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedState {
    /// When it is fetched next.
    pub next_at: Timestamp,
    /// When it was tried last.
    pub attempted_at: Option<Timestamp>,
    /// When that last went well.
    pub synced_at: Option<Timestamp>,
    /// Until when what it has named holds, if it is not heard of again.
    pub fresh_until: Timestamp,
    /// How often it has failed since.
    pub failures: u32,
    /// Why it failed the last time; none if it did not.
    pub failure: Option<String>,
    /// How many networks it names.
    pub entries: u64,
    /// How much of what was fetched last was not understood.
    pub skipped: u64,
    /// What spares fetching the same again.
    pub bookmarks: Bookmarks,
}

/// What spares fetching the same again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bookmarks {
    /// The entity tag of what was fetched last (RFC 9110 section 8.8.3).
    pub etag: Option<String>,
    /// When that was changed, in the words of its server.
    pub last_modified: Option<String>,
    /// Up to when a collection was read (`added_after` of TAXII).
    pub added_after: Option<String>,
}

impl FeedState {
    /// That of a feed which was not fetched yet, and is due.
    #[must_use]
    pub fn begun(now: Timestamp) -> Self {
        Self {
            next_at: now,
            attempted_at: None,
            synced_at: None,
            fresh_until: now,
            failures: 0,
            failure: None,
            entries: 0,
            skipped: 0,
            bookmarks: Bookmarks::default(),
        }
    }
}

impl Feed {
    /// Requires every field to be sound.
    pub fn check(&self) -> Result<()> {
        text::check_line("name", &self.name, text::MAX_NAME)?;
        check_url(&self.url)?;
        within("confidence", self.confidence.into(), (0, 100))?;
        within("refreshMinutes", self.refresh_minutes, (5, 44_640))?;
        within("lifetimeHours", self.lifetime_hours, (1, 87_600))?;
        let Some(name) = self.username.as_deref() else { return Ok(()) };
        if name.contains(':') {
            return Err(Error::invalid("username", "A name for HTTP Basic has no colon (RFC 7617)."));
        }
        text::check_line("username", name, text::MAX_NAME)
    }
}

fn within(field: &str, value: u32, (least, most): (u32, u32)) -> Result<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::invalid(field, format!("Send a number from {least} to {most}.")))
}

/// Requires a URL over HTTP that holds no secret. Whether it may be fetched is looked at by whoever fetches.
fn check_url(url: &str) -> Result<()> {
    let wrong = |message: &str| Err(Error::invalid("url", message.to_owned()));
    text::check_line("url", url, text::MAX_TEXT)?;
    let Ok(parsed) = Url::parse(url) else { return wrong("This is no URL.") };
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return wrong("Send user name and password by themselves; they are kept encrypted.");
    }
    if ["https", "http"].contains(&parsed.scheme()) { Ok(()) } else { wrong("Send a URL that begins with https://.") }
}

/// The public id of a feed.
#[must_use]
pub fn feed_id(uuid: Uuid) -> String {
    typeid(PREFIX, uuid)
}

/// Reads the public id of a feed that a client sent in `field`.
pub fn parse_feed_id(text: &str, field: &str) -> Result<Uuid> {
    super::id::parse_typeid(text, PREFIX)
        .ok_or_else(|| Error::invalid(field, "This is not the id of a feed; such an id begins with fed_."))
}

/// A network of addresses in the notation of CIDR (RFC 4632, RFC 4291 section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cidr {
    address: IpAddr,
    length: u8,
}

impl Cidr {
    /// The shortest prefixes that a feed may name: whoever names more of the internet than that is in error.
    const SHORTEST: (u8, u8) = (8, 16);

    /// The network of one address.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self { address, length: if address.is_ipv4() { 32 } else { 128 } }
    }

    /// The bits of the prefix, behind the version: what networks within it begin with.
    #[must_use]
    pub fn key(&self) -> String {
        let length = usize::from(self.length);
        let (version, bits) = match self.address {
            IpAddr::V4(address) => (4, format!("{:032b}", u32::from(address))),
            IpAddr::V6(address) => (6, format!("{:0128b}", u128::from(address))),
        };
        format!("{version}:{bits:.length$}")
    }

    /// The network of a [`key`](Self::key).
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        let (version, bits) = key.split_once(':')?;
        let length = u8::try_from(bits.len()).ok()?;
        let value = if bits.is_empty() { 0 } else { u128::from_str_radix(bits, 2).ok()? };
        let address = match version {
            "4" if length <= 32 => {
                let value = u32::try_from(value).ok()?;
                IpAddr::V4(value.checked_shl(u32::from(32 - length)).unwrap_or(0).into())
            }
            "6" if length <= 128 => IpAddr::V6(value.checked_shl(u32::from(128 - length)).unwrap_or(0).into()),
            _ => return None,
        };
        Some(Self { address, length })
    }

    /// The network with what lies behind the prefix set to zero.
    fn masked(address: IpAddr, length: u8) -> Self {
        let address = match address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(u32::from(32 - length)).unwrap_or(0);
                IpAddr::V4((u32::from(address) & mask).into())
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(u32::from(128 - length)).unwrap_or(0);
                IpAddr::V6((u128::from(address) & mask).into())
            }
        };
        Self { address, length }
    }
}

impl FromStr for Cidr {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let Some((address, length)) = text.split_once('/') else {
            return text.parse().map(Self::of).map_err(drop);
        };
        let (address, length): (IpAddr, u8) = (address.parse().map_err(drop)?, length.parse().map_err(drop)?);
        // 10.0.0.0/8 may also be written ::ffff:10.0.0.0/104.
        let canonical = address.to_canonical();
        let length = if canonical.is_ipv4() && address.is_ipv6() { length.checked_sub(96).ok_or(())? } else { length };
        let (shortest, longest) = if canonical.is_ipv4() { (Self::SHORTEST.0, 32) } else { (Self::SHORTEST.1, 128) };
        if !(shortest..=longest).contains(&length) {
            return Err(());
        }
        Ok(Self::masked(canonical, length))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// That a feed names a network.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FeedEntry {
    /// The network.
    pub network: Cidr,
    /// What the feed calls that: the id of the indicator; empty for a list.
    pub reference: String,
    /// How sure it is, from 0 to 100.
    pub confidence: u8,
    /// From when on; as soon as it was heard of, unless later.
    pub valid_from: Option<Timestamp>,
    /// Until when it says that it holds, in microseconds.
    pub valid_until: i64,
}

/// That a feed names, or named, an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What it means.
    pub signal: FeedSignal,
    /// Since when, in microseconds.
    pub since: i64,
    /// Until when, as far as it is known, in microseconds.
    pub until: i64,
    /// What is kept of it.
    pub listing: Listing,
}

impl Hit {
    /// Makes one of what is stored.
    #[must_use]
    pub fn new(feed: (Uuid, String, FeedSignal), entry: &FeedEntry, (since, until): (i64, i64)) -> Self {
        let (id, name, signal) = feed;
        let listing = Listing {
            feed: feed_id(id),
            name,
            signal,
            network: entry.network.to_string(),
            reference: Some(entry.reference.clone()).filter(|reference| !reference.is_empty()),
            confidence: entry.confidence,
            valid_until: (until != NEVER).then(|| from_micros(until)),
        };
        Self { signal, since, until, listing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cidr(text: &str) -> Option<String> {
        text.parse::<Cidr>().ok().map(|network| network.to_string())
    }

    #[test]
    fn networks_are_read_and_told() {
        for (text, told) in [
            ("192.0.2.1", "192.0.2.1/32"),
            ("192.0.2.77/24", "192.0.2.0/24"),
            ("2001:db8::1", "2001:db8::1/128"),
            ("2001:db8:ffff::/33", "2001:db8:8000::/33"),
            ("::ffff:192.0.2.1", "192.0.2.1/32"),
            ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ] {
            assert_eq!(cidr(text).as_deref(), Some(told));
        }
        for text in [
            "",
            "0.0.0.0/0",
            "10.0.0.0/7",
            "192.0.2.0/33",
            "::/0",
            "::ffff:0:0/90",
            "192.0.2",
            "a/b",
            "192.0.2.0/-1",
            "1/2/3",
        ] {
            assert_eq!(cidr(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_network_has_the_addresses_that_begin_as_it_does(bits: u128, length in 16_u8..=128, other: u128) {
            let network = Cidr::masked(IpAddr::V6(bits.into()), length);
            prop_assert_eq!(Cidr::from_key(&network.key()), Some(network));
            prop_assert_eq!(network.to_string().parse(), Ok(network));
            let shift = u32::from(128 - length);
            let inside = bits.checked_shr(shift) == other.checked_shr(shift);
            let key = format!("6:{other:0128b}");
            prop_assert_eq!(key.starts_with(&network.key()), inside);
        }

        #[test]
        fn a_network_of_ipv4_comes_back_from_its_key(bits: u32, length in 8_u8..=32) {
            let network = Cidr::masked(IpAddr::V4(bits.into()), length);
            prop_assert_eq!(Cidr::from_key(&network.key()), Some(network));
            prop_assert_eq!(network.to_string().parse(), Ok(network));
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,40}") {
            let _ = (text.parse::<Cidr>(), Cidr::from_key(&text));
        }
    }
}
