//! An operation: what it is called in either spelling, and who does it.

use super::answer::{self, Answer, Spelling};
use super::call::Call;
use super::wanted;
use crate::domain::Result;
use futures::future::BoxFuture;
use std::fmt;

/// A method of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Reads.
    Get,
    /// Changes.
    Post,
}

impl Method {
    /// The name, as requests spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

type Handler = Box<dyn Fn(Call) -> BoxFuture<'static, Result<Answer>> + Send + Sync>;
type Account = fn(&Call) -> BoxFuture<'_, Result<Option<String>>>;

/// An operation. See [`crate::sdk`].
pub struct Operation {
    /// What it is called as a verb, unique among all: `get-users`.
    pub verb: &'static str,
    /// The method.
    pub method: Method,
    /// Where it is among things, if it is: `users`.
    pub native: Option<&'static str>,
    /// How its list is called there.
    pub list: &'static str,
    /// The most entries of a page, if it answers a list.
    most: Option<u64>,
    /// Whether it answers one thing: then nothing is an answer too, in an envelope.
    pub is_one: bool,
    /// Whose password it tries, if it does.
    account: Option<Account>,
    handler: Handler,
}

/// Where an operation is.
#[derive(Debug)]
pub struct Place {
    /// The path.
    pub path: String,
    /// How it is spoken there.
    pub spelling: Spelling,
    /// The operation.
    pub operation: &'static Operation,
}

impl Operation {
    fn new<F, Fut>((method, verb): (Method, &'static str), handler: F) -> Self
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer>> + Send + 'static,
    {
        let handler: Handler = Box::new(move |call| Box::pin(handler(call)));
        Self { verb, method, native: None, list: "", most: None, is_one: false, account: None, handler }
    }

    /// One that reads.
    pub(super) fn get<F, Fut>(verb: &'static str, handler: F) -> Self
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer>> + Send + 'static,
    {
        Self::new((Method::Get, verb), handler)
    }

    /// One that changes something.
    pub(super) fn post<F, Fut>(verb: &'static str, handler: F) -> Self
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer>> + Send + 'static,
    {
        Self::new((Method::Post, verb), handler)
    }

    /// The same, which is also there below `/v1/iam`.
    pub(super) fn at(self, native: Option<&'static str>) -> Self {
        Self { native, ..self }
    }

    /// The same, which answers pages of a list of that name with so many entries at most.
    pub(super) fn listing(self, list: &'static str, most: u64) -> Self {
        Self { list, most: Some(most), ..self }
    }

    /// The same, which answers one thing, or nothing.
    pub(super) fn of_one(self) -> Self {
        Self { is_one: true, ..self }
    }

    /// The same, which tries the password of somebody.
    pub(super) fn trying(self, account: Account) -> Self {
        Self { account: Some(account), ..self }
    }

    /// Where it is.
    pub fn places(&'static self) -> impl Iterator<Item = Place> {
        let envelope = Place { path: format!("/api/{}", self.verb), spelling: Spelling::Envelope, operation: self };
        let native = self.native.map(|native| format!("/v1/iam/{native}"));
        let native = native.map(|path| Place { path, spelling: Spelling::Native, operation: self });
        std::iter::once(envelope).chain(native)
    }

    /// How much of what may be asked for in a time the call costs: a page as much as it may have entries, as on the other
    /// faces, and anything else 1.
    #[must_use]
    pub fn price(&self, call: &Call) -> u64 {
        let Some(most) = self.most else { return 1 };
        wanted::size(call, most).map_or(1, |size| size.unwrap_or(most))
    }

    /// Whose password the call tries, if it does: a name for a limit, whether there is such an account or not.
    pub async fn account(&self, call: &Call) -> Result<Option<String>> {
        match self.account {
            Some(account) => account(call).await,
            None => Ok(None),
        }
    }

    /// Does it, for somebody who speaks like that.
    pub async fn answer(&self, call: Call, spelling: Spelling) -> Result<Answer> {
        let outcome = (self.handler)(call).await;
        if self.is_one { answer::or_nothing(outcome, spelling) } else { outcome }
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.name(), self.verb)
    }
}
