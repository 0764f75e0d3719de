//! What resolvers ask for, gathered level by level.
//!
//! A [question](crate::resolvers::query::questions) is about one node or key; many of the same question become one call of
//! the [`Reader`](crate::resolvers::Reader), and so one statement at most. A resolver says
//! `loaders.ask(Neighbours { … }, id).await` and knows nothing of batches.

use super::moment::Moment;
use super::wave::{NoDelay, Waves};
use crate::domain::{Error, Result};
use crate::resolvers::query::questions::{Ask, Weigh};
use crate::resolvers::{App, Viewer};
use async_graphql::dataloader::{DataLoader, Loader};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A question about one id as of a moment: the key of a batch.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key<A: Ask> {
    ask: A,
    moment: Moment,
    id: A::Id,
}

/// Asks, for everybody who asked the same since the last wave.
struct Batch {
    app: Arc<App>,
    viewer: Viewer,
    loaded: AtomicUsize,
    max_nodes: usize,
}

#[async_graphql::async_trait::async_trait]
impl<A: Ask> Loader<Key<A>> for Batch {
    type Value = A::Answer;
    type Error = Error;

    async fn load(&self, keys: &[Key<A>]) -> Result<HashMap<Key<A>, A::Answer>> {
        let mut questions: HashMap<(&A, Moment), Vec<A::Id>> = HashMap::new();
        for key in keys {
            questions.entry((&key.ask, key.moment)).or_default().push(key.id);
        }
        let mut answers = HashMap::with_capacity(keys.len());
        for ((ask, moment), ids) in questions {
            let answered = self.app.read(&self.viewer).as_of(moment).ask(ask, &ids).await?;
            self.weigh(answered.values().map(Weigh::weight).sum())?;
            answers.extend(answered.into_iter().map(|(id, answer)| (Key { ask: ask.clone(), moment, id }, answer)));
        }
        Ok(answers)
    }
}

impl Batch {
    /// Requires that the request has not loaded more than one request may.
    fn weigh(&self, weight: usize) -> Result<()> {
        let loaded = self.loaded.fetch_add(weight, Ordering::Relaxed) + weight;
        if loaded > self.max_nodes {
            return Err(Error::too_complex(format!(
                "This request loads more than {} nodes; ask for smaller pages or fewer levels.",
                self.max_nodes
            )));
        }
        Ok(())
    }
}

/// The questions of one request.
#[derive(Clone)]
pub struct Loaders {
    loader: Arc<DataLoader<Batch>>,
}

impl Loaders {
    /// For one request of one viewer, whose batches run in these waves.
    pub(super) fn new(app: Arc<App>, viewer: Viewer, max_nodes: usize, waves: Waves) -> Self {
        let batch = Batch { app, viewer, loaded: AtomicUsize::new(0), max_nodes };
        Self { loader: Arc::new(DataLoader::new(batch, waves, NoDelay).max_batch_size(usize::MAX)) }
    }

    /// Begins another answer to the same request: it may load as much as the one before. Nothing is kept from that one.
    pub fn renew(&self) {
        self.loader.loader().loaded.store(0, Ordering::Relaxed);
    }

    /// Asks about one id, as of a moment. The answer comes with the next wave.
    pub async fn ask<A: Ask>(&self, ask: A, (id, moment): (A::Id, Moment)) -> Result<Option<A::Answer>> {
        self.loader.load_one(Key { ask, moment, id }).await
    }
}
