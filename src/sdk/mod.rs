//! The published SDKs of IAMs: users, organizations, groups, roles and clients in the words that those packages speak.
//!
//! The face is one [table of operations](operations::all), which is presented twice. Older packages name a verb and want an
//! envelope, newer ones name a thing and want the thing itself:
//!
//! ```text
//! GET /api/get-user?id=acme/ada           {"status": "ok", "msg": "", "data": {"owner": "acme", "name": "ada", …}, "data2": null}
//! GET /v1/iam/users/get?id=acme/ada       {"owner": "acme", "name": "ada", …}
//! ```
//!
//! * A [noun](nouns::Noun) says how a kind of thing is found, listed, shown, made and changed; the five operations that each
//!   has are the same code for all.
//! * [`call`] is a request as handlers are given it, [`sent`] its body, [`wanted`] the part of a list that it asks for.
//! * [`changes`] runs the commands of a request in one transaction.
//! * [`answer`] writes what comes of it in either spelling.
//!
//! What clients send is a whole object with all its defaults. So what is not known here is passed over, what looks as before
//! is left alone, and what is empty is taken away. HTTP itself (credentials, limits, bodies) is the business of `http::sdk`.

pub mod answer;
pub mod call;
pub mod operation;
pub mod operations;
pub mod sent;

mod changes;
mod names;
mod nouns;
mod spelling;
mod wanted;

pub use answer::{Answer, Spelling};
pub use call::Call;
pub use operation::{Method, Operation, Place};
pub use sent::Sent;
