//! What a document asks for, weighed before any of it is validated or run.
//!
//! A fragment that spreads another twice doubles it, and twenty of them make a million fields of a few hundred bytes. So
//! everything is counted as often as its fragments are spread, each fragment once ([`Weigher`] remembers what it weighs).
//!
//! The *cost* of an operation is about the number of nodes and lists that it can make the server load: 1 for each field
//! that returns an object, times the sizes of the pages around it. A page that does not say its size has the default one;
//! a list that has none is taken to have five entries.

mod price;

pub use price::PriceList;

use super::document::Document;
use super::failure::refusal;
use crate::domain::ErrorCode;
use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, ServerError, Value, Variables};
use price::{Price, Times};
use std::cell::Cell;
use std::collections::HashMap;
use std::ptr;

/// The most fields that a document may select, each counted as often as its fragments are spread.
const MAX_SELECTIONS: u64 = 5_000;
/// What a mutation costs, besides what it returns.
const MUTATION: u64 = 10;
/// The lists of the introspection schema that lead back to themselves.
const CIRCULAR: [&str; 6] = ["types", "fields", "inputFields", "interfaces", "possibleTypes", "args"];

/// How much a request may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The greatest cost of an operation.
    pub cost: u64,
    /// How deep fields may nest.
    pub depth: u64,
    /// The most root fields of an operation.
    pub root_fields: u64,
    /// The most aliases of a document.
    pub aliases: u64,
    /// The most directives of a document.
    pub directives: u64,
    /// The most words and punctuation marks of a document.
    pub tokens: usize,
    /// The size of a page that does not say its size.
    pub page_size: u64,
    /// Whether the schema may be read, also in the form that gateways read.
    pub introspection: bool,
}

/// What a part of a document weighs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Weight {
    fields: u64,
    aliases: u64,
    directives: u64,
    cost: u64,
    depth: u64,
    /// Whether an introspection leads in a circle.
    circular: bool,
    /// Whether the schema is asked for in the form that gateways read.
    tells_schema: bool,
}

impl Weight {
    const fn and(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            cost: self.cost.saturating_add(other.cost),
            depth: if self.depth > other.depth { self.depth } else { other.depth },
            circular: self.circular || other.circular,
            tells_schema: self.tells_schema || other.tells_schema,
        }
    }
}

/// Requires that the document asks for no more than it may, and says what the operation that is to be run costs; one that
/// the document does not have costs nothing.
pub(super) fn weigh(
    document: &Document,
    run: Option<&OperationDefinition>,
    variables: &Variables,
    prices: &PriceList,
    limits: Limits,
) -> Result<u64, Box<ServerError>> {
    if let Some(cost) = document.price.get() {
        return Ok(*cost);
    }
    let parsed = document.parsed();
    let mut total = Weight::default();
    let (mut cost, mut has_run, mut depends) = (0, false, false);
    for (_, operation) in parsed.operations.iter() {
        let mut weigher = Weigher {
            document: parsed,
            operation: &operation.node,
            prices,
            variables,
            limits,
            known: HashMap::new(),
            depends: Cell::new(false),
        };
        let weight = weigher.operation();
        depends |= weigher.depends.get();
        total = total.and(weight);
        if run.is_some_and(|run| ptr::eq(run, &raw const operation.node)) {
            (cost, has_run) = (weight.cost, true);
        }
    }
    check(parsed, total, run, limits)?;
    if cost > limits.cost {
        let message = format!(
            "This operation can load about {cost} nodes, and {} is the limit; ask for smaller pages or fewer levels.",
            limits.cost
        );
        let mut error = too_complex(message);
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("cost", cost);
        extensions.set("limit", limits.cost);
        return Err(error);
    }
    if has_run && !depends && parsed.operations.iter().len() == 1 {
        // Another thread may have found the same.
        let _ = document.price.set(cost);
    }
    Ok(cost)
}

fn check(
    document: &ExecutableDocument,
    total: Weight,
    run: Option<&OperationDefinition>,
    limits: Limits,
) -> Result<(), Box<ServerError>> {
    within("fields, with its fragments spread", total.fields, MAX_SELECTIONS)?;
    // Only now is it known that there are not too many to be walked one by one.
    within("root fields", run.map_or(0, |run| root_fields(&run.selection_set, document)), limits.root_fields)?;
    within("levels of fields", total.depth, limits.depth)?;
    within("aliases", total.aliases, limits.aliases)?;
    within("directives", total.directives, limits.directives)?;
    if total.circular {
        return Err(too_complex(
            "This introspection leads in a circle; ask for types, and for each what it refers to.",
        ));
    }
    if total.tells_schema && !limits.introspection {
        let message = "This server does not tell its schema.";
        return Err(Box::new(refusal(ErrorCode::Forbidden.as_str(), message, None)));
    }
    Ok(())
}

fn within(what: &str, count: u64, limit: u64) -> Result<(), Box<ServerError>> {
    if count <= limit {
        return Ok(());
    }
    Err(too_complex(format!("This document has more than {limit} {what}, which is the limit; ask for fewer.")))
}

fn too_complex(message: impl Into<String>) -> Box<ServerError> {
    Box::new(refusal(ErrorCode::TooComplex.as_str(), message, None))
}

/// Where a selection set stands: what its fields cost depends on that, and on nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Place<'a> {
    /// The type whose fields are selected.
    parent: &'a str,
    /// The size of the page that the type is, if it is one.
    page: Option<u64>,
    /// Which of the circular lists of the introspection schema lead here, as bits.
    introspected: u8,
}

/// Weighs the selections of one operation.
struct Weigher<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    prices: &'a PriceList,
    variables: &'a Variables,
    limits: Limits,
    known: HashMap<(&'a Name, Place<'a>), Weight>,
    /// Whether a variable has had a say in it.
    depends: Cell<bool>,
}

impl<'a> Weigher<'a> {
    fn operation(&mut self) -> Weight {
        let parent = match self.operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let weight = self.set(&self.operation.selection_set, Place { parent, page: None, introspected: 0 });
        Weight { directives: weight.directives.saturating_add(self.operation.directives.len() as u64), ..weight }
    }

    fn set(&mut self, set: &'a Positioned<SelectionSet>, place: Place<'a>) -> Weight {
        set.node.items.iter().fold(Weight::default(), |total, selection| {
            total.and(match &selection.node {
                Selection::Field(field) => self.field(&field.node, place),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let parent = condition.map_or(place.parent, |condition| condition.node.on.node.as_str());
                    let weight = self.set(&fragment.node.selection_set, Place { parent, ..place });
                    Weight {
                        directives: weight.directives.saturating_add(fragment.node.directives.len() as u64),
                        ..weight
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let weight = self.fragment(&spread.node.fragment_name.node, place);
                    Weight {
                        directives: weight.directives.saturating_add(spread.node.directives.len() as u64),
                        ..weight
                    }
                }
            })
        })
    }

    fn fragment(&mut self, name: &'a Name, place: Place<'a>) -> Weight {
        let Some(fragment) = self.document.fragments.get(name) else { return Weight::default() };
        let place = Place { parent: fragment.node.type_condition.node.on.node.as_str(), ..place };
        if let Some(weight) = self.known.get(&(name, place)) {
            return *weight;
        }
        // A fragment that spreads itself is weighed once; validation refuses it.
        self.known.insert((name, place), Weight::default());
        let weight = self.set(&fragment.node.selection_set, place);
        self.known.insert((name, place), weight);
        weight
    }

    fn field(&mut self, field: &'a Field, place: Place<'a>) -> Weight {
        let name = field.name.node.as_str();
        let own = Weight {
            fields: 1,
            depth: 1,
            aliases: u64::from(field.alias.is_some()),
            directives: field.directives.len() as u64,
            tells_schema: name == "_service",
            ..Weight::default()
        };
        if field.selection_set.node.items.is_empty() {
            return own;
        }
        if name.starts_with("__") || place.introspected > 0 {
            return own.and(self.introspection(field, place));
        }
        let prices = self.prices;
        let price = prices.get(place.parent, name);
        let own_page = price.and_then(|price| match price.times {
            Times::Page(default) => Some(self.page_size(field, default)),
            _ => None,
        });
        let times = match price.map(|price| price.times) {
            Some(Times::Ids) => self.length(field, "ids").max(self.length(field, "representations")),
            Some(Times::Some(entries)) => place.page.unwrap_or(entries),
            _ => 1,
        };
        let parent = price.map_or("", |Price { of, .. }| of.as_str());
        let inner = self.set(&field.selection_set, Place { parent, page: own_page, introspected: 0 });
        // The edges of a page are counted by their nodes.
        let itself = match (place.parent, name) {
            (_, "edges") if place.page.is_some() => 0,
            ("Mutation", _) => MUTATION,
            _ => 1,
        };
        let cost = times.saturating_mul(inner.cost.saturating_add(itself));
        own.and(Weight { cost, depth: inner.depth.saturating_add(1), ..inner })
    }

    fn introspection(&mut self, field: &'a Field, place: Place<'a>) -> Weight {
        let bit = CIRCULAR.iter().position(|name| *name == field.name.node.as_str()).map_or(0, |place| 1_u8 << place);
        // The highest bit says that introspection has begun.
        let introspected = place.introspected | bit | 0x80;
        let inner = self.set(&field.selection_set, Place { parent: "", page: None, introspected });
        let circular = inner.circular || place.introspected & bit > 0;
        Weight { cost: inner.cost.saturating_add(1), depth: inner.depth.saturating_add(1), circular, ..inner }
    }

    fn page_size(&self, field: &Field, default: Option<u64>) -> u64 {
        let sizes = ["first", "last", "limit"].into_iter().filter_map(|name| self.argument(field, name));
        let size = sizes.filter_map(|value| match value {
            Value::Number(number) => number.as_u64(),
            _ => None,
        });
        size.max().or(default).unwrap_or(self.limits.page_size)
    }

    fn length(&self, field: &Field, argument: &str) -> u64 {
        match self.argument(field, argument) {
            Some(Value::List(entries)) => entries.len() as u64,
            _ => 1,
        }
    }

    /// The value of an argument, as it is written or as the variable in its place has it.
    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let value = &field.get_argument(name)?.node;
        value.clone().into_const_with(|variable| Ok::<_, ()>(self.variable(&variable))).ok()
    }

    fn variable(&self, name: &Name) -> Value {
        self.depends.set(true);
        let given = self.variables.get(name);
        let declared = || {
            let definitions = self.operation.variable_definitions.iter();
            let definition =
                definitions.map(|definition| &definition.node).find(|definition| definition.name.node == *name);
            definition.and_then(|definition| definition.default_value.as_ref()).map(|value| value.node.clone())
        };
        given.cloned().or_else(declared).unwrap_or_default()
    }
}

/// How many root fields there are, each counted as often as its fragments are spread.
fn root_fields(set: &Positioned<SelectionSet>, document: &ExecutableDocument) -> u64 {
    // Validation refuses fragments that spread themselves; without, none is deeper than there are fragments.
    fn count(set: &Positioned<SelectionSet>, document: &ExecutableDocument, left: usize) -> u64 {
        set.node.items.iter().fold(0_u64, |total, selection| {
            total.saturating_add(match &selection.node {
                Selection::Field(_) => 1,
                Selection::InlineFragment(fragment) => count(&fragment.node.selection_set, document, left),
                Selection::FragmentSpread(spread) => {
                    let fragment = document.fragments.get(&spread.node.fragment_name.node).filter(|_| left > 0);
                    fragment.map_or(0, |fragment| count(&fragment.node.selection_set, document, left.saturating_sub(1)))
                }
            })
        })
    }
    count(set, document, document.fragments.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SDL: &str = "type Query { team(slug: String): Team teams(first: Int, last: Int): TeamConnection around(limit: Int! = 40): Around nodes(ids: [ID!]!): [Team] }
        type Mutation { rename(name: String): Team }
        type TeamConnection { edges: [TeamEdge!]! nodes: [Team!]! totalCount: Int }
        type Around { nodes: [Team!]! }
        type TeamEdge { node: Team role: String }
        type Team { name: String parent: Team tags: [Tag!] members(first: Int): TeamConnection }
        type Tag { name: String }";
    const LIMITS: Limits = Limits {
        cost: 1_000,
        depth: 12,
        root_fields: 5,
        aliases: 10,
        directives: 10,
        tokens: 1_000,
        page_size: 25,
        introspection: true,
    };

    fn cost_with(query: &str, variables: serde_json::Value) -> Result<u64, String> {
        let document = Document::parse(query).expect("a document");
        let run = document.operation(None);
        let variables = Variables::from_json(variables);
        weigh(&document, run, &variables, &PriceList::of_schema(SDL), LIMITS).map_err(|error| error.message)
    }

    fn cost(query: &str) -> Result<u64, String> {
        cost_with(query, json!({}))
    }

    #[test]
    fn pages_multiply_what_is_in_them() {
        assert_eq!(cost("{ team { name } }"), Ok(1));
        assert_eq!(cost("{ team { name parent { name } } }"), Ok(2));
        assert_eq!(cost("{ teams(first: 10) { nodes { name } } }"), Ok(11));
        assert_eq!(cost("{ teams { edges { role node { name } } totalCount } }"), Ok(26));
        assert_eq!(
            cost("{ teams(last: 4) { nodes { members(first: 3) { nodes { parent { name } } } } } }"),
            Ok(1 + 4 * (1 + 1 + 3 * 2))
        );
        assert_eq!(cost("{ team { tags { name } } }"), Ok(6));
        assert_eq!(cost("{ around { nodes { name } } }"), Ok(41));
        assert_eq!(cost("{ around(limit: 3) { nodes { name } } }"), Ok(4));
        assert_eq!(cost("{ nodes(ids: [\"a\", \"b\", \"c\"]) { name } }"), Ok(3));
        assert_eq!(cost("mutation { rename(name: \"x\") { name parent { name } } }"), Ok(11));
    }

    #[test]
    fn variables_and_their_defaults_count() {
        let query =
            "query($n: Int = 7, $ids: [ID!]!) { teams(first: $n) { nodes { name } } nodes(ids: $ids) { name } }";
        assert_eq!(cost_with(query, json!({"n": 3, "ids": ["a", "b"]})), Ok(6));
        assert_eq!(cost_with(query, json!({"ids": ["a"]})), Ok(9));
    }

    #[test]
    fn a_name_makes_nothing_cheaper() {
        assert_eq!(cost("query teams { teams(first: 10) { nodes { name } } }"), Ok(11));
        assert!(cost("query teams { teams(first: 1000) { nodes { name } } }").is_err());
    }

    #[test]
    fn what_depends_on_variables_is_priced_each_time() {
        let document = Document::parse("query($n: Int) { teams(first: $n) { nodes { name } } }").expect("a document");
        let prices = PriceList::of_schema(SDL);
        let price = |n: u64| {
            let variables = Variables::from_json(json!({"n": n}));
            weigh(&document, document.operation(None), &variables, &prices, LIMITS).map_err(|error| error.message)
        };
        assert_eq!((price(3), price(5)), (Ok(4), Ok(6)));
        assert!(price(1_000).is_err());
        assert_eq!(document.price.get(), None);
    }

    #[test]
    fn fragments_cost_what_they_stand_for() {
        let query = "{ teams(first: 2) { ...page } } fragment page on TeamConnection { nodes { ...team } } fragment team on Team { parent { name } ... on Team { parent { name } } }";
        assert_eq!(cost(query), Ok(1 + 2 * 3));
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let bomb = (0..22).fold("{ team { ...f0 } }".to_owned(), |text, number| {
            format!("{text} fragment f{number} on Team {{ ...f{} ...f{} }}", number + 1, number + 1)
        }) + " fragment f22 on Team { name }";
        assert!(cost(&bomb).is_err_and(|message| message.contains("5000 fields")));
        assert!(
            cost("{ teams(first: 100) { nodes { members(first: 100) { nodes { name } } } } }")
                .is_err_and(|message| message.contains("10101 nodes") || message.contains("about"))
        );
        assert!(cost("{ a: team { name } b: team { name } c: team { name } d: team { name } e: team { name } f: team { name } }").is_err_and(|message| message.contains("root fields")));
        assert!(
            cost(&format!("{{ team {{ {} }} }}", (0..11).map(|n| format!("a{n}: name")).collect::<Vec<_>>().join(" ")))
                .is_err_and(|message| message.contains("aliases"))
        );
        assert!(
            cost(&format!("{{ team {{ name {} }} }}", "@include(if: true)".repeat(11)))
                .is_err_and(|message| message.contains("directives"))
        );
        assert!(
            cost("{ __schema { types { fields { type { fields { name } } } } } }")
                .is_err_and(|message| message.contains("circle"))
        );
    }

    #[test]
    fn a_schema_that_is_not_to_be_read_is_not_told_to_gateways_either() {
        let told = |introspection| {
            let document = Document::parse("{ ...f } fragment f on Query { _service { sdl } }").expect("a document");
            let (prices, limits) = (PriceList::of_schema(SDL), Limits { introspection, ..LIMITS });
            weigh(&document, document.operation(None), &Variables::default(), &prices, limits).is_ok()
        };
        assert_eq!((told(true), told(false)), (true, false));
    }

    #[test]
    fn the_usual_introspection_is_none_of_that() {
        let query = "{ __schema { queryType { name } types { ...FullType } directives { name args { ...InputValue } } } }
            fragment FullType on __Type { kind fields(includeDeprecated: true) { name args { ...InputValue } type { ...TypeRef } }
              inputFields { ...InputValue } interfaces { ...TypeRef } enumValues { name } possibleTypes { ...TypeRef } }
            fragment InputValue on __InputValue { name type { ...TypeRef } defaultValue }
            fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
        assert!(cost(query).is_ok());
    }
}
