//! The attributes that every resource has (RFC 7643 §3.1).

use super::{Attribute, Mutability, Returned, Type, attribute};
use std::sync::{Arc, LazyLock};

static COMMON: LazyLock<Vec<Arc<Attribute>>> =
    LazyLock::new(|| [schemas(), id(), external_id(), meta()].into_iter().map(Arc::new).collect());

/// The common attribute of this name, in any case.
pub(super) fn find(name: &str) -> Option<&'static Arc<Attribute>> {
    attribute::find(&COMMON, name)
}

/// All of them.
pub(super) fn all() -> &'static [Arc<Attribute>] {
    &COMMON
}

/// It says what is present, so the server writes it. What a body says is checked, and says no more.
fn schemas() -> Attribute {
    Attribute::new("schemas", Type::String)
        .described("The URNs of the schemas that the resource has attributes of.")
        .multi_valued()
        .required()
        .with_mutability(Mutability::ReadOnly)
        .with_returned(Returned::Always)
}

fn id() -> Attribute {
    server_made("id", Type::String)
        .described("The identifier that the service provider has given.")
        .case_exact()
        .with_returned(Returned::Always)
}

fn external_id() -> Attribute {
    Attribute::new("externalId", Type::String)
        .described("The identifier that the provisioning client has given.")
        .case_exact()
}

fn meta() -> Attribute {
    let parts = [
        server_made("resourceType", Type::String).described("The name of the resource type.").case_exact(),
        server_made("created", Type::DateTime).described("When the resource was made."),
        server_made("lastModified", Type::DateTime).described("When the resource was last changed."),
        server_made("location", Type::Reference).described("The URL of the resource."),
        server_made("version", Type::String).described("The weak entity tag of the resource.").case_exact(),
    ];
    Attribute::complex("meta", parts)
        .described("What the service provider keeps about the resource.")
        .with_mutability(Mutability::ReadOnly)
}

fn server_made(name: &str, kind: Type) -> Attribute {
    Attribute::new(name, kind).with_mutability(Mutability::ReadOnly)
}
