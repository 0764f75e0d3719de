//! What a document is made of, as far as its keeping depends on it.

use async_graphql::parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value};
use std::collections::HashSet;

/// What was found in a document.
#[derive(Debug, Default)]
pub(super) struct Usage {
    /// The variables that stand inside of a list or an object somewhere.
    pub nested: HashSet<Name>,
    /// How many fields, spreads, arguments, values and directives there are.
    pub parts: u64,
}

impl Usage {
    /// Looks through a document. It nests no deeper than documents may.
    pub(super) fn of(document: &ExecutableDocument) -> Self {
        let mut usage = Self::default();
        for (_, operation) in document.operations.iter() {
            usage.parts += 1 + operation.node.variable_definitions.len() as u64;
            usage.directives(&operation.node.directives);
            usage.set(&operation.node.selection_set.node);
        }
        for fragment in document.fragments.values() {
            usage.parts += 1;
            usage.directives(&fragment.node.directives);
            usage.set(&fragment.node.selection_set.node);
        }
        usage
    }

    fn set(&mut self, set: &SelectionSet) {
        for selection in &set.items {
            self.parts += 1;
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => self.field(&field.node),
                Selection::InlineFragment(fragment) => self.set(&fragment.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn field(&mut self, field: &Field) {
        for (_, value) in &field.arguments {
            self.argument(|see| value.node.clone().into_const_with(see));
        }
        self.set(&field.selection_set.node);
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        for directive in directives {
            self.parts += 1;
            for (_, value) in &directive.node.arguments {
                self.argument(|see| value.node.clone().into_const_with(see));
            }
        }
    }

    /// Looks at the value of an argument, whose variables are put in by `fill`.
    fn argument(&mut self, fill: impl FnOnce(&mut dyn FnMut(Name) -> Result<Value, ()>) -> Result<Value, ()>) {
        let mut variables = Vec::new();
        let value = fill(&mut |name| {
            variables.push(name);
            Ok(Value::Null)
        });
        let value = value.unwrap_or_default();
        self.parts += parts(&value);
        // A variable that stands alone has become null; what has variables and is more than that has them inside.
        if value != Value::Null {
            self.nested.extend(variables);
        }
    }
}

/// How many values a value consists of.
fn parts(value: &Value) -> u64 {
    match value {
        Value::List(entries) => entries.iter().map(parts).sum::<u64>() + 1,
        Value::Object(fields) => fields.values().map(parts).sum::<u64>() + 1,
        _ => 1,
    }
}
