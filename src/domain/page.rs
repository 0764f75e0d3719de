//! Pages of a list, by keyset: a page is asked for by the place behind (or before) which it lies, so that a page costs the
//! same wherever it is, and entries that come or go elsewhere shift nothing.

use super::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// The version of the cursor's form. A cursor of another version is refused.
const VERSION: u8 = 1;

/// The key by which a list is sorted, besides the id that breaks ties.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CursorKey {
    /// The list is sorted by id alone.
    Id,
    /// By a text key.
    Text(String),
    /// By a number, such as a time in microseconds or a sequence number.
    Number(i64),
}

impl CursorKey {
    /// Whether a list of that order is sorted by such a key: texts are names, numbers are times, ranks and sequences.
    const fn fits(&self, order: char) -> bool {
        match self {
            Self::Id => matches!(order, 'c' | 'C' | 'e' | 'r'),
            Self::Text(_) => matches!(order, 'n' | 'N' | 'u' | 'U'),
            Self::Number(_) => matches!(order, 'a' | 'f' | 'm' | 'M' | 'o' | 's' | 't' | 'x'),
        }
    }
}

/// A place in a list. Clients treat its text as opaque.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// Which order the list has; a cursor is good for that order only.
    pub order: char,
    /// The sort key of the entry.
    pub key: CursorKey,
    /// The id of the entry, which breaks ties.
    pub id: Uuid,
}

impl Cursor {
    /// The place of an entry in a list that is sorted by id alone.
    #[must_use]
    pub const fn id(order: char, id: Uuid) -> Self {
        Self { order, key: CursorKey::Id, id }
    }

    /// The text that clients see.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = vec![VERSION, self.order as u8];
        bytes.extend_from_slice(self.id.as_bytes());
        match &self.key {
            CursorKey::Id => bytes.push(b'i'),
            CursorKey::Text(text) => {
                bytes.push(b't');
                bytes.extend_from_slice(text.as_bytes());
            }
            CursorKey::Number(number) => {
                bytes.push(b'n');
                bytes.extend_from_slice(&number.to_be_bytes());
            }
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads the text that a client sent in `field`, for a list of that order.
    pub fn decode(text: &str, order: char, field: &str) -> Result<Self> {
        let foreign = || {
            Error::invalid(
                field,
                "This cursor is not one of this list; take cursors from pageInfo or edges of the same list and order.",
            )
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| foreign())?;
        let [VERSION, tag, rest @ ..] = bytes.as_slice() else { return Err(foreign()) };
        let (id, rest) = rest.split_first_chunk::<16>().ok_or_else(foreign)?;
        let key = match rest {
            [b'i'] => CursorKey::Id,
            [b't', text @ ..] => CursorKey::Text(
                std::str::from_utf8(text).ok().filter(|text| !text.contains('\0')).ok_or_else(foreign)?.to_owned(),
            ),
            [b'n', number @ ..] => CursorKey::Number(i64::from_be_bytes(number.try_into().map_err(|_| foreign())?)),
            _ => return Err(foreign()),
        };
        if char::from(*tag) != order || !key.fits(order) {
            return Err(foreign());
        }
        Ok(Self { order, key, id: Uuid::from_bytes(*id) })
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Page {
    /// At most so many entries.
    pub limit: u32,
    /// Whether they are the last ones of the range, not the first.
    pub from_end: bool,
    /// Only entries behind this place.
    pub after: Option<Cursor>,
    /// Only entries before this place.
    pub before: Option<Cursor>,
}

impl Page {
    /// The first entries.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { limit, from_end: false, after: None, before: None }
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice<T> {
    /// The entries, in the order of the list whichever way they were asked for.
    pub items: Vec<T>,
    /// Whether there is something before them.
    pub has_previous: bool,
    /// Whether there is something behind them.
    pub has_next: bool,
}

impl<T> Slice<T> {
    /// Makes a slice of what was found when one entry more than the limit was looked for, in the direction of the page.
    #[must_use]
    pub fn of(mut found: Vec<T>, page: &Page) -> Self {
        let limit = page.limit as usize;
        let more = found.len() > limit;
        found.truncate(limit);
        if page.from_end {
            found.reverse();
            return Self { items: found, has_previous: more, has_next: page.before.is_some() };
        }
        Self { items: found, has_previous: page.after.is_some(), has_next: more }
    }

    /// A slice of nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Self { items: Vec::new(), has_previous: false, has_next: false }
    }

    /// The same slice, each entry turned by `f`.
    #[must_use]
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Slice<U> {
        Slice {
            items: self.items.into_iter().map(f).collect(),
            has_previous: self.has_previous,
            has_next: self.has_next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_survives_its_text(bits: u128, text in "[^\0]*", number: i64, which in 0..3) {
            let (order, key) = match which { 0 => ('c', CursorKey::Id), 1 => ('u', CursorKey::Text(text)), _ => ('m', CursorKey::Number(number)) };
            let cursor = Cursor { order, key, id: Uuid::from_u128(bits) };
            prop_assert_eq!(Cursor::decode(&cursor.encode(), order, "after").expect("its own text"), cursor.clone());
            for other in "cCeruUnNfmMosx".chars().filter(|other| *other != order) {
                prop_assert!(Cursor::decode(&cursor.encode(), other, "after").is_err());
                let stranger = Cursor { order: other, ..cursor.clone() };
                prop_assert!(Cursor::decode(&stranger.encode(), order, "after").is_err());
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text: String) {
            let _ = Cursor::decode(&text, 'u', "after");
        }
    }
}
