//! From a request to an operation that may be run, step by step:
//!
//! 1. [`open`]: the document is found among those that are kept, or it is checked, parsed and opened.
//! 2. [`Opened::price`]: what it asks for is weighed, and its variables are there.
//! 3. [`execute`](super::execute), or whatever else runs it.
//!
//! A face stands between the steps where it has something to say, such as that only queries come by GET, or that somebody
//! has asked for enough.

use super::document::{Document, Documents};
use super::limits::{self, Limits};
use super::{PRICES, Schema, nesting, variables};
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, ServerError};
use std::sync::Arc;

/// Why a document or an operation is refused before it is run.
pub type Refused = Box<ServerError>;

/// A request whose document is known.
pub struct Opened {
    request: Request,
    document: Arc<Document>,
}

/// An operation that may be run.
pub struct Operation {
    pub(super) request: Request,
    pub(super) document: Arc<Document>,
    cost: u64,
}

/// Finds or parses the document of a request.
///
/// # Errors
///
/// If it is no GraphQL, nests too deeply, or is too long.
pub fn open(schema: &Schema, request: Request) -> Result<Opened, Refused> {
    let limits = schema.data::<Limits>().copied();
    let check = || limits.map_or(Ok(()), |limits| nesting::check(&request.query, limits.tokens));
    let opened = match schema.data::<Documents>() {
        Some(documents) => documents.open(&request.query, check),
        None => check().and_then(|()| Document::parse(&request.query)).map(Arc::new),
    };
    Ok(Opened { document: opened?, request })
}

impl Opened {
    /// The type of the operation that is asked for; none if the document has no such operation, which the executor says.
    #[must_use]
    pub fn kind(&self) -> Option<OperationType> {
        self.document.operation(self.request.operation_name.as_deref()).map(|operation| operation.ty)
    }

    /// Requires that the operation asks for no more than it may, and that no variable is missing.
    ///
    /// # Errors
    ///
    /// `TOO_COMPLEX`, or `BAD_USER_INPUT` for a variable that is missing.
    pub fn price(self, schema: &Schema) -> Result<Operation, Refused> {
        let Self { mut request, document } = self;
        let operation = document.operation(request.operation_name.as_deref());
        let cost = match schema.data::<Limits>() {
            Some(limits) => limits::weigh(&document, operation, &request.variables, &PRICES, *limits)?,
            None => 0,
        };
        if let Some(operation) = operation {
            if let Some(error) = variables::missing(operation, &request.variables) {
                return Err(Box::new(error));
            }
            variables::complete(operation, &mut request.variables);
        }
        Ok(Operation { request, document, cost })
    }
}

impl Operation {
    /// What it costs: about the number of nodes and lists that it can make the server load.
    #[must_use]
    pub const fn cost(&self) -> u64 {
        self.cost
    }
}
