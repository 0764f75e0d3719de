//! The GraphQL face: the schema, and how one operation runs.
//!
//! Types and fields stand in files by noun; `mutation/` has the roots of writing. A resolver asks [`loaders`] (or, at a
//! root, the reader) and presents; it decides nothing. Batches run in [`wave`]s.

pub mod activity;
pub mod alert;
pub mod collective;
pub mod connection;
pub mod contact;
mod details;
mod document;
pub mod event;
pub mod exploration;
mod extension;
pub mod failure;
pub mod federation;
mod feed;
pub mod filter;
pub mod identity;
pub mod inputs;
mod limits;
mod lists;
mod loaders;
mod moment;
pub mod mutation;
mod nesting;
pub mod network;
pub mod node;
pub mod operation;
pub mod organization;
pub mod profile;
pub mod query;
mod relations;
mod request;
pub mod risk;
mod risk_policy;
pub mod role;
pub mod scalars;
pub mod search;
pub mod subscription;
mod variables;
pub mod viewer;
pub mod walk;
mod wave;
pub mod webhook;

use crate::config::GraphqlConfig;
use crate::resolvers::{App, Viewer};
use async_graphql::{Response, SDLExportOptions, ValidationMode, Value, value};
use document::{Document, Documents, InputTypes, Lesson};
use futures::future::Either;
use futures::stream::{self, Stream, StreamExt};
use limits::{Limits, PriceList};
use loaders::Loaders;
use operation::Operation;
use request::{PageSizes, Request};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use wave::Waves;

/// The schema.
pub type Schema = async_graphql::Schema<query::Query, mutation::Mutation, subscription::Subscription>;

/// What the fields of the schema cost.
static PRICES: LazyLock<PriceList> = LazyLock::new(|| PriceList::of_schema(&sdl()));
/// The types that variables may have.
static INPUTS: LazyLock<InputTypes> = LazyLock::new(|| InputTypes::of_schema(&sdl()));

/// Puts the schema together.
#[must_use]
pub fn build(config: &GraphqlConfig) -> Schema {
    // Not only with the first request, which would wait for it.
    LazyLock::force(&PRICES);
    LazyLock::force(&INPUTS);
    let trusting = configured(config).validation_mode(ValidationMode::Fast).finish();
    configured(config).data(Documents::new(trusting)).finish()
}

fn configured(config: &GraphqlConfig) -> Builder {
    let sizes = PageSizes {
        default: u32::try_from(config.default_page_size).unwrap_or(u32::MAX),
        max: u32::try_from(config.max_page_size).unwrap_or(u32::MAX),
    };
    let mut builder =
        describe(Schema::build(query::Query::default(), mutation::Mutation::default(), subscription::Subscription))
            .data(sizes)
            .data(Limits {
                cost: config.max_cost,
                depth: config.max_depth as u64,
                root_fields: config.max_root_fields as u64,
                aliases: config.max_aliases as u64,
                directives: config.max_directives as u64,
                tokens: config.max_tokens,
                page_size: u64::from(sizes.default),
                introspection: config.introspection,
            });
    if !config.introspection {
        builder = builder.disable_introspection();
    }
    if !config.suggestions || !config.introspection {
        builder = builder.disable_suggestions();
    }
    builder
}

type Builder = async_graphql::SchemaBuilder<query::Query, mutation::Mutation, subscription::Subscription>;

/// Describes the types whose description cannot stand where they are declared.
fn describe(builder: Builder) -> Builder {
    builder
        .register_output_type::<node::Auditable>()
        .register_output_type::<collective::Collective>()
        .override_output_type_description::<profile::User>("A person.")
        .override_output_type_description::<profile::ServiceAccount>("A program that acts under an account of its own.")
        .override_output_type_description::<profile::Bot>("An automated participant, such as a chat bot or an agent.")
        .override_output_type_description::<query::Query>("The roots of reading.")
        .override_output_type_description::<mutation::Mutation>("The roots of writing: one input and one payload each.")
}

/// The schema in the schema definition language, as it is checked in.
#[must_use]
pub fn sdl() -> String {
    let schema =
        describe(Schema::build(query::Query::default(), mutation::Mutation::default(), subscription::Subscription))
            .finish();
    let mut sdl =
        schema.sdl_with_options(SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items());
    sdl.truncate(sdl.trim_end().len());
    sdl.push('\n');
    sdl
}

/// Runs one operation as that viewer.
pub async fn execute(
    schema: &Schema,
    app: &Arc<App>,
    viewer: Viewer,
    max_nodes: usize,
    operation: Operation,
) -> Response {
    let Prepared { request, waves, schema: fit, lesson, cost } =
        prepare(schema, app, viewer, (max_nodes, Duration::MAX), operation);
    let response = waves.run(fit.execute(request)).await;
    if let (Some(documents), Some((document, lesson)), true) =
        (schema.data::<Documents>(), lesson, is_executed(&response))
    {
        documents.keep(&document, &lesson);
    }
    tell_cost(schema, cost, response)
}

/// Runs one subscription as that viewer: an answer for each thing that happens, until somebody stops asking for more.
/// Nothing is read for whoever does not ask. `poll` is how long to wait for news before there is a look all the same.
pub fn execute_stream(
    schema: &Schema,
    app: &Arc<App>,
    viewer: Viewer,
    limits: (usize, Duration),
    operation: Operation,
) -> impl Stream<Item = Response> + Send + use<> {
    let asked = operation.document.operation(operation.request.operation_name.as_deref());
    if let Some(error) = asked.and_then(subscription::without_one_root) {
        return Either::Right(stream::iter([Response::from_errors(vec![error])]));
    }
    let Prepared { request, waves, schema: fit, cost, .. } = prepare(schema, app, viewer, limits, operation);
    let (answers, schema) = (waves.stream(fit.execute_stream(request)), schema.clone());
    Either::Left(answers.map(move |answer| tell_cost(&schema, cost, answer)))
}

/// A request that is ready to run.
struct Prepared<'a> {
    request: async_graphql::Request,
    /// In which its batches run.
    waves: Waves,
    /// The schema that runs it: the one that validates no more, if the document is known to be valid with these variables.
    schema: &'a Schema,
    /// What is learnt about the document if it is executed.
    lesson: Option<(Arc<Document>, Lesson)>,
    /// What it costs, for those who want to be told.
    cost: Option<u64>,
}

/// Gives an operation what its resolvers ask for.
fn prepare<'a>(
    schema: &'a Schema,
    app: &Arc<App>,
    viewer: Viewer,
    (max_nodes, poll): (usize, Duration),
    operation: Operation,
) -> Prepared<'a> {
    let cost = operation.cost();
    let Operation { mut request, document, .. } = operation;
    let tells_cost = request.extensions.get("cost") == Some(&Value::Boolean(true));
    let waves = Waves::default();
    let loaders = Loaders::new(Arc::clone(app), viewer.clone(), max_nodes, waves.clone());
    let page_sizes = schema.data::<PageSizes>().copied().unwrap_or(PageSizes { default: 25, max: 100 });
    request.set_parsed_query(document.parsed().clone());
    let trusting = schema.data::<Documents>().filter(|_| document.is_valid_with(&request.variables, &INPUTS));
    let trusting = trusting.map(Documents::trusting);
    let lesson = trusting.is_none().then(|| document.lesson(&request.variables));
    let request = request.data(Request { app: Arc::clone(app), viewer, loaders, page_sizes, poll });
    Prepared {
        request,
        waves,
        schema: trusting.unwrap_or(schema),
        lesson: lesson.map(|lesson| (document, lesson)),
        cost: tells_cost.then_some(cost),
    }
}

/// Whether the operation was executed, and not refused before.
#[must_use]
pub fn is_executed(response: &Response) -> bool {
    // An error with a path is that of a field, and a field has an error only in an execution.
    response.data != Value::Null || response.errors.iter().any(|error| !error.path.is_empty())
}

/// Adds what is said to those who ask with `"extensions": {"cost": true}`.
fn tell_cost(schema: &Schema, cost: Option<u64>, response: Response) -> Response {
    let Some(cost) = cost else { return response };
    let limit = schema.data::<Limits>().map_or(0, |limits| limits.cost);
    response.extension("cost", value!({ "requested": cost, "limit": limit }))
}
