//! CSV: a header, and a user in every row.
//!
//! A cell is what a field of a line would be. One that is empty says nothing: a table cannot tell
//! "unknown" from "none", and unknown is what it mostly means.

use super::super::failure::Failure;
use super::super::wire::{self, Problem};
use super::input::{Entry, MAX_LINE};
use csv::{ByteRecord, Reader, ReaderBuilder};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::io::{self, Read};

/// The fields that hold a text.
const TEXTS: [&str; 11] = [
    "username",
    "email",
    "avatar",
    "locale",
    "time_zone",
    "title",
    "department",
    "employee_number",
    "manager",
    "status",
    "status_reason",
];
/// The parts of a name.
const NAME_PARTS: [&str; 7] =
    ["display", "given", "family", "middle", "formatted", "honorific_prefix", "honorific_suffix"];
/// How much the reader may read ahead of a row.
const READ_AHEAD: usize = 16_384;

/// The rows of a table.
pub(super) struct Table<R> {
    reader: Reader<Bounded<R>>,
    columns: Vec<Option<Field>>,
    row: ByteRecord,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Field {
    Text(&'static str),
    Name(&'static str),
    Tags,
    Phone,
    Metadata(String),
    ExternalId(String),
    LinkedIdentity(String),
}

impl Field {
    fn of(name: &str) -> Option<Self> {
        let text = TEXTS.into_iter().find(|text| *text == name).map(Self::Text);
        let simple = match name {
            "name" => Some(Self::Name("display")),
            "tags" => Some(Self::Tags),
            "phone" => Some(Self::Phone),
            _ => text,
        };
        if simple.is_some() {
            return simple;
        }
        let (list, key) = name.split_once('.').filter(|(_, key)| !key.is_empty())?;
        match list {
            "name" => NAME_PARTS.into_iter().find(|part| *part == key).map(Self::Name),
            "metadata" => Some(Self::Metadata(key.to_owned())),
            "external_ids" => Some(Self::ExternalId(key.to_owned())),
            "linked_identities" => Some(Self::LinkedIdentity(key.to_owned())),
            _ => None,
        }
    }

    /// Puts a cell where a line would have it.
    fn put(&self, cell: &str, line: &mut Map<String, Value>) {
        let mut append = |list: &str, value: Value| {
            if let Value::Array(values) = line.entry(list).or_insert_with(|| json!([])) {
                values.push(value);
            }
        };
        match self {
            Self::Text(name) => drop(line.insert((*name).to_owned(), cell.into())),
            Self::Name(part) => insert(line, "name", part, cell),
            Self::Metadata(key) => insert(line, "metadata", key, cell),
            Self::Tags => {
                let tags = cell.split([',', ';']).map(str::trim).filter(|tag| !tag.is_empty());
                line.insert("tags".to_owned(), tags.collect());
            }
            Self::Phone => append("phones", json!({ "value": cell, "primary": true })),
            Self::ExternalId(client) => append("external_ids", json!({ "client": client, "value": cell })),
            Self::LinkedIdentity(provider) => {
                append("linked_identities", json!({ "provider": provider, "external_id": cell }));
            }
        }
    }
}

fn insert(line: &mut Map<String, Value>, object: &str, key: &str, cell: &str) {
    if let Value::Object(fields) = line.entry(object).or_insert_with(|| json!({})) {
        fields.insert(key.to_owned(), cell.into());
    }
}

impl<R: Read> Table<R> {
    /// Reads the header. Each mapping names a column and the field it holds.
    pub(super) fn new(reader: R, mappings: &[(String, String)]) -> Result<Self, Failure> {
        let reader = Bounded { reader, left: MAX_LINE, crlf: false };
        // Rows of another length are reported like everything else that is wrong with a row.
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(reader);
        let header = reader
            .byte_headers()
            .map_err(|error| Failure::because("The header of the table cannot be read", &error))?;
        let header: Result<Vec<&str>, _> = header.iter().map(std::str::from_utf8).collect();
        let header = header.map_err(|_| Failure::new("The header of the table is not valid UTF-8."))?;
        let columns = columns(&header, mappings)?;
        Ok(Self { reader, columns, row: ByteRecord::new() })
    }

    /// The next row.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        self.reader.get_mut().left = MAX_LINE + READ_AHEAD;
        let begun = self.reader.position().line();
        let read = self.reader.read_byte_record(&mut self.row);
        if !read.map_err(|error| io::Error::other(format!("{error} (line {begun})")))? {
            return Ok(None);
        }
        let number = self.row.position().map_or(begun, csv::Position::line) + u64::from(self.reader.get_ref().crlf);
        Ok(Some(Entry { number, content: self.line() }))
    }

    fn line(&self) -> Result<wire::Line, Problem> {
        if self.row.len() != self.columns.len() {
            let (cells, columns) = (self.row.len(), self.columns.len());
            return Err(Problem::new(format!("The row has not as many cells ({cells}) as the header ({columns}).")));
        }
        let mut line = Map::new();
        for (field, cell) in self.columns.iter().zip(&self.row) {
            let Some(field) = field else { continue };
            let cell = std::str::from_utf8(cell).map_err(|_| Problem::new("The row is not valid UTF-8."))?;
            if !cell.trim().is_empty() {
                field.put(cell.trim(), &mut line);
            }
        }
        wire::user(line)
    }
}

/// What the columns hold: what the mappings say, else what their names say.
fn columns(header: &[&str], mappings: &[(String, String)]) -> Result<Vec<Option<Field>>, Failure> {
    let mappings: HashMap<&str, &str> =
        mappings.iter().map(|(column, field)| (column.as_str(), field.as_str())).collect();
    if let Some(column) = mappings.keys().find(|column| !header.iter().any(|name| name.trim() == **column)) {
        return Err(Failure::new(format!("--map names the column {column:?}, which the table does not have.")));
    }
    let mut fields = Vec::new();
    let mut unknown = Vec::new();
    for column in header.iter().map(|column| column.trim()) {
        let field = match mappings.get(column) {
            Some(&"") => None,
            Some(name) => Some(Field::of(name).ok_or_else(|| {
                Failure::usage(format!("--map names the field {name:?}, which users do not have; {}", known()))
            })?),
            None => {
                let field = Field::of(&column.to_ascii_lowercase());
                if field.is_none() {
                    unknown.push(format!("{column:?}"));
                }
                field
            }
        };
        if field.is_some() && fields.contains(&field) {
            return Err(Failure::new(format!("Two columns hold the same field, one of them {column:?}.")));
        }
        fields.push(field);
    }
    if !unknown.is_empty() {
        let unknown = unknown.join(", ");
        return Err(Failure::new(format!(
            "These columns are not known: {unknown}. Say what they hold with --map \"COLUMN=FIELD\", or \
             pass them over with --map \"COLUMN=\"; {}",
            known()
        )));
    }
    if !fields.contains(&Some(Field::Text("username"))) {
        return Err(Failure::new("No column holds the user name; say which with --map \"COLUMN=username\"."));
    }
    Ok(fields)
}

fn known() -> String {
    let texts = TEXTS.join(", ");
    format!(
        "the fields are {texts}, name, name.given and the like, tags, phone, metadata.KEY, external_ids.CLIENT and \
         linked_identities.PROVIDER."
    )
}

/// A reader that gives up when a row does not end: a quotation mark that nobody closes must not take the whole file
/// into memory.
struct Bounded<R> {
    reader: R,
    left: usize,
    /// Whether lines end with two characters. The parser ends a row at the first, and counts the line at the second.
    crlf: bool,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other("a row has more than 1 MiB; a quotation mark may be missing"));
        }
        let length = buffer.len().min(self.left);
        let read = self.reader.read(&mut buffer[..length])?;
        self.left -= read;
        self.crlf |= buffer[..read].windows(2).any(|pair| pair == b"\r\n");
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Patch;

    fn table<'t>(text: &'t str, mappings: &[(&str, &str)]) -> Result<Table<&'t [u8]>, Failure> {
        let mappings: Vec<(String, String)> =
            mappings.iter().map(|(column, field)| ((*column).to_owned(), (*field).to_owned())).collect();
        Table::new(text.as_bytes(), &mappings)
    }

    #[test]
    fn rows_know_their_lines_however_these_end() {
        for end in ["\n", "\r\n"] {
            let text = ["username,email", "ada,a@example.org", "bob,\"b\"", "cyd,c@example.org", ""].join(end);
            let mut table = table(&text, &[]).expect("a header");
            let mut next = || table.next().expect("bytes in memory").map(|entry| entry.number);
            assert_eq!([next(), next(), next(), next()], [Some(2), Some(3), Some(4), None], "{end:?}");
        }
    }

    #[test]
    fn rows_are_users() {
        let text = "\u{feff}Username,E-Mail,Tags,metadata.floor,Notes\nada,ada@example.org,\"a; b\",3,x\n\nbob,,,,\n";
        let mut table = table(text, &[("E-Mail", "email"), ("Notes", "")]).expect("a header");
        let entry = table.next().expect("bytes in memory").expect("a row");
        assert_eq!(entry.number, 2);
        let Ok(wire::Line::User(line)) = entry.content else { panic!("a user") };
        assert_eq!((line.username.as_str(), &line.email), ("ada", &Patch::Value("ada@example.org".to_owned())));
        assert_eq!(line.tags, Patch::Value(vec!["a".to_owned(), "b".to_owned()]));
        let entry = table.next().expect("bytes in memory").expect("a row");
        let Ok(wire::Line::User(line)) = entry.content else { panic!("a user") };
        assert_eq!((line.username.as_str(), line.email), ("bob", Patch::Absent));
        assert!(table.next().expect("bytes in memory").is_none());
    }

    #[test]
    fn a_header_has_to_make_sense() {
        let message = |text: &str, mappings: &[(&str, &str)]| {
            let failure = table(text, mappings).err().expect("a failure");
            failure.message().unwrap_or_default().to_owned()
        };
        assert!(message("username,Shoe size\n", &[]).contains("\"Shoe size\""));
        assert!(message("mail\n", &[("mail", "email")]).contains("user name"));
        assert!(message("username\n", &[("mail", "email")]).contains("\"mail\""));
        assert!(message("username\n", &[("username", "usrname")]).contains("\"usrname\""));
        assert!(message("username,mail,email\n", &[("mail", "email")]).contains("Two columns"));
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_does_not_swallow_the_file() {
        let text = format!("username\n\"{}", "x".repeat(3 * MAX_LINE));
        let mut table = table(&text, &[]).expect("a header");
        assert!(table.next().is_err());
    }
}
