//! The OpenAPI document, made from the table of operations.

use super::input::{Body, Declared, Parameter, Place};
use super::model::problem::Problem;
use super::operation::{Method, Operation};
use super::operations;
use super::outcome::Answer;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// What the reference calls the server.
const TITLE: &str = "idgraph REST";
/// What there is to know before the operations.
const ABOUT: &str = "Profiles, directories and accounts of an identity graph. The same resolvers answer GraphQL and SCIM, so \
    permissions, validation, history and events are the same.\n\n\
    Send an API token, or a token of the identity provider that the server trusts, as `Authorization: Bearer …`. Unknown \
    fields and parameters are refused. Lists have pages: follow `next_cursor`, or the header `Link`. What is answered about \
    one thing has an `ETag`; send it as `If-Match` to change only what you have seen. Errors are problems as RFC 9457 has \
    them, with a stable `code`, the `field` at fault and the id of the request.";

/// The document, as it is checked in and served.
static TEXT: LazyLock<String> = LazyLock::new(|| {
    // JSON always serialises.
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
});

/// The document as text.
#[must_use]
pub fn text() -> &'static str {
    &TEXT
}

/// Schemas of what is sent and answered. What both have in common has one name and one schema.
pub struct Schemas {
    asked: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self {
            asked: settings().for_deserialize().into_generator(),
            answered: settings().for_serialize().into_generator(),
        }
    }

    /// The schema of what clients send.
    pub fn asked<T: JsonSchema>(&mut self) -> Value {
        self.asked.subschema_for::<T>().to_value()
    }

    /// The schema of what they are answered.
    pub fn answered<T: JsonSchema>(&mut self) -> Value {
        self.answered.subschema_for::<T>().to_value()
    }

    /// The fields of a struct as parameters of a query.
    pub fn parameters<T: JsonSchema>(&mut self) -> Vec<Parameter> {
        let schema = T::json_schema(&mut self.asked).to_value();
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let parameter = |(name, field): (&String, &Value)| {
            let mut field = field.clone();
            let description = field.as_object_mut().and_then(|field| field.remove("description"));
            Parameter {
                place: Place::Query,
                name: name.clone(),
                description: description.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned(),
                schema: without_null(field),
                required: required.contains(&name.as_str()),
            }
        };
        fields.map(parameter).collect()
    }

    fn into_components(mut self) -> Map<String, Value> {
        let mut schemas = self.answered.take_definitions(true);
        schemas.extend(self.asked.take_definitions(true));
        schemas
    }
}

/// A parameter is given or left out; it is never null.
fn without_null(mut schema: Value) -> Value {
    let Some(object) = schema.as_object_mut() else { return schema };
    object.remove("default");
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
        if let [only] = choices.as_slice() {
            return only.clone();
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    schema
}

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    for operation in operations::all() {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(operation.method.name().to_ascii_lowercase(), describe(operation, &mut schemas));
        }
    }
    let problem = schemas.answered::<Problem>();
    let tags: Vec<Value> =
        operations::TAGS.iter().map(|(name, about)| json!({"name": name, "description": about})).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "headers": headers(),
            "responses": {"Problem": {
                "description": "What went wrong.",
                "content": {"application/problem+json": {"schema": problem}},
            }},
            "schemas": schemas.into_components(),
        },
    })
}

fn headers() -> Value {
    let header = |description: &str| json!({"description": description, "schema": {"type": "string"}});
    json!({
        "ETag": header("The version and a mark of what is said."),
        "Link": header("The first page and the next one (RFC 8288)."),
        "Location": header("The place of what was made."),
    })
}

fn describe(operation: &Operation, schemas: &mut Schemas) -> Value {
    let mut declared = Declared::default();
    (operation.declares)(&mut declared, schemas);
    let mut responses = Map::new();
    for answer in (operation.answers)(schemas) {
        responses.insert(answer.status.to_string(), response(answer));
    }
    for (status, _) in refusals(operation, &declared) {
        responses.insert(status.to_string(), json!({"$ref": "#/components/responses/Problem"}));
    }
    let parameters: Vec<Value> = places(operation.path).chain(declared.parameters.iter().map(parameter)).collect();
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(described) = described.as_object_mut() {
        if !operation.description.is_empty() {
            described.insert("description".to_owned(), operation.description.into());
        }
        if let Some(body) = declared.body {
            described.insert("requestBody".to_owned(), request_body(&body));
        }
    }
    described
}

/// With which statuses an operation may refuse, and why.
fn refusals(operation: &Operation, declared: &Declared) -> Vec<(u16, &'static str)> {
    let mut statuses = vec![
        (400, "The request is malformed."),
        (401, "There is no credential, or one of no use."),
        (403, "The credential may not do this."),
        (404, "There is no such thing, or none that the credential may see."),
        (422, "The request says something that cannot be."),
        (429, "Too much was asked for in a short time."),
        (500, "A fault of the server."),
        (503, "Not just now."),
    ];
    // More than one profile may answer to what somebody knows of one.
    if operation.method != Method::Get || operation.path == "/v1/resolve" {
        statuses.push((409, "This contradicts something that exists."));
    }
    if declared.is_conditional {
        statuses.push((412, "It has changed since."));
    }
    // A body is read, and measured, whether one is wanted or not; a page may cost more than there ever is.
    statuses.push((413, "This is more than one request may say or ask for."));
    if declared.body.is_some() {
        statuses.push((415, "The body is said to be something else."));
    }
    statuses
}

fn response(answer: Answer) -> Value {
    let mut response = json!({"description": answer.description});
    if let Some(object) = response.as_object_mut() {
        if let Some(schema) = answer.schema {
            object.insert("content".to_owned(), json!({"application/json": {"schema": schema}}));
        }
        if !answer.headers.is_empty() {
            let header = |name: &&str| ((*name).to_owned(), json!({"$ref": format!("#/components/headers/{name}")}));
            object.insert("headers".to_owned(), answer.headers.iter().map(header).collect());
        }
    }
    response
}

fn request_body(body: &Body) -> Value {
    let content: Map<String, Value> =
        body.media_types.iter().map(|kind| ((*kind).to_owned(), json!({"schema": body.schema}))).collect();
    json!({"required": body.required, "content": content})
}

fn parameter(parameter: &Parameter) -> Value {
    let place = match parameter.place {
        Place::Query => "query",
        Place::Header => "header",
    };
    json!({
        "name": parameter.name,
        "in": place,
        "description": parameter.description,
        "required": parameter.required,
        "schema": parameter.schema,
    })
}

/// The parameters of a path.
fn places(path: &str) -> impl Iterator<Item = Value> + '_ {
    let names = path.split('/').filter_map(|step| step.strip_prefix('{').and_then(|step| step.strip_suffix('}')));
    names.map(move |name| {
        let description = match name {
            "id" if path.starts_with("/v1/organizations") => "The slug or public id of the organization.",
            "id" => "The public id.",
            "member_id" => "The public id of the member.",
            "session_id" => "The public id of the session.",
            "delivery_id" => "The public id of the delivery: that of the event.",
            _ => "The public id of the linked identity.",
        };
        json!({
            "name": name, "in": "path", "required": true, "description": description, "schema": {"type": "string"},
        })
    })
}
