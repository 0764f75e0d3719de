//! When batches run: in waves.
//!
//! A resolver that needs a node or a page asks a [`DataLoader`](async_graphql::dataloader::DataLoader), which gathers keys
//! until its timer fires. A timer guesses; here nothing is guessed. The executor of a request is one future. Whenever it
//! can get no further, every resolver that could ask has asked: then, and only then, the batches that have gathered are
//! run, all of them, and when the last is answered the executor goes on. So each level of a query costs one statement for
//! each relation in it, whatever the sizes of its pages, without a millisecond of waiting.

use async_graphql::runtime::Timer;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, Stream};
use futures::task::{FutureObj, Spawn, SpawnError};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The batches that wait for the next wave.
#[derive(Default, Clone)]
pub(super) struct Waves {
    waiting: Arc<Mutex<Vec<FutureObj<'static, ()>>>>,
}

impl Waves {
    /// Runs a request, and the batches it gives rise to.
    pub(super) fn run<F: Future>(self, request: F) -> Request<F> {
        Request { request: Box::pin(request), batches: Batches { waves: self, running: FuturesUnordered::new() } }
    }

    /// Runs a request that has many answers, and the batches that each gives rise to.
    pub(super) fn stream<S: Stream>(self, answers: S) -> Answers<S> {
        Answers { answers: Box::pin(answers), batches: Batches { waves: self, running: FuturesUnordered::new() } }
    }

    fn take(&self) -> Vec<FutureObj<'static, ()>> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Spawn for Waves {
    fn spawn_obj(&self, batch: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
        Ok(())
    }
}

/// The timer of a loader whose batches wait for a wave: they need not wait for time.
pub(super) struct NoDelay;

impl Timer for NoDelay {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// A request that runs with its batches. Dropped, it drops them too: a client that goes cancels what it asked for.
pub(super) struct Request<F> {
    request: Pin<Box<F>>,
    batches: Batches,
}

/// A request with many answers, that runs with its batches.
pub(super) struct Answers<S> {
    answers: Pin<Box<S>>,
    batches: Batches,
}

/// The batches of the present wave, and those that wait for the next.
struct Batches {
    waves: Waves,
    running: FuturesUnordered<FutureObj<'static, ()>>,
}

impl Batches {
    /// Runs a wave, when the executor can get no further. Ready when it is answered, and the executor can.
    fn poll_wave(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.running.is_empty() {
            self.running.extend(self.waves.take());
            if self.running.is_empty() {
                return Poll::Pending;
            }
        }
        loop {
            match Pin::new(&mut self.running).poll_next(context) {
                Poll::Ready(Some(())) => {}
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<F: Future> Future for Request<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        loop {
            if let Poll::Ready(output) = this.request.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            ready!(this.batches.poll_wave(context));
        }
    }
}

impl<S: Stream> Stream for Answers<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = &mut *self;
        loop {
            if let Poll::Ready(answer) = this.answers.as_mut().poll_next(context) {
                return Poll::Ready(answer);
            }
            ready!(this.batches.poll_wave(context));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::dataloader::{DataLoader, Loader};
    use std::collections::HashMap;

    #[derive(Clone, Default)]
    struct Doubler(Arc<Mutex<Vec<usize>>>);

    #[async_graphql::async_trait::async_trait]
    impl Loader<u32> for Doubler {
        type Value = u32;
        type Error = ();

        async fn load(&self, keys: &[u32]) -> Result<HashMap<u32, u32>, ()> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(keys.len());
            Ok(keys.iter().map(|key| (*key, key * 2)).collect())
        }
    }

    #[tokio::test]
    async fn a_level_is_one_batch_however_wide_it_is() {
        let (waves, doubler) = (Waves::default(), Doubler::default());
        let batches = Arc::clone(&doubler.0);
        let loader = DataLoader::new(doubler, waves.clone(), NoDelay).max_batch_size(usize::MAX);
        let request = async {
            let twice = |key: u32| {
                let loader = &loader;
                async move {
                    let once = loader.load_one(key).await.ok().flatten().unwrap_or(0);
                    loader.load_one(once).await.ok().flatten().unwrap_or(0)
                }
            };
            futures::future::join_all((1..=5_000).map(twice)).await
        };
        let answers = waves.run(request).await;
        assert_eq!(answers, (1..=5_000).map(|key| key * 4).collect::<Vec<u32>>());
        assert_eq!(*batches.lock().unwrap_or_else(PoisonError::into_inner), [5_000, 5_000]);
    }
}
