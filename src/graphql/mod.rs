//! The GraphQL face: the schema, and how one operation runs.
//!
//! Types and fields stand in files by noun; `mutation/` has the roots of writing. A resolver asks [`loaders`] (or, at a
//! root, the reader) and presents; it decides nothing. Batches run in [`wave`]s.

pub mod collective;
pub mod connection;
pub mod contact;
pub mod event;
pub mod exploration;
pub mod failure;
pub mod federation;
pub mod filter;
pub mod identity;
pub mod inputs;
mod limits;
mod lists;
mod loaders;
mod moment;
pub mod mutation;
pub mod node;
pub mod organization;
pub mod profile;
pub mod query;
mod relations;
mod request;
pub mod role;
pub mod scalars;
pub mod search;
pub mod subscription;
mod variables;
pub mod viewer;
pub mod walk;
mod wave;

use crate::config::GraphqlConfig;
use crate::resolvers::{App, Viewer};
use async_graphql::{Response, SDLExportOptions, ServerError, Value, value};
use futures::Stream;
use futures::future::Either;
use futures::stream::{self, StreamExt};
use limits::{Limits, PriceList};
use loaders::Loaders;
use request::{PageSizes, Request};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use wave::Waves;

/// The schema.
pub type Schema = async_graphql::Schema<query::Query, mutation::Mutation, subscription::Subscription>;

/// What the fields of the schema cost.
static PRICES: LazyLock<PriceList> = LazyLock::new(|| PriceList::of_schema(&sdl()));

/// Puts the schema together.
#[must_use]
pub fn build(config: &GraphqlConfig) -> Schema {
    let sizes = PageSizes {
        default: u32::try_from(config.default_page_size).unwrap_or(u32::MAX),
        max: u32::try_from(config.max_page_size).unwrap_or(u32::MAX),
    };
    // Not only with the first request, which would wait for it.
    LazyLock::force(&PRICES);
    let mut builder =
        describe(Schema::build(query::Query::default(), mutation::Mutation::default(), subscription::Subscription))
            .data(sizes)
            .data(Limits {
                cost: config.max_cost,
                depth: config.max_depth as u64,
                root_fields: config.max_root_fields as u64,
                aliases: config.max_aliases as u64,
                directives: config.max_directives as u64,
                page_size: u64::from(sizes.default),
                introspection: config.introspection,
            });
    if !config.introspection {
        builder = builder.disable_introspection();
    }
    if !config.suggestions || !config.introspection {
        builder = builder.disable_suggestions();
    }
    builder.finish()
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
    request: async_graphql::Request,
) -> Response {
    match prepare(schema, app, viewer, (max_nodes, Duration::MAX), request) {
        Ok(Prepared { request, waves, cost }) => tell_cost(schema, cost, waves.run(schema.execute(request)).await),
        Err(error) => Response::from_errors(vec![*error]),
    }
}

/// Runs one subscription as that viewer: an answer for each thing that happens, until somebody stops asking for more.
/// Nothing is read for whoever does not ask. `poll` is how long to wait for news before there is a look all the same.
pub fn execute_stream(
    schema: &Schema,
    app: &Arc<App>,
    viewer: Viewer,
    (max_nodes, poll): (usize, Duration),
    mut request: async_graphql::Request,
) -> impl Stream<Item = Response> + Send + use<> {
    let prepared = match subscription::without_one_root(&mut request) {
        Some(error) => Err(Box::new(error)),
        None => prepare(schema, app, viewer, (max_nodes, poll), request),
    };
    match prepared {
        Ok(Prepared { request, waves, cost }) => {
            let schema = schema.clone();
            let answers = waves.stream(schema.execute_stream(request));
            Either::Left(answers.map(move |answer| tell_cost(&schema, cost, answer)))
        }
        Err(error) => Either::Right(stream::iter([Response::from_errors(vec![*error])])),
    }
}

/// A request that may run, with the waves that it is to run in.
struct Prepared {
    request: async_graphql::Request,
    waves: Waves,
    /// What it costs, for those who want to be told.
    cost: Option<u64>,
}

/// Weighs an operation, and gives it what its resolvers ask for.
fn prepare(
    schema: &Schema,
    app: &Arc<App>,
    viewer: Viewer,
    (max_nodes, poll): (usize, Duration),
    mut request: async_graphql::Request,
) -> Result<Prepared, Box<ServerError>> {
    let cost = price(schema, &mut request)?;
    if let Some(error) = variables::missing(&mut request) {
        return Err(Box::new(error));
    }
    let tells_cost = request.extensions.get("cost") == Some(&Value::Boolean(true));
    let waves = Waves::default();
    let loaders = Loaders::new(Arc::clone(app), viewer.clone(), max_nodes, waves.clone());
    let page_sizes = schema.data::<PageSizes>().copied().unwrap_or(PageSizes { default: 25, max: 100 });
    let request = request.data(Request { app: Arc::clone(app), viewer, loaders, page_sizes, poll });
    Ok(Prepared { request, waves, cost: tells_cost.then_some(cost) })
}

/// What the operation of a request costs, if it asks for no more than it may.
fn price(schema: &Schema, request: &mut async_graphql::Request) -> Result<u64, Box<ServerError>> {
    schema.data::<Limits>().map_or(Ok(0), |limits| limits::weigh(request, &PRICES, *limits))
}

/// Adds what is said to those who ask with `"extensions": {"cost": true}`.
fn tell_cost(schema: &Schema, cost: Option<u64>, response: Response) -> Response {
    let Some(cost) = cost else { return response };
    let limit = schema.data::<Limits>().map_or(0, |limits| limits.cost);
    response.extension("cost", value!({ "requested": cost, "limit": limit }))
}
