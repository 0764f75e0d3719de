//! From database errors to the error of the domain. Nothing of the database's own text reaches a client.

use crate::domain::{Error, ErrorCode};
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// The unique indexes whose violation is somebody's mistake: PostgreSQL names the index, SQLite its last column.
const UNIQUE: &[(&str, &str, &str, &str)] = &[
    ("organizations_slug", "organizations.slug_key", "slug", "Another organization has this slug; choose another."),
    (
        "profiles_username",
        "profiles.username_key",
        "username",
        "Another profile of the organization has this user name (case does not count); choose another.",
    ),
    (
        "collectives_slug",
        "collectives.slug_key",
        "slug",
        "Another one of its kind in the organization has this slug; choose another.",
    ),
    ("roles_slug", "roles.slug_key", "slug", "Another role of the organization has this slug; choose another."),
    (
        "linked_identities_account",
        "linked_identities.account_id",
        "accountId",
        "This account is known to the organization already; link the identity that exists.",
    ),
    (
        "idempotency_keys_pkey",
        "idempotency_keys.mutation_id",
        "clientMutationId",
        "A request with this client mutation id is under way; repeat it in a moment.",
    ),
];

/// Turns a database error into what a client may know; what only an operator may know goes to the log.
#[expect(clippy::needless_pass_by_value, reason = "it takes what `map_err` hands over")]
pub fn translate(error: DbErr) -> Error {
    if let Some(SqlErr::UniqueConstraintViolation(text)) = error.sql_err()
        && let Some((.., field, message)) =
            UNIQUE.iter().find(|(index, column, ..)| text.contains(index) || text.ends_with(column))
    {
        return Error::conflict(*field, *message);
    }
    if is_unavailable(&error) {
        tracing::warn!(error = %error, "the database did not answer");
        return Error::unavailable();
    }
    tracing::error!(error = %error, "the database refused a statement");
    Error::internal()
}

fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
            let Some(refusal) = inner.as_database_error() else {
                // Not an answer of the database: the connection is lost, or the answer cannot be read.
                return !matches!(**inner, sea_orm::SqlxError::ColumnDecode { .. });
            };
            let code = refusal.code().unwrap_or_default();
            // Server shutting down or full, deadlock or serialisation failure, SQLite busy or locked.
            code.starts_with("08")
                || matches!(
                    &*code,
                    "57P01" | "57P02" | "57P03" | "40001" | "40P01" | "53300" | "5" | "6" | "261" | "517"
                )
        }
        _ => false,
    }
}

/// Whether the error says that another request with the same client mutation id came first.
pub fn is_idempotency_race(error: &Error) -> bool {
    error.code == ErrorCode::Conflict && error.message == UNIQUE[5].3
}
