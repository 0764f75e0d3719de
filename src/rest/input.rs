//! What handlers take, by type: each type knows how it is read, and how it is described.

use super::call::Call;
use super::openapi::Schemas;
use super::refusal::{Refusal, Result};
use crate::domain::json::SaidOnce;
use crate::domain::{Cursor, Error, Page};
use axum::http::header;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use url::form_urlencoded;

/// How many entries a page has unless somebody asks for another number.
const DEFAULT_LIMIT: u32 = 50;
/// The most entries of a page.
pub const MAX_LIMIT: u32 = 200;
/// The media type of bodies.
const JSON: &str = "application/json";
/// The media type of bodies that change some of what there is (RFC 7396).
const MERGE_PATCH: &str = "application/merge-patch+json";
/// How long the key of a request may be.
const MAX_KEY: usize = 128;

/// Where a parameter is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the query.
    Query,
    /// In a header.
    Header,
}

/// A parameter, for the description.
#[derive(Debug)]
pub struct Parameter {
    /// Where it is given.
    pub place: Place,
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Which values it has.
    pub schema: Value,
    /// Whether it has to be given.
    pub required: bool,
}

/// A body, for the description.
#[derive(Debug)]
pub struct Body {
    /// As what it may be sent.
    pub media_types: &'static [&'static str],
    /// What it says.
    pub schema: Value,
    /// Whether it has to be sent.
    pub required: bool,
}

/// What an operation takes, for the description.
#[derive(Debug, Default)]
pub struct Declared {
    /// Parameters, in the order in which they are described.
    pub parameters: Vec<Parameter>,
    /// The body.
    pub body: Option<Body>,
    /// Whether it is about the page of a list.
    pub is_paged: bool,
    /// Whether it may depend on the version of what is there.
    pub is_conditional: bool,
}

impl Declared {
    /// The names of what may stand in the query.
    pub(super) fn query_names(&self) -> BTreeSet<String> {
        let query = self.parameters.iter().filter(|parameter| parameter.place == Place::Query);
        query.map(|parameter| parameter.name.clone()).collect()
    }

    fn header(&mut self, name: &str, description: &str, schema: Value) {
        let (name, description) = (name.to_owned(), description.to_owned());
        self.parameters.push(Parameter { place: Place::Header, name, description, schema, required: false });
    }

    fn query(&mut self, name: &str, description: &str, schema: Value) {
        let (name, description) = (name.to_owned(), description.to_owned());
        self.parameters.push(Parameter { place: Place::Query, name, description, schema, required: false });
    }
}

/// Something that a handler takes.
pub trait Input: Sized + Send + 'static {
    /// Says what it is.
    fn declare(declared: &mut Declared, schemas: &mut Schemas);

    /// Takes it out of the request.
    ///
    /// # Errors
    ///
    /// If the request does not have it, or not so that it can be understood.
    fn read(call: &Call) -> Result<Self>;
}

impl Input for () {
    fn declare(_: &mut Declared, _: &mut Schemas) {}

    fn read(_: &Call) -> Result<Self> {
        Ok(())
    }
}

macro_rules! inputs {
    ($($name:ident),+) => {
        impl<$($name: Input),+> Input for ($($name,)+) {
            fn declare(declared: &mut Declared, schemas: &mut Schemas) {
                $($name::declare(declared, schemas);)+
            }

            fn read(call: &Call) -> Result<Self> {
                Ok(($($name::read(call)?,)+))
            }
        }
    };
}

inputs!(A, B);
inputs!(A, B, C);

/// Parameters of the query. A struct whose fields are their names; what is optional may be left out.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Send + 'static> Input for Query<T> {
    fn declare(declared: &mut Declared, schemas: &mut Schemas) {
        declared.parameters.extend(schemas.parameters::<T>());
    }

    fn read(call: &Call) -> Result<Self> {
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(call.query.as_bytes()));
        serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| unfit(&error))
    }
}

/// Which page of a list is wanted.
#[derive(Debug, Clone)]
pub struct Paging {
    /// At most so many entries.
    pub limit: u32,
    cursor: Option<String>,
}

impl Paging {
    /// The page, of a list whose cursors have that tag.
    ///
    /// # Errors
    ///
    /// If the cursor is not one of that list.
    pub fn page(&self, order: char) -> Result<Page> {
        let place = |text: &String| {
            Cursor::decode(text, order, "page[cursor]").map_err(|error| Error {
                message:
                    "This cursor is not one of this list; take next_cursor from a page of the same list and order."
                        .into(),
                ..error
            })
        };
        Ok(Page { after: self.cursor.as_ref().map(place).transpose()?, ..Page::first(self.limit) })
    }
}

impl Input for Paging {
    fn declare(declared: &mut Declared, _: &mut Schemas) {
        declared.is_paged = true;
        let limit = json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT});
        declared.query("page[limit]", "How many entries the page has at most.", limit);
        let about = "Where the page begins: `next_cursor` of the page before it, with everything else as it was.";
        declared.query("page[cursor]", about, json!({"type": "string"}));
    }

    fn read(call: &Call) -> Result<Self> {
        let mut paging = Self { limit: DEFAULT_LIMIT, cursor: None };
        for (name, value) in form_urlencoded::parse(call.query.as_bytes()) {
            match name.as_ref() {
                "page[limit]" => {
                    let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                    let message = format!("A page has 1 to {MAX_LIMIT} entries.");
                    paging.limit = limit.ok_or_else(|| Error::invalid("page[limit]", message))?;
                }
                "page[cursor]" => paging.cursor = Some(value.into_owned()),
                _ => {}
            }
        }
        Ok(paging)
    }
}

/// The version that the client has seen, if it makes the request depend on it.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub Option<i64>);

impl Input for IfMatch {
    fn declare(declared: &mut Declared, _: &mut Schemas) {
        declared.is_conditional = true;
        let about = "The `ETag` of what the client has seen: if it has changed since, nothing is done.";
        declared.header("If-Match", about, json!({"type": "string"}));
    }

    fn read(call: &Call) -> Result<Self> {
        let Some(text) = call.header("if-match")? else { return Ok(Self(None)) };
        if text.trim() == "*" {
            return Ok(Self(None));
        }
        let one = text.trim();
        let tag = one.strip_prefix("W/").unwrap_or(one).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let Some(tag) = tag.filter(|tag| !tag.contains('"')) else {
            let detail = "Send one entity tag in quotation marks, as ETag had it, or an asterisk.";
            return Err(Refusal::malformed(Some("If-Match"), detail));
        };
        // A tag that is none of ours is that of no version.
        let version = tag.split('-').next().and_then(|version| version.parse().ok());
        Ok(Self(Some(version.unwrap_or(i64::MIN))))
    }
}

/// The client's key of the request, with which it is done once however often it is sent.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(pub Option<String>);

impl Input for IdempotencyKey {
    fn declare(declared: &mut Declared, _: &mut Schemas) {
        let about = "Any text: the same request with the same key is done once, and answered alike.";
        declared.header("Idempotency-Key", about, json!({"type": "string", "minLength": 1, "maxLength": MAX_KEY}));
    }

    fn read(call: &Call) -> Result<Self> {
        call.header("idempotency-key").map(Self)
    }
}

/// A body of JSON.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Send + 'static> Input for Json<T> {
    fn declare(declared: &mut Declared, schemas: &mut Schemas) {
        declared.body = Some(Body { media_types: &[JSON], schema: schemas.asked::<T>(), required: true });
    }

    fn read(call: &Call) -> Result<Self> {
        check_media_type(call, &[JSON])?;
        parse(&call.body).and_then(object).map(Self)
    }
}

/// A body of JSON that may be left out.
#[derive(Debug)]
pub struct MaybeJson<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Default + Send + 'static> Input for MaybeJson<T> {
    fn declare(declared: &mut Declared, schemas: &mut Schemas) {
        declared.body = Some(Body { media_types: &[JSON], schema: schemas.asked::<T>(), required: false });
    }

    fn read(call: &Call) -> Result<Self> {
        if call.body.is_empty() {
            return Ok(Self(T::default()));
        }
        Json::read(call).map(|Json(body)| Self(body))
    }
}

/// A body that says one thing of some kind, or a list of such things.
#[derive(Debug)]
pub struct OneOrMany<T> {
    /// The things.
    pub entries: Vec<T>,
    /// Whether it is one thing, and not in a list.
    pub is_one: bool,
}

impl<T: DeserializeOwned + JsonSchema + Send + 'static> Input for OneOrMany<T> {
    fn declare(declared: &mut Declared, schemas: &mut Schemas) {
        let (one, most) = (schemas.asked::<T>(), crate::resolvers::command::MAX_REPORTS);
        let many = json!({"type": "array", "minItems": 1, "maxItems": most, "items": one});
        let schema = json!({"oneOf": [one, many]});
        declared.body = Some(Body { media_types: &[JSON], schema, required: true });
    }

    fn read(call: &Call) -> Result<Self> {
        check_media_type(call, &[JSON])?;
        let entries = match parse(&call.body)? {
            Value::Array(entries) => entries,
            one => return object(one).map(|one| Self { entries: vec![one], is_one: true }),
        };
        let read = |(index, entry)| {
            object(entry).map_err(|refusal| match refusal {
                Refusal::Error(error) => Refusal::Error(in_entry(error, index)),
                refusal => refusal,
            })
        };
        let entries = entries.into_iter().enumerate().map(read).collect::<Result<_>>()?;
        Ok(Self { entries, is_one: false })
    }
}

/// The same error, about an entry of the list that was sent.
pub fn in_entry(error: Error, index: usize) -> Error {
    error.within(&format!("[{index}]"))
}

/// A body that changes some of what there is (RFC 7396).
#[derive(Debug)]
pub struct MergePatch<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Send + 'static> Input for MergePatch<T> {
    fn declare(declared: &mut Declared, schemas: &mut Schemas) {
        declared.body = Some(Body { media_types: &[MERGE_PATCH, JSON], schema: schemas.asked::<T>(), required: true });
    }

    fn read(call: &Call) -> Result<Self> {
        check_media_type(call, &[MERGE_PATCH, JSON])?;
        parse(&call.body).and_then(object).map(Self)
    }
}

fn check_media_type(call: &Call, known: &[&str]) -> Result<()> {
    let sent = call.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = sent.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_utf8 = parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
        !name.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    if is_utf8 && known.contains(&essence.as_str()) {
        return Ok(());
    }
    Err(Refusal::MediaType(format!("Send the body as {}, in UTF-8.", known.join(" or "))))
}

fn parse(body: &[u8]) -> Result<Value> {
    let read = serde_json::from_slice(body).map(|SaidOnce(value)| value);
    read.map_err(|error| Refusal::malformed(None, format!("The body cannot be read: {error}.")))
}

/// What an object says. (A list of values is no object, though `serde` would take it for one.)
fn object<T: DeserializeOwned>(value: Value) -> Result<T> {
    let Value::Object(object) = value else {
        return Err(Error { field: None, ..Error::invalid("", "The body is no JSON object; send one.") }.into());
    };
    serde_path_to_error::deserialize(Value::Object(object)).map_err(|error| unfit(&error))
}

/// The error for what does not fit the type that it is to have.
fn unfit<E: std::error::Error>(error: &serde_path_to_error::Error<E>) -> Refusal {
    let path = error.path().to_string();
    let message = format!("This is not what is wanted here: {}.", error.inner());
    let field = Some(path).filter(|path| path != ".");
    Refusal::Error(Error { field, ..Error::invalid("", message) })
}

/// An object inside a body. (A list of values is no object, though `serde` would take it for one.)
#[derive(Debug, Clone)]
pub struct Object<T>(pub T);

impl<'de, T: DeserializeOwned> serde::Deserialize<'de> for Object<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let object = Map::deserialize(deserializer)?;
        serde_path_to_error::deserialize(Value::Object(object)).map(Self).map_err(serde::de::Error::custom)
    }
}

impl<T: JsonSchema> JsonSchema for Object<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}
