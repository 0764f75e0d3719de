//! Variables that an operation requires.
//!
//! A variable of a non-null type without a default must be given (GraphQL §6.4.1, `CoerceVariableValues`). The executor
//! only notices where the variable is used in a non-null place, so it is asked for here, before anything runs.

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};
use async_graphql::{ErrorExtensionValues, Request, ServerError, Value};

/// The first required variable that the request does not give, as an error; none if nothing is missing, or if the document
/// does not parse, which the executor will say.
pub(super) fn missing(request: &mut Request) -> Option<ServerError> {
    let name = request.operation_name.clone();
    let variables = request.variables.clone();
    let operation = operation(request.parsed_query().ok()?, name.as_deref())?;
    let definitions = operation.variable_definitions.iter().map(|definition| &definition.node);
    let mut required =
        definitions.filter(|definition| !definition.var_type.node.nullable && definition.default_value.is_none());
    let definition =
        required.find(|definition| matches!(variables.get(&definition.name.node), None | Some(Value::Null)))?;
    let message = format!("The variable ${} is required; give it a value.", definition.name.node);
    let mut error = ServerError::new(message, Some(definition.name.pos));
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", "BAD_USER_INPUT");
    extensions.set("field", definition.name.node.as_str());
    error.extensions = Some(extensions);
    Some(error)
}

/// The operation of a document that is to be executed, if it is clear which.
pub(super) fn operation<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(&operation.node),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name).map(|operation| &operation.node),
        (DocumentOperations::Multiple(_), None) => None,
    }
}
