//! Lists of addresses and networks, one a line, as most are published: what stands behind the first word is a remark, and lines
//! that begin with `#`, `;` or `//` are.

use crate::domain::feed::{Cidr, MAX_ENTRIES};
use std::collections::BTreeSet;

/// What a list says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct List {
    pub(super) networks: BTreeSet<Cidr>,
    /// How many lines were not understood.
    pub(super) skipped: u64,
}

/// Reads a list. What is mostly something else is none, so that a page that says sorry does not clear a list.
pub(super) fn read(body: &[u8]) -> Result<List, String> {
    let text = std::str::from_utf8(body).map_err(|_| "it is no text in UTF-8".to_owned())?;
    if text.trim().is_empty() {
        return Err("it is empty; a list without entries says so in a remark".to_owned());
    }
    let (mut networks, mut understood, mut skipped) = (BTreeSet::new(), 0_u64, 0_u64);
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.trim();
        if line.is_empty() || ["#", ";", "//"].iter().any(|mark| line.starts_with(mark)) {
            continue;
        }
        let word = line.split([' ', '\t', ',', ';', '#', '|']).next().unwrap_or_default().trim_matches('"');
        if let Ok(network) = word.parse() {
            understood += 1;
            networks.insert(network);
        } else {
            skipped += 1;
        }
        if networks.len() > MAX_ENTRIES {
            return Err(format!("it names more than {MAX_ENTRIES} networks"));
        }
    }
    // A head line is nothing to worry about.
    if skipped > 0 && understood == 0 || skipped > 1 && skipped * 10 > understood {
        return Err(format!("it is no list of addresses: {skipped} of its lines begin with none"));
    }
    Ok(List { networks, skipped })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn networks(text: &str) -> Vec<String> {
        read(text.as_bytes()).expect("a list").networks.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lists_are_read_as_they_are_published() {
        let text = "\u{feff}# a list\r\n192.0.2.0/24 ; SBL1\r\n198.51.100.7,scanner,2026\n; remark\n2001:db8::1 # one\n\n192.0.2.0/24\n";
        assert_eq!(networks(text), ["192.0.2.0/24", "198.51.100.7/32", "2001:db8::1/128"]);
        assert_eq!(networks("# nobody attacks today\n"), Vec::<String>::new());
        let with_head = read(b"address,seen\n192.0.2.1,today\n192.0.2.2,today\n").expect("a list");
        assert_eq!((with_head.networks.len(), with_head.skipped), (2, 1));
    }

    #[test]
    fn what_is_something_else_is_refused() {
        for text in ["", " \n", "<html><body>192.0.2.1</body></html>", "sorry\nsorry\n192.0.2.1\n", "0.0.0.0/0\n"] {
            assert!(read(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(read(&[0xff, 0xfe, 0]).is_err());
        let many: Vec<u8> = (0..=MAX_ENTRIES)
            .flat_map(|n| format!("10.{}.{}.{}\n", n >> 16, n >> 8 & 255, n & 255).into_bytes())
            .collect();
        assert!(read(&many).expect_err("too many").contains("more than"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(addresses in proptest::collection::btree_set(any::<u32>(), 1..50)) {
            let text: String = addresses.iter().map(|bits| format!("{}\n", std::net::Ipv4Addr::from(*bits))).collect();
            let found = read(text.as_bytes()).expect("a list");
            prop_assert_eq!((found.networks.len(), found.skipped), (addresses.len(), 0));
        }

        #[test]
        fn no_list_is_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }
}
