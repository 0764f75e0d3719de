//! Variables that an operation requires, and those that it does not.
//!
//! A variable of a non-null type without a default must be given (GraphQL §6.4.1, `CoerceVariableValues`). The executor
//! only notices where the variable is used in a non-null place, so it is asked for here, before anything runs.
//!
//! A variable that is not given has its default. The executor knows that for arguments, and not for `@skip` and `@include`,
//! so what is not given is given here.

use super::failure::refusal;
use crate::domain::ErrorCode;
use async_graphql::parser::types::OperationDefinition;
use async_graphql::{ServerError, Value, Variables};

/// The first required variable that is not given, as an error; none if nothing is missing.
pub(super) fn missing(operation: &OperationDefinition, variables: &Variables) -> Option<ServerError> {
    let definitions = operation.variable_definitions.iter().map(|definition| &definition.node);
    let mut required =
        definitions.filter(|definition| !definition.var_type.node.nullable && definition.default_value.is_none());
    let definition =
        required.find(|definition| matches!(variables.get(&definition.name.node), None | Some(Value::Null)))?;
    let message = format!("The variable ${} is required; give it a value.", definition.name.node);
    let mut error = refusal(ErrorCode::InvalidInput.as_str(), message, Some(definition.name.pos));
    error.extensions.get_or_insert_default().set("field", definition.name.node.as_str());
    Some(error)
}

/// Gives each variable that is not given its default, if it has one.
pub(super) fn complete(operation: &OperationDefinition, variables: &mut Variables) {
    for definition in &operation.variable_definitions {
        let name = &definition.node.name.node;
        if let Some(default) = definition.node.default_value.as_ref().filter(|_| !variables.contains_key(name)) {
            variables.insert(name.clone(), default.node.clone());
        }
    }
}
