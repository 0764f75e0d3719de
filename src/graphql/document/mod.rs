//! Documents, each parsed and validated once.
//!
//! Clients send the same few documents again and again, with other variables. To parse a small one and to validate it costs
//! more than to run it. So a document that was executed is kept, by its text: parsed, and with what makes sure that the
//! executor may leave its strict validation out the next time. A document that was refused is never kept.
//!
//! What strict validation looks at is the document, and the values of variables in the places where they stand (the rule
//! `ArgumentsOfCorrectType`; no other rule of the executor knows of variables). So it may be left out if
//!
//! - the document has passed it, with a value for each variable inside of a list or an object: an argument that lacks one
//!   is not looked at, nor is what is written around the variable;
//! - and each value that is given now is certainly one of the type that its variable declares ([`InputTypes`]). That null
//!   fits to where a variable stands is only believed when it was seen to pass.
//!
//! Everything else is validated as if it were new, so a mistake is always told in the same words.
//!
//! Each thread has a share of the cache to itself, with documents that it has parsed itself: names in a document are
//! counted references, and threads that count the same ones keep each other waiting.

mod inputs;
mod usage;

pub use inputs::InputTypes;

use super::Schema;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, Type};
use async_graphql::{Name, ServerError, Value, Variables};
use quick_cache::Weighter;
use quick_cache::unsync::Cache;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use usage::Usage;

/// About how many bytes all documents together may have that are kept.
const CAPACITY: u64 = 16 * 1024 * 1024;
/// What a document weighs at least, in bytes: so there are no more than 8,192 of them.
const LEAST: u64 = 2_048;
/// What a field, an argument, a value or the like weighs, once it is parsed, in bytes.
const PART: u64 = 320;
/// About how many documents a thread is prepared for from the beginning.
const EXPECTED: usize = 256;

/// A document that was parsed.
pub struct Document {
    text: Arc<str>,
    parsed: ExecutableDocument,
    variables: Vec<Variable>,
    /// How many operations it has.
    operations: usize,
    weight: u64,
    /// Whether it has passed strict validation, so that another one could only find fault with variables.
    is_valid: AtomicBool,
    /// The variables, as bits in their order, that have passed strict validation as null.
    nulls: AtomicU64,
    /// What its operation costs, if it has one, and that costs the same whatever its variables are.
    pub(super) price: OnceLock<u64>,
}

/// A variable that an operation declares.
struct Variable {
    name: Name,
    ty: Type,
    /// Whether it stands inside of a list or an object somewhere.
    is_nested: bool,
}

/// What can be learned from the variables of a request, if it is executed.
pub(super) struct Lesson {
    is_complete: bool,
    nulls: u64,
}

impl Document {
    /// Parses a document.
    pub(super) fn parse(text: &str) -> Result<Self, ServerError> {
        let parsed = parse_query(text)?;
        let usage = Usage::of(&parsed);
        let definitions = parsed.operations.iter().flat_map(|(_, operation)| &operation.node.variable_definitions);
        let variables = definitions
            .map(|definition| Variable {
                name: definition.node.name.node.clone(),
                ty: definition.node.var_type.node.clone(),
                is_nested: usage.nested.contains(&definition.node.name.node),
            })
            .collect();
        let weight = LEAST + 2 * text.len() as u64 + PART * usage.parts;
        let operations = parsed.operations.iter().len();
        Ok(Self {
            text: text.into(),
            variables,
            operations,
            weight,
            parsed,
            is_valid: AtomicBool::new(false),
            nulls: AtomicU64::new(0),
            price: OnceLock::new(),
        })
    }

    /// What the text says.
    pub(super) const fn parsed(&self) -> &ExecutableDocument {
        &self.parsed
    }

    /// The operation that a request with this operation name runs; none if it names none, or none of the document.
    pub(super) fn operation(&self, name: Option<&str>) -> Option<&OperationDefinition> {
        let operation = match (&self.parsed.operations, name) {
            (DocumentOperations::Single(operation), None) => Some(operation),
            (DocumentOperations::Single(_), Some(_)) => None,
            (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
            (DocumentOperations::Multiple(operations), None) => {
                operations.values().next().filter(|_| self.operations == 1)
            }
        };
        operation.map(|operation| &operation.node)
    }

    /// Whether strict validation would certainly find nothing, if the document were run with these variables.
    pub(super) fn is_valid_with(&self, variables: &Variables, types: &InputTypes) -> bool {
        let fits = |(place, variable): (usize, &Variable)| match variables.get(&variable.name) {
            None => true,
            Some(Value::Null) => self.nulls.load(Ordering::Relaxed) & bit(place) != 0,
            Some(value) => types.accept(&variable.ty, value),
        };
        self.is_valid.load(Ordering::Relaxed) && self.variables.iter().enumerate().all(fits)
    }

    /// What there is to be learned if a request with these variables passes strict validation.
    pub(super) fn lesson(&self, variables: &Variables) -> Lesson {
        let mut lesson = Lesson { is_complete: true, nulls: 0 };
        for (place, variable) in self.variables.iter().enumerate() {
            let value = variables.get(&variable.name);
            if variable.is_nested {
                // What another operation does with its variables is not looked at when this one is run.
                let is_seen = self.operations == 1 && value.is_some_and(|value| *value != Value::Null);
                lesson.is_complete &= is_seen;
            } else if self.operations == 1 && value == Some(&Value::Null) {
                lesson.nulls |= bit(place);
            }
        }
        lesson
    }

    fn learn(&self, lesson: &Lesson) {
        self.nulls.fetch_or(lesson.nulls, Ordering::Relaxed);
        self.is_valid.fetch_or(lesson.is_complete, Ordering::Relaxed);
    }
}

/// The bit of a variable; those of the 65th and all that follow are never set.
const fn bit(place: usize) -> u64 {
    if place < 64 { 1 << place } else { 0 }
}

/// What a document weighs.
#[derive(Clone)]
struct Bytes;

impl Weighter<Arc<str>, Arc<Document>> for Bytes {
    fn weight(&self, _: &Arc<str>, document: &Arc<Document>) -> u64 {
        document.weight
    }
}

/// The share of a thread.
type Share = Mutex<Cache<Arc<str>, Arc<Document>, Bytes>>;

/// The documents that are kept.
pub(super) struct Documents {
    shares: Box<[Share]>,
    /// The same schema again, which takes documents to be valid.
    trusting: Schema,
}

impl Documents {
    /// None yet. What is known to be valid is to be run on `trusting`.
    pub(super) fn new(trusting: Schema) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let share = || Mutex::new(Cache::with_weighter(EXPECTED, CAPACITY / threads as u64, Bytes));
        Self { shares: (0..threads).map(|_| share()).collect(), trusting }
    }

    /// The schema that takes documents to be valid.
    pub(super) const fn trusting(&self) -> &Schema {
        &self.trusting
    }

    /// The document of that text, if it is kept; else it is checked and parsed.
    pub(super) fn open(
        &self,
        text: &str,
        check: impl FnOnce() -> Result<(), ServerError>,
    ) -> Result<Arc<Document>, ServerError> {
        let kept = self.share().lock().unwrap_or_else(PoisonError::into_inner).get(text).map(Arc::clone);
        match kept {
            Some(document) => Ok(document),
            None => check().and_then(|()| Document::parse(text)).map(Arc::new),
        }
    }

    /// Keeps a document that was executed, and what there was to be learned from that.
    pub(super) fn keep(&self, document: &Arc<Document>, lesson: &Lesson) {
        document.learn(lesson);
        let mut share = self.share().lock().unwrap_or_else(PoisonError::into_inner);
        if !share.contains_key(&*document.text) {
            share.insert(Arc::clone(&document.text), Arc::clone(document));
        }
    }

    /// The share of this thread.
    fn share(&self) -> &Share {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static NUMBER: usize = THREADS.fetch_add(1, Ordering::Relaxed);
        }
        let number = NUMBER.with(|number| *number);
        &self.shares[number % self.shares.len()]
    }
}

#[cfg(test)]
mod tests;
