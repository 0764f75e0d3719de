//! Variables that an operation requires.
//!
//! A variable of a non-null type without a default must be given (GraphQL §6.4.1, `CoerceVariableValues`). The executor
//! only notices where the variable is used in a non-null place, so it is asked for here, before anything runs.

use async_graphql::parser::types::OperationDefinition;
use async_graphql::{ErrorExtensionValues, ServerError, Value, Variables};

/// The first required variable that is not given, as an error; none if nothing is missing.
pub(super) fn missing(operation: &OperationDefinition, variables: &Variables) -> Option<ServerError> {
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
