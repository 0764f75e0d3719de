//! What handlers answer, by type: each type knows how it is sent, and how it is described.

use super::call::Call;
use super::model::page::{Page, PageInfo};
use super::openapi::Schemas;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::form_urlencoded;

/// What is sent.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// Headers about it.
    pub headers: HeaderMap,
    /// JSON, if there is anything to say.
    pub body: Option<Vec<u8>>,
}

impl Reply {
    fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: None }
    }

    fn of<T: Serialize>(status: StatusCode, body: &T) -> Self {
        // What the models say always serialises.
        Self { status, headers: HeaderMap::new(), body: Some(serde_json::to_vec(body).unwrap_or_default()) }
    }

    fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

/// An answer, for the description.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// What it means.
    pub description: &'static str,
    /// What the body says, if there is one.
    pub schema: Option<Value>,
    /// The names of its headers.
    pub headers: &'static [&'static str],
}

/// The answers of an operation when all is well, for the description.
pub type Answers = Vec<Answer>;

/// Something that a handler answers.
pub trait Outcome: Send + 'static {
    /// Says what it is.
    fn answers(schemas: &mut Schemas) -> Answers;

    /// Sends it to a client who has what those tags mean.
    fn reply(self, known: Option<&str>) -> Reply;
}

/// A node, and its entity tag.
#[derive(Debug)]
pub struct Entity<T> {
    /// The node.
    pub body: T,
    /// Its version.
    pub version: i64,
}

impl<T: Serialize> Entity<T> {
    /// The answer with the tag: the version, by which changes are made to depend on it, and a mark of everything that is
    /// said. For what others have come to say in it (who is a member of what) changes without the node.
    fn tagged(&self, status: StatusCode) -> (Reply, String) {
        let reply = Reply::of(status, &self.body);
        let mark = Sha256::digest(reply.body.as_deref().unwrap_or_default());
        let mark: String = mark.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let tag = format!("\"{}-{mark}\"", self.version);
        (reply.with(header::ETAG, &tag), tag)
    }
}

const UNREADABLE: Answer = Answer {
    status: 204,
    description: "It is done; the credential may change this, but not read it.",
    schema: None,
    headers: &[],
};

/// A node that was asked for.
#[derive(Debug)]
pub struct Found<T>(pub Entity<T>);

impl<T: Serialize + JsonSchema + Send + 'static> Outcome for Found<T> {
    fn answers(schemas: &mut Schemas) -> Answers {
        let description = "What was asked for.";
        let not_modified = "The client has it already, as `If-None-Match` says.";
        vec![
            Answer { status: 200, description, schema: Some(schemas.answered::<T>()), headers: &["ETag"] },
            Answer { status: 304, description: not_modified, schema: None, headers: &["ETag"] },
        ]
    }

    fn reply(self, known: Option<&str>) -> Reply {
        let (reply, tag) = self.0.tagged(StatusCode::OK);
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let is_known = known.is_some_and(|known| known.split(',').any(|one| one.trim() == "*" || opaque(one) == tag));
        if is_known { Reply { status: StatusCode::NOT_MODIFIED, body: None, ..reply } } else { reply }
    }
}

/// A node that was made: its place, and how it looks, if the viewer may see it.
#[derive(Debug)]
pub struct Created<T> {
    /// Its place.
    pub location: String,
    /// How it looks.
    pub entity: Option<Entity<T>>,
}

impl<T: Serialize + JsonSchema + Send + 'static> Outcome for Created<T> {
    fn answers(schemas: &mut Schemas) -> Answers {
        let description = "It was made.";
        let headers = &["ETag", "Location"];
        vec![Answer { status: 201, description, schema: Some(schemas.answered::<T>()), headers }, UNREADABLE]
    }

    fn reply(self, _: Option<&str>) -> Reply {
        let reply = match self.entity {
            Some(entity) => entity.tagged(StatusCode::CREATED).0,
            None => Reply::empty(StatusCode::NO_CONTENT),
        };
        reply.with(header::LOCATION, &self.location)
    }
}

/// A node that was changed, as it looks now, if the viewer may see it.
#[derive(Debug)]
pub struct Changed<T>(pub Option<Entity<T>>);

impl<T: Serialize + JsonSchema + Send + 'static> Outcome for Changed<T> {
    fn answers(schemas: &mut Schemas) -> Answers {
        let description = "It was changed, and looks so now.";
        vec![Answer { status: 200, description, schema: Some(schemas.answered::<T>()), headers: &["ETag"] }, UNREADABLE]
    }

    fn reply(self, _: Option<&str>) -> Reply {
        match self.0 {
            Some(entity) => entity.tagged(StatusCode::OK).0,
            None => Reply::empty(StatusCode::NO_CONTENT),
        }
    }
}

/// What has come of a request that changes no single node.
#[derive(Debug)]
pub struct Done<T>(pub T);

impl<T: Serialize + JsonSchema + Send + 'static> Outcome for Done<T> {
    fn answers(schemas: &mut Schemas) -> Answers {
        vec![Answer {
            status: 200,
            description: "What has come of it.",
            schema: Some(schemas.answered::<T>()),
            headers: &[],
        }]
    }

    fn reply(self, _: Option<&str>) -> Reply {
        Reply::of(StatusCode::OK, &self.0)
    }
}

/// An action that was taken, if the viewer may see it.
#[derive(Debug)]
pub struct Taken<T>(pub Option<T>);

impl<T: Serialize + JsonSchema + Send + 'static> Outcome for Taken<T> {
    fn answers(schemas: &mut Schemas) -> Answers {
        let mut answers = Done::<T>::answers(schemas);
        answers.push(UNREADABLE);
        answers
    }

    fn reply(self, _: Option<&str>) -> Reply {
        self.0.map_or_else(|| Reply::empty(StatusCode::NO_CONTENT), |body| Reply::of(StatusCode::OK, &body))
    }
}

/// Something is no more.
#[derive(Debug)]
pub struct Gone;

impl Outcome for Gone {
    fn answers(_: &mut Schemas) -> Answers {
        vec![Answer { status: 204, description: "It is done.", schema: None, headers: &[] }]
    }

    fn reply(self, _: Option<&str>) -> Reply {
        Reply::empty(StatusCode::NO_CONTENT)
    }
}

/// A page of a list.
#[derive(Debug)]
pub struct Listed<T> {
    page: Page<T>,
    links: String,
}

impl<T> Listed<T> {
    /// A page that the call has asked for: its entries, and where the next one begins.
    #[must_use]
    pub fn new(call: &Call, data: Vec<T>, next_cursor: Option<String>) -> Self {
        let mut links = format!("<{}>; rel=\"first\"", link(call, None));
        if let Some(cursor) = &next_cursor {
            links.push_str(&format!(", <{}>; rel=\"next\"", link(call, Some(cursor))));
        }
        let page = PageInfo { has_more: next_cursor.is_some(), next_cursor };
        Self { page: Page { data, page }, links }
    }
}

/// The same list from another place on.
fn link(call: &Call, cursor: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(call.query.as_bytes()) {
        if name != "page[cursor]" {
            query.append_pair(&name, &value);
        }
    }
    if let Some(cursor) = cursor {
        query.append_pair("page[cursor]", cursor);
    }
    let query = query.finish();
    if query.is_empty() { call.path.clone() } else { format!("{}?{query}", call.path) }
}

impl<T: Serialize + JsonSchema + Send + 'static> Outcome for Listed<T> {
    fn answers(schemas: &mut Schemas) -> Answers {
        let schema = Some(schemas.answered::<Page<T>>());
        vec![Answer { status: 200, description: "A page of the list.", schema, headers: &["Link"] }]
    }

    fn reply(self, _: Option<&str>) -> Reply {
        Reply::of(StatusCode::OK, &self.page).with(header::LINK, &self.links)
    }
}
