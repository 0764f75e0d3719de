//! Patterns of STIX (STIX 2.1 section 9): which addresses fulfil one by themselves.
//!
//! The whole grammar is read, so that what stands beside an address is understood as what it is; but only alternatives that
//! compare an address with values are of use here: `[ipv4-addr:value = '198.51.100.1' OR ipv6-addr:value ISSUBSET
//! '2001:db8::/32']`. What needs something else as well (`AND`, `FOLLOWEDBY`, a qualifier, `NOT`) is fulfilled by no address alone.

use crate::domain::feed::Cidr;

/// How long a pattern may be.
const MAX_BYTES: usize = 65_536;
/// How deep it may nest.
const MAX_DEPTH: usize = 32;

/// It is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoPattern;

type Result<T> = std::result::Result<T, NoPattern>;

/// The networks whose addresses fulfil a pattern by themselves; none if no address does.
pub(super) fn networks(pattern: &str) -> Result<Vec<Cidr>> {
    if pattern.len() > MAX_BYTES {
        return Err(NoPattern);
    }
    let mut parser = Parser { rest: pattern, depth: 0 };
    let found = parser.observations()?;
    if parser.peek().is_some() { Err(NoPattern) } else { Ok(found) }
}

/// What compares a property.
#[derive(PartialEq, Eq)]
enum Operator {
    Equal,
    In,
    Subset,
    Other,
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, text: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, text: &str) -> Result<()> {
        if self.take(text) { Ok(()) } else { Err(NoPattern) }
    }

    /// Takes a word if it stands there as a whole. Keywords are in capitals.
    fn take_word(&mut self, word: &str) -> bool {
        self.rest = self.rest.trim_start();
        let Some(rest) = self.rest.strip_prefix(word) else { return false };
        let ends = !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':'));
        if ends {
            self.rest = rest;
        }
        ends
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_DEPTH {
            return Err(NoPattern);
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    /// `a FOLLOWEDBY b`, which binds least.
    fn observations(&mut self) -> Result<Vec<Cidr>> {
        self.all_of("FOLLOWEDBY", |parser| parser.any_of(|parser| parser.all_of("AND", Self::observation)))
    }

    /// `a OR b`: what fulfils one fulfils the whole.
    fn any_of(&mut self, mut read: impl FnMut(&mut Self) -> Result<Vec<Cidr>>) -> Result<Vec<Cidr>> {
        let mut found = read(self)?;
        while self.take_word("OR") {
            found.extend(read(self)?);
        }
        Ok(found)
    }

    /// `a AND b`, `a FOLLOWEDBY b`: what fulfils one does not fulfil the whole.
    fn all_of(&mut self, word: &str, mut read: impl FnMut(&mut Self) -> Result<Vec<Cidr>>) -> Result<Vec<Cidr>> {
        let mut found = read(self)?;
        while self.take_word(word) {
            read(self)?;
            found.clear();
        }
        Ok(found)
    }

    fn observation(&mut self) -> Result<Vec<Cidr>> {
        let mut found = if self.take("[") {
            let found = self.comparisons()?;
            self.expect("]")?;
            found
        } else {
            self.expect("(")?;
            let found = self.deeper(Self::observations)?;
            self.expect(")")?;
            found
        };
        while self.qualifier()? {
            found.clear();
        }
        Ok(found)
    }

    /// `WITHIN 5 SECONDS`, `REPEATS 3 TIMES`, `START t'…' STOP t'…'`.
    fn qualifier(&mut self) -> Result<bool> {
        for (first, second) in [("WITHIN", "SECONDS"), ("REPEATS", "TIMES"), ("START", "STOP")] {
            if self.take_word(first) {
                self.literal()?;
                if !self.take_word(second) {
                    return Err(NoPattern);
                }
                if second == "STOP" {
                    self.literal()?;
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn comparisons(&mut self) -> Result<Vec<Cidr>> {
        self.any_of(|parser| parser.all_of("AND", Self::comparison))
    }

    fn comparison(&mut self) -> Result<Vec<Cidr>> {
        if self.take("(") {
            let found = self.deeper(Self::comparisons)?;
            self.expect(")")?;
            return Ok(found);
        }
        if self.take_word("EXISTS") {
            self.path()?;
            return Ok(Vec::new());
        }
        let path = self.path()?;
        let is_not = self.take_word("NOT");
        let operator = self.operator()?;
        let values = if operator == Operator::In { self.set()? } else { vec![self.literal()?] };
        let is_address = ["ipv4-addr:value", "ipv6-addr:value"].contains(&path);
        if is_not || !is_address || operator == Operator::Other {
            return Ok(Vec::new());
        }
        Ok(values.iter().flatten().filter_map(|value| value.parse().ok()).collect())
    }

    /// `file:hashes.'SHA-256'`, `x:list[*].value`: up to what does not belong to it.
    fn path(&mut self) -> Result<&'a str> {
        self.rest = self.rest.trim_start();
        let start = self.rest;
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if self.take_while(is_name).is_empty() || !self.rest.starts_with(':') {
            return Err(NoPattern);
        }
        loop {
            self.take_while(|c| is_name(c) || matches!(c, ':' | '.'));
            if self.rest.starts_with('\'') {
                self.quoted()?;
            } else if let Some(rest) = self.rest.strip_prefix('[') {
                self.rest = rest;
                self.take_while(|c| c.is_ascii_digit() || matches!(c, '*' | '-'));
                self.expect("]")?;
            } else {
                break;
            }
        }
        let length = start.len() - self.rest.len();
        Ok(start.split_at_checked(length).map_or(start, |(path, _)| path))
    }

    fn operator(&mut self) -> Result<Operator> {
        for (word, operator) in [
            ("IN", Operator::In),
            ("ISSUBSET", Operator::Subset),
            ("ISSUPERSET", Operator::Other),
            ("LIKE", Operator::Other),
            ("MATCHES", Operator::Other),
        ] {
            if self.take_word(word) {
                return Ok(operator);
            }
        }
        for (sign, operator) in [
            ("==", Operator::Equal),
            ("=", Operator::Equal),
            ("!=", Operator::Other),
            ("<>", Operator::Other),
            ("<=", Operator::Other),
            (">=", Operator::Other),
            ("<", Operator::Other),
            (">", Operator::Other),
        ] {
            if self.take(sign) {
                return Ok(operator);
            }
        }
        Err(NoPattern)
    }

    fn set(&mut self) -> Result<Vec<Option<String>>> {
        self.expect("(")?;
        let mut values = Vec::new();
        if self.take(")") {
            return Ok(values);
        }
        loop {
            values.push(self.literal()?);
            if self.take(")") {
                return Ok(values);
            }
            self.expect(",")?;
        }
    }

    /// A text; none for a number, a time or anything else that is no text.
    fn literal(&mut self) -> Result<Option<String>> {
        match self.peek().ok_or(NoPattern)? {
            '\'' => self.quoted().map(Some),
            't' | 'h' | 'b' if self.rest.chars().nth(1) == Some('\'') => {
                self.take_while(char::is_alphabetic);
                self.quoted().map(|_| None)
            }
            _ if self.take_word("true") || self.take_word("false") => Ok(None),
            _ => {
                let number = self.take_while(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
                number.parse::<f64>().map(|_| None).map_err(|_| NoPattern)
            }
        }
    }

    fn quoted(&mut self) -> Result<String> {
        let mut characters = self.rest.strip_prefix('\'').ok_or(NoPattern)?.chars();
        let mut text = String::new();
        while let Some(character) = characters.next() {
            match character {
                '\'' => {
                    self.rest = characters.as_str();
                    return Ok(text);
                }
                '\\' => text.push(characters.next().filter(|c| matches!(c, '\'' | '\\')).ok_or(NoPattern)?),
                other => text.push(other),
            }
        }
        Err(NoPattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pattern: &str) -> Option<Vec<String>> {
        networks(pattern).ok().map(|found| found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn alternatives_of_addresses_are_read() {
        for (pattern, expected) in [
            ("[ipv4-addr:value = '198.51.100.1']", vec!["198.51.100.1/32"]),
            (
                "[ ipv4-addr:value='198.51.100.0/24' OR ipv6-addr:value = '2001:db8::1' ]",
                vec!["198.51.100.0/24", "2001:db8::1/128"],
            ),
            ("[ipv4-addr:value IN ('192.0.2.1', '192.0.2.2')]", vec!["192.0.2.1/32", "192.0.2.2/32"]),
            ("[ipv4-addr:value ISSUBSET '203.0.113.0/24']", vec!["203.0.113.0/24"]),
            (
                "[ipv4-addr:value = '192.0.2.1'] OR [ipv4-addr:value = '192.0.2.2']",
                vec!["192.0.2.1/32", "192.0.2.2/32"],
            ),
            ("([ipv4-addr:value = '192.0.2.1'])", vec!["192.0.2.1/32"]),
            ("[(ipv4-addr:value = '192.0.2.1' OR domain-name:value = 'it\\'s.example')]", vec!["192.0.2.1/32"]),
            // What needs something else as well, or is about something else.
            ("[ipv4-addr:value = '192.0.2.1' AND network-traffic:dst_port = 22]", vec![]),
            ("[ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.2']", vec![]),
            ("[ipv4-addr:value = '192.0.2.1'] REPEATS 5 TIMES WITHIN 1800 SECONDS", vec![]),
            ("[ipv4-addr:value = '192.0.2.1'] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'", vec![]),
            ("[ipv4-addr:value != '192.0.2.1']", vec![]),
            ("[ipv4-addr:value NOT = '192.0.2.1']", vec![]),
            ("[ipv4-addr:value = '0.0.0.0/0']", vec![]),
            ("[file:hashes.'SHA-256' = 'aec0' OR file:size >= 1.5 OR x:list[*].a MATCHES '^a' OR EXISTS x:a]", vec![]),
            // AND binds closer than OR.
            ("[ipv4-addr:value = '192.0.2.1' AND x:a = true OR ipv4-addr:value = '192.0.2.2']", vec!["192.0.2.2/32"]),
        ] {
            assert_eq!(read(pattern), Some(expected.into_iter().map(str::to_owned).collect()), "{pattern}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let deep = format!("{}[x:a = 1]{}", "(".repeat(40), ")".repeat(40));
        let long = format!("[x:a = '{}']", "a".repeat(MAX_BYTES));
        for pattern in [
            "",
            "[",
            "[]",
            "[ipv4-addr:value]",
            "[ipv4-addr:value = ]",
            "[ipv4-addr:value = '192.0.2.1'",
            "[ipv4-addr = '192.0.2.1']",
            "[ipv4-addr:value = '192.0.2.1'] extra",
            "[ipv4-addr:value = \"192.0.2.1\"]",
            "[a:b = 'x' OR]",
            "[a:b IN ('x' 'y')]",
            "[a:b = 'x\\n']",
            "ipv4-addr:value = '192.0.2.1'",
            &deep,
            &long,
        ] {
            assert_eq!(read(pattern), None, "{pattern}");
        }
    }

    /// A pattern, and the addresses that fulfil it by themselves.
    fn comparisons() -> impl Strategy<Value = (String, Vec<u32>)> {
        let leaf = prop_oneof![
            any::<u32>()
                .prop_map(|bits| (format!("ipv4-addr:value = '{}'", std::net::Ipv4Addr::from(bits)), vec![bits])),
            "[a-z ]{0,8}".prop_map(|text| (format!("domain-name:value = '{text}'"), vec![])),
            any::<i32>().prop_map(|number| (format!("x-y:z[0].a >= {number}"), vec![])),
        ];
        leaf.prop_recursive(4, 24, 3, |inner| {
            (proptest::collection::vec(inner, 1..4), any::<bool>()).prop_map(|(parts, is_or)| {
                let texts: Vec<String> = parts.iter().map(|(text, _)| format!("({text})")).collect();
                let is_alone = parts.len() == 1;
                let found = parts.into_iter().flat_map(|(_, found)| found).collect();
                let text = texts.join(if is_or { " OR " } else { " AND " });
                (text, if is_or || is_alone { found } else { Vec::new() })
            })
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read((text, addresses) in comparisons()) {
            let expected: Vec<String> = addresses.iter().map(|bits| format!("{}/32", std::net::Ipv4Addr::from(*bits))).collect();
            prop_assert_eq!(read(&format!("[{text}]")), Some(expected));
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,80}", piece in "[\\[\\]()'=a-z:0-9 .ORAND\\\\]{0,60}") {
            let _ = (networks(&text), networks(&piece), networks(&format!("[{piece}]")));
        }
    }
}
