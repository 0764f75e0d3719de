//! Answers that are kept until what they are about changes.
//!
//! Most of what a directory is asked, it was asked before, and little has changed since. An answer is kept under the scope
//! of the viewer, the question and the id, with the [stamp](crate::store::Stamp) that the scope had before it was read. It is
//! given again as long as the stamp is the same: any change of a tenant lets go of whatever was kept of it. So an answer is
//! never older than the last acknowledged change of this server; see [`Freshness`](crate::store::Freshness) for those of
//! others. What a viewer sees follows from its scope alone; viewers who see no more than their own profile are answered
//! afresh. The past is not kept.
//!
//! The memory is bounded: entries that are asked for least go first.

use super::query::questions::{Ask, Weigh};
use crate::store::{Scope, Stamp};
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};
use std::any::{Any, TypeId};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// About how many bytes a usual entry takes.
const USUAL: usize = 4_096;
/// About how many bytes an entry takes besides its question and its answer.
const ENTRY: usize = 256;
/// How large a question may be whose answers are kept.
const MAX_QUESTION: usize = 2_048;
/// Which part of all memory one answer may take.
const MAX_SHARE: u64 = 64;

/// A question about one id, of whatever type.
trait Question: Any + Send + Sync {
    fn hash_into(&self, state: &mut dyn Hasher);
    fn equals(&self, other: &dyn Question) -> bool;
    fn as_any(&self) -> &dyn Any;
}

impl<A: Ask> Question for (A, A::Id) {
    fn hash_into(&self, state: &mut dyn Hasher) {
        hash_question(&self.0, &self.1, state);
    }

    fn equals(&self, other: &dyn Question) -> bool {
        is(other, &self.0, &self.1)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Whether that is this question about this id.
fn is<A: Ask>(question: &dyn Question, ask: &A, id: &A::Id) -> bool {
    question.as_any().downcast_ref::<(A, A::Id)>().is_some_and(|(known, about)| known == ask && about == id)
}

fn hash_question<A: Ask>(ask: &A, id: &A::Id, mut state: &mut dyn Hasher) {
    TypeId::of::<A>().hash(&mut state);
    ask.hash(&mut state);
    id.hash(&mut state);
}

/// How large a question is: as many bytes as its hash is made of.
#[derive(Default)]
struct Size(usize);

impl Hasher for Size {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }
}

struct Key {
    scope: Scope,
    question: Box<dyn Question>,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.scope.hash(state);
        self.question.hash_into(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.scope == other.scope && self.question.equals(&*other.question)
    }
}

impl Eq for Key {}

/// What an entry is looked up with.
struct LookUp<'a, A: Ask> {
    scope: Scope,
    ask: &'a A,
    id: &'a A::Id,
}

impl<A: Ask> Hash for LookUp<'_, A> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.scope.hash(state);
        hash_question(self.ask, self.id, state);
    }
}

impl<A: Ask> Equivalent<Key> for LookUp<'_, A> {
    fn equivalent(&self, key: &Key) -> bool {
        self.scope == key.scope && is(&*key.question, self.ask, self.id)
    }
}

/// An answer, and the stamp of the scope from before it was read. That there is none is an answer, too.
#[derive(Clone)]
struct Entry {
    stamp: Stamp,
    bytes: usize,
    answer: Arc<dyn Any + Send + Sync>,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Entry> for ByBytes {
    fn weight(&self, _: &Key, entry: &Entry) -> u64 {
        u64::try_from(entry.bytes).unwrap_or(u64::MAX)
    }
}

/// Answers that are kept. See the module.
pub struct Answers {
    entries: Cache<Key, Entry, ByBytes>,
}

impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answers").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

impl Answers {
    /// As many answers as fit into about so many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let entries = bytes / USUAL;
        Self { entries: Cache::with_weighter(entries, u64::try_from(bytes).unwrap_or(u64::MAX), ByBytes) }
    }

    /// The answer about one id that was kept since that stamp: outer none if there is no such entry.
    pub(super) fn get<A: Ask>(&self, (scope, stamp): (Scope, Stamp), ask: &A, id: &A::Id) -> Option<Option<A::Answer>> {
        let entry = self.entries.get(&LookUp { scope, ask, id })?;
        if entry.stamp != stamp {
            return None;
        }
        entry.answer.downcast_ref::<Option<A::Answer>>().cloned()
    }

    /// Keeps the answer about one id, which was read after that stamp was taken.
    pub(super) fn keep<A: Ask>(
        &self,
        (scope, stamp): (Scope, Stamp),
        (ask, id): (&A, A::Id),
        answer: Option<A::Answer>,
    ) {
        let mut question = Size::default();
        hash_question(ask, &id, &mut question);
        let bytes = ENTRY + 2 * question.0 + answer.as_ref().map_or(0, Weigh::bytes);
        let most = self.entries.capacity() / MAX_SHARE;
        if question.0 > MAX_QUESTION || u64::try_from(bytes).unwrap_or(u64::MAX) > most {
            return;
        }
        let question = Box::new((ask.clone(), id));
        self.entries.insert(Key { scope, question }, Entry { stamp, bytes, answer: Arc::new(answer) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Extensions, Meta, Organization, OrganizationId, Result};
    use crate::resolvers::Reader;
    use crate::store::{Freshness, Realm};
    use serde_json::json;
    use std::collections::HashMap;

    /// A question that is as long as one likes.
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Named(String);

    impl Ask for Named {
        type Id = u32;
        type Answer = Arc<Organization>;

        async fn answer(&self, _: Reader<'_>, _: &[u32]) -> Result<HashMap<u32, Arc<Organization>>> {
            Ok(HashMap::new())
        }
    }

    /// An answer with metadata of so many bytes.
    fn organization(bytes: usize) -> Arc<Organization> {
        let metadata = json!({"note": "x".repeat(bytes)});
        Arc::new(Organization {
            id: OrganizationId::INSTANCE,
            slug: "acme".to_owned(),
            name: "Acme".to_owned(),
            description: None,
            metadata: metadata.as_object().cloned().unwrap_or_default(),
            extensions: Extensions::default(),
            meta: Meta::default(),
        })
    }

    fn kept() -> (Scope, Stamp) {
        let freshness = Freshness::default();
        freshness.trust(true);
        (Scope::EVERYTHING, freshness.of(Scope::EVERYTHING, Realm::Directory).expect("a stamp"))
    }

    /// Whether the answer to a question of so many bytes, with metadata of so many bytes, is kept.
    fn is_kept(question: usize, metadata: usize) -> bool {
        let (answers, kept, ask) = (Answers::new(1 << 20), kept(), Named("x".repeat(question)));
        answers.keep(kept, (&ask, 1), Some(organization(metadata)));
        answers.get(kept, &ask, &1).is_some()
    }

    #[test]
    fn neither_a_long_question_nor_a_large_answer_is_kept() {
        assert!(is_kept(100, 100));
        assert!(is_kept(1_900, 100) && !is_kept(2_100, 100));
        // One sixty-fourth of all there is.
        assert!(is_kept(100, 10_000) && !is_kept(100, 17_000));
    }

    #[test]
    fn answers_are_weighed_by_what_they_hold() {
        let few = |metadata: usize| {
            let (answers, kept) = (Answers::new(1 << 20), kept());
            for id in 0..1_000 {
                answers.keep(kept, (&Named(String::new()), id), Some(organization(metadata)));
            }
            assert!(answers.entries.weight() <= 1 << 20);
            answers.entries.len()
        };
        let (small, large) = (few(10), few(10_000));
        assert!((200..=450).contains(&small), "{small} small ones");
        assert!((40..=90).contains(&large), "{large} large ones");
    }
}
