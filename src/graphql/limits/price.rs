//! What fields cost, as the schema itself tells: which of them are pages or lists, and of what.

use async_graphql::Value as ConstValue;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition};
use std::collections::HashMap;

/// How long a list is taken to be that has no page size.
const LIST: u64 = 5;

/// How many times what a field returns is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// Once.
    One,
    /// So many times, for a list without a page size.
    Some(u64),
    /// As the arguments `first`, `last` or `limit` say; they are about the lists of what is returned. If none is given,
    /// the schema's default, if it has one.
    Page(Option<u64>),
    /// As many times as the argument `ids` or `representations` has entries.
    Ids,
}

/// What is known of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Price {
    /// The name of the type it returns.
    pub of: String,
    /// How many times.
    pub times: Times,
}

/// What the fields of every type cost.
#[derive(Debug, Default)]
pub struct PriceList {
    fields: HashMap<String, HashMap<String, Price>>,
}

impl PriceList {
    /// Reads the prices from a schema in the schema definition language.
    #[must_use]
    pub fn of_schema(sdl: &str) -> Self {
        // The text is the schema's own; were it none, every field would cost the same.
        let Ok(document) = parse_schema(sdl) else { return Self::default() };
        let mut fields = HashMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let declared = match &definition.node.kind {
                TypeKind::Object(object) => &object.fields,
                TypeKind::Interface(interface) => &interface.fields,
                _ => continue,
            };
            let prices = declared.iter().map(|field| (field.node.name.node.to_string(), price(&field.node)));
            fields.insert(definition.node.name.node.to_string(), prices.collect());
        }
        Self { fields }
    }

    pub(super) fn get(&self, parent: &str, field: &str) -> Option<&Price> {
        self.fields.get(parent)?.get(field)
    }
}

fn price(field: &FieldDefinition) -> Price {
    let has = |name: &str| field.arguments.iter().any(|argument| argument.node.name.node == name);
    let (of, is_list) = base(&field.ty.node);
    let times = match is_list {
        true if has("ids") || has("representations") => Times::Ids,
        true => Times::Some(LIST),
        false if has("first") || has("limit") => Times::Page(default_of(field, "limit")),
        false => Times::One,
    };
    Price { of, times }
}

/// The default of an argument that is a number.
fn default_of(field: &FieldDefinition, argument: &str) -> Option<u64> {
    let argument = field.arguments.iter().find(|candidate| candidate.node.name.node == argument)?;
    match &argument.node.default_value.as_ref()?.node {
        ConstValue::Number(number) => number.as_u64(),
        _ => None,
    }
}

fn base(ty: &Type) -> (String, bool) {
    match &ty.base {
        BaseType::Named(name) => (name.to_string(), false),
        BaseType::List(inner) => (base(inner).0, true),
    }
}
