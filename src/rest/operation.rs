//! An operation: where it is, what it takes, what it answers, and who does it.

use super::call::Call;
use super::input::{Declared, Input, Paging};
use super::openapi::Schemas;
use super::outcome::{Outcome, Reply};
use super::refusal::Result;
use crate::domain::Error;
use futures::future::BoxFuture;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use url::form_urlencoded;

/// A method of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes, or does.
    Post,
    /// Puts in a place.
    Put,
    /// Changes some of it.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The name, as requests spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

type Handler = Box<dyn Fn(Call) -> BoxFuture<'static, Result<Reply>> + Send + Sync>;

/// An operation. See [`crate::rest`].
pub struct Operation {
    /// Its name, unique among all.
    pub id: &'static str,
    /// The method.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// Under which heading it is described.
    pub tag: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// What there is to say beyond that, and who may.
    pub description: &'static str,
    /// The names of the parameters of the query.
    pub(super) parameters: BTreeSet<String>,
    /// Whether it answers a page of a list.
    pub(super) is_paged: bool,
    pub(super) declares: fn(&mut Declared, &mut Schemas),
    pub(super) answers: fn(&mut Schemas) -> super::outcome::Answers,
    handler: Handler,
}

impl Operation {
    /// An operation of that method on that path.
    pub(super) fn new<I, O, F, Fut>(method: Method, path: &'static str, handler: F) -> Self
    where
        I: Input,
        O: Outcome,
        F: Fn(Call, I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O>> + Send + 'static,
    {
        let mut declared = Declared::default();
        I::declare(&mut declared, &mut Schemas::new());
        let handler = Arc::new(handler);
        let run = move |call: Call| -> BoxFuture<'static, Result<Reply>> {
            let handler = Arc::clone(&handler);
            Box::pin(async move {
                let input = I::read(&call)?;
                let known = call.header("if-none-match")?;
                handler(call, input).await.map(|outcome| outcome.reply(known.as_deref()))
            })
        };
        Self {
            id: "",
            method,
            path,
            tag: "",
            summary: "",
            description: "",
            parameters: declared.query_names(),
            is_paged: declared.is_paged,
            declares: I::declare,
            answers: O::answers,
            handler: Box::new(run),
        }
    }

    /// The same under that heading, with that name, and a line that says what it does.
    pub(super) fn named(self, tag: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self { id, tag, summary, ..self }
    }

    /// The same, with more to say.
    pub(super) fn described(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// How much of what may be asked for in a time the call costs: a page as much as it may have entries, as on the other
    /// faces, and anything else 1.
    #[must_use]
    pub fn price(&self, call: &Call) -> u64 {
        if !self.is_paged {
            return 1;
        }
        Paging::read(call).map_or(1, |paging| u64::from(paging.limit).max(1))
    }

    /// Does it.
    ///
    /// # Errors
    ///
    /// If it is refused.
    pub async fn answer(&self, call: Call) -> Result<Reply> {
        self.check_query(&call.query)?;
        (self.handler)(call).await
    }

    /// Requires that the query says nothing that is not understood, and nothing twice.
    fn check_query(&self, query: &str) -> Result<()> {
        let mut seen = BTreeSet::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if !self.parameters.contains(name.as_ref()) {
                return Err(Error::invalid(name, self.known()).into());
            }
            if value.contains('\0') {
                return Err(Error::invalid(name, "This contains the character NUL; leave it out.").into());
            }
            if !seen.insert(name.clone()) {
                return Err(Error::invalid(name, "This parameter is given twice; give it once.").into());
            }
        }
        Ok(())
    }

    fn known(&self) -> String {
        let known: Vec<&str> = self.parameters.iter().map(String::as_str).collect();
        if known.is_empty() {
            return "This is no parameter here: there are none.".to_owned();
        }
        format!("This is no parameter here; there are {}.", known.join(", "))
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.name(), self.path)
    }
}
