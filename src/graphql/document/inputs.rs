//! Whether the value of a variable is one that validation finds nothing wrong with.
//!
//! The executor looks at values of variables only while it validates a document strictly. A document that is known to be
//! valid is not validated again, so its variables are looked at here, by the types that it declares for them. This is more
//! severe than the executor: what it does not know for certain to be right is left to strict validation, which finds the
//! words for what is wrong. It never has to find words itself.

use async_graphql::Value;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, InputObjectType, Type, TypeDefinition, TypeKind, TypeSystemDefinition};
use std::collections::{HashMap, HashSet};

/// The scalars whose values are texts, and any text will do as far as validation is concerned.
const TEXTS: [&str; 6] = ["String", "ID", "DateTime", "EmailAddress", "URL", "CountryCode"];
/// The scalars that take any value.
const ANYTHING: [&str; 2] = ["JSON", "_Any"];

/// The types that variables may have.
#[derive(Debug, Default)]
pub struct InputTypes(HashMap<String, Input>);

/// What is known of a type.
#[derive(Debug)]
enum Input {
    Scalar(fn(&Value) -> bool),
    Enum(HashSet<String>),
    Object {
        fields: HashMap<String, Type>,
        /// The fields that must be given.
        required: Vec<String>,
        /// Whether exactly one field must be given.
        one_of: bool,
    },
}

impl InputTypes {
    /// Reads the types from a schema in the schema definition language.
    #[must_use]
    pub fn of_schema(sdl: &str) -> Self {
        // The text is the schema's own; were it none, no value would be accepted, and every document validated each time.
        let Ok(document) = parse_schema(sdl) else { return Self::default() };
        let definitions = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            _ => None,
        });
        let mut types: HashMap<String, Input> = definitions
            .filter_map(|definition| Some((definition.name.node.to_string(), input(&definition)?)))
            .collect();
        // The scalars of the language are not defined in a schema.
        for name in ["Int", "Float", "Boolean", "String", "ID"] {
            types.extend(scalar(name).map(|input| (name.to_owned(), input)));
        }
        Self(types)
    }

    /// Whether a value is certainly one of the type.
    pub(super) fn accept(&self, ty: &Type, value: &Value) -> bool {
        if *value == Value::Null {
            return ty.nullable;
        }
        match (&ty.base, value) {
            (BaseType::List(of), Value::List(entries)) => entries.iter().all(|entry| self.accept(of, entry)),
            (BaseType::List(of), single) => self.accept(of, single),
            (BaseType::Named(name), _) => self.0.get(name.as_str()).is_some_and(|input| self.fits(input, value)),
        }
    }

    fn fits(&self, input: &Input, value: &Value) -> bool {
        match (input, value) {
            (Input::Scalar(fits), value) => fits(value),
            (Input::Enum(names), Value::String(name)) => names.contains(name),
            (Input::Enum(names), Value::Enum(name)) => names.contains(name.as_str()),
            (Input::Object { fields, required, one_of }, Value::Object(given)) => {
                required.iter().all(|name| given.contains_key(name.as_str()))
                    && given
                        .iter()
                        .all(|(name, value)| fields.get(name.as_str()).is_some_and(|ty| self.accept(ty, value)))
                    && (!one_of || given.len() == 1 && given.values().all(|value| *value != Value::Null))
            }
            _ => false,
        }
    }
}

fn input(definition: &TypeDefinition) -> Option<Input> {
    match &definition.kind {
        TypeKind::Scalar => scalar(definition.name.node.as_str()),
        TypeKind::Enum(values) => {
            Some(Input::Enum(values.values.iter().map(|value| value.node.value.node.to_string()).collect()))
        }
        TypeKind::InputObject(object) => {
            let one_of = definition.directives.iter().any(|directive| directive.node.name.node == "oneOf");
            Some(object_of(object, one_of))
        }
        _ => None,
    }
}

fn object_of(object: &InputObjectType, one_of: bool) -> Input {
    let fields = object.fields.iter().map(|field| &field.node);
    let required = fields.clone().filter(|field| !field.ty.node.nullable && field.default_value.is_none());
    Input::Object {
        required: required.map(|field| field.name.node.to_string()).collect(),
        fields: fields.map(|field| (field.name.node.to_string(), field.ty.node.clone())).collect(),
        one_of,
    }
}

/// What a scalar takes; none for one that is not known here.
fn scalar(name: &str) -> Option<Input> {
    let fits: fn(&Value) -> bool = match name {
        // Some numbers are signed and some are not; what is both is right for either.
        "Int" => |value| matches!(value, Value::Number(number) if number.is_i64() && number.is_u64()),
        "Float" => |value| matches!(value, Value::Number(_)),
        "Boolean" => |value| matches!(value, Value::Boolean(_)),
        name if TEXTS.contains(&name) => |value| matches!(value, Value::String(_)),
        name if ANYTHING.contains(&name) => |_| true,
        _ => return None,
    };
    Some(Input::Scalar(fits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    const SDL: &str = "type Query { a: Int }
        enum Colour { RED GREEN }
        scalar DateTime
        scalar JSON
        scalar Unheard
        input Filter { eq: String, in: [String!], at: DateTime, not: Filter, colour: Colour, extra: JSON }
        input Needy { id: ID!, size: Int! = 3 }
        input Key @oneOf { id: ID, name: String }";

    fn accepts(ty: &str, value: Json) -> bool {
        let value = Value::from_json(value).expect("a value");
        InputTypes::of_schema(SDL).accept(&Type::new(ty).expect("a type"), &value)
    }

    #[test]
    fn what_is_right_is_accepted() {
        for (ty, value) in [
            ("Int", json!(3)),
            ("Int", json!(null)),
            ("Float!", json!(1.5)),
            ("Boolean!", json!(false)),
            ("ID!", json!("x")),
            ("[String!]!", json!(["a", "b"])),
            ("[String!]", json!("alone")),
            ("[Int]", json!([1, null])),
            ("Colour", json!("RED")),
            ("JSON", json!({"a": [1, {"b": null}]})),
            ("Filter", json!({"eq": null, "in": ["a"], "not": {"colour": "GREEN"}, "extra": 1, "at": "whenever"})),
            ("Needy!", json!({"id": "x"})),
            ("Key!", json!({"name": "x"})),
        ] {
            assert!(accepts(ty, value.clone()), "{value} is no {ty}");
        }
    }

    #[test]
    fn what_is_wrong_or_not_known_is_not() {
        for (ty, value) in [
            ("Int", json!("3")),
            ("Int", json!(3.5)),
            ("Int", json!(-3)),
            ("Int!", json!(null)),
            ("String", json!(3)),
            ("Boolean", json!("true")),
            ("[String!]", json!(["a", null])),
            ("[String]!", json!(null)),
            ("Colour", json!("BLUE")),
            ("Colour", json!(1)),
            ("Filter", json!("x")),
            ("Filter", json!({"eq": 1})),
            ("Filter", json!({"not": {"nonsense": 1}})),
            ("Needy", json!({})),
            ("Needy", json!({"id": "x", "size": null})),
            ("Key", json!({})),
            ("Key", json!({"id": "x", "name": "y"})),
            ("Key", json!({"id": null})),
            ("Unheard", json!("x")),
            ("Nonsense", json!("x")),
            ("Query", json!({})),
        ] {
            assert!(!accepts(ty, value.clone()), "{value} is taken for a {ty}");
        }
    }
}
