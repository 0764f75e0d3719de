//! Who may do what: every operation, asked by everybody, in both spellings.

use super::send;
use crate::oauth::{Client, issuing_with};
use crate::support::matrix::{self, Operations};
use crate::support::mutations::{account, as_root};
use crate::support::{Actor, Answer, World, on_each_database};
use idgraph::domain::token::OrganizationRole;
use idgraph::sdk::{Method, Operation, Spelling, operations};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PASSWORD: &str = "correct horse battery";

/// The operations in one of their spellings.
trait Spelled {
    const SPELLING: Spelling;
}

struct InEnvelopes;
struct ByThemselves;

impl Spelled for InEnvelopes {
    const SPELLING: Spelling = Spelling::Envelope;
}

impl Spelled for ByThemselves {
    const SPELLING: Spelling = Spelling::Native;
}

impl<S: Spelled> Operations for S {
    type Operation = Operation;
    type Request = (String, Option<Value>);
    const SECTION: (&'static str, &'static str) = ("SDKs of IAMs", "Operation");

    fn all() -> Vec<&'static Operation> {
        operations::places().filter(|place| place.spelling == S::SPELLING).map(|place| place.operation).collect()
    }

    async fn prepare(world: &World, operation: &Operation, tag: &str, own: &str) -> (String, Option<Value>) {
        let (query, body) = request(world, operation, tag, own).await;
        let path = operations::places()
            .find(|place| place.spelling == S::SPELLING && place.operation.verb == operation.verb)
            .expect("a place")
            .path;
        (format!("{path}?{query}"), body)
    }

    async fn send(world: &World, operation: &Operation, who: &Actor, (path, body): (String, Option<Value>)) -> Answer {
        send(world, who, (operation.method.name(), &path), body).await
    }

    fn outcome(operation: &Operation, answer: &Answer) -> String {
        let counted = answer.body.get("data").or_else(|| answer.body.get("count")).and_then(Value::as_i64);
        if counted.is_some_and(|count| count > 0) {
            return "yes".to_owned();
        }
        let outcome = matrix::outcome(answer, operation.method == Method::Get);
        // By itself, what is not to be seen is not found.
        let is_missing = S::SPELLING == Spelling::Native && operation.is_one && outcome == "NOT_FOUND";
        if is_missing { "nothing".to_owned() } else { outcome }
    }

    fn leaves_event(operation: &Operation) -> bool {
        operation.method == Method::Post && operation.verb != "check-user-password"
    }

    async fn tidy(world: &World, operation: &Operation) {
        if operation.verb == "delete-organization" {
            as_root(world, "restoreOrganization", json!({"id": world.acme})).await;
        }
    }
}

/// The query and the body with which an operation works.
async fn request(world: &World, operation: &Operation, tag: &str, own: &str) -> (String, Option<Value>) {
    let user = format!("id=acme/acme-{tag}");
    let (noun, verb) = (operation.verb, operation.verb.split('-').next().unwrap_or_default());
    let body = |value: Value| Some(value);
    match noun {
        "get-user" | "get-user-roles" | "delete-user" => {
            let role = world.role(&format!("acme-{tag}"), false).await;
            as_root(world, "grantRole", json!({"roleId": role, "principalId": own})).await;
            (user, (verb == "delete").then(|| json!({})))
        }
        "add-user" => (String::new(), body(json!({"owner": "acme", "name": format!("acme-new-{tag}")}))),
        "update-user" => (user, body(json!({"title": "Engineer"}))),
        "set-password" => {
            let name = format!("acme-{tag}");
            (String::new(), body(json!({"userOwner": "acme", "userName": name, "newPassword": PASSWORD})))
        }
        "check-user-password" => {
            as_root(world, "setPassword", json!({"id": own, "password": PASSWORD})).await;
            (user, body(json!({"password": PASSWORD})))
        }
        "get-account" | "get-global-users" | "get-organizations" | "get-organization-names" => (String::new(), None),
        "get-organization" => ("id=admin/acme".to_owned(), None),
        "add-organization" => (String::new(), body(json!({"name": format!("new-{tag}")}))),
        "update-organization" | "delete-organization" => {
            ("id=admin/acme".to_owned(), body(json!({"description": tag})))
        }
        "add-user-role" | "delete-user-role" => {
            let role = world.role(&format!("acme-{tag}"), false).await;
            if verb == "delete" {
                as_root(world, "grantRole", json!({"roleId": role, "principalId": own})).await;
            }
            let name = format!("acme/acme-{tag}");
            (String::new(), body(json!({"user": name, "role": name})))
        }
        "get-application" | "update-application" | "delete-application" => {
            let made = world.token("application", Some(world.acme), OrganizationRole::Reader, None).await;
            let id = Client::of(world, &made).await.id;
            (format!("id=acme/{id}"), (verb != "get").then(|| json!({"displayName": tag})))
        }
        "get-organization-applications" => ("organization=acme".to_owned(), None),
        "get-providers" | "get-provider" => {
            account(world, own, tag).await;
            (if noun == "get-provider" { "id=acme/github" } else { "owner=acme" }.to_owned(), None)
        }
        _ => about_named(world, operation, tag).await,
    }
}

/// The same for lists, and for groups and roles.
async fn about_named(world: &World, operation: &Operation, tag: &str) -> (String, Option<Value>) {
    let name = format!("acme-{tag}");
    let mut words = operation.verb.split('-');
    let (verb, noun) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_new = verb == "add";
    match noun {
        "group" | "groups" if !is_new => drop(world.group(&name).await),
        "role" | "roles" if !is_new => drop(world.role(&name, false).await),
        _ => {}
    }
    match (verb, noun.ends_with('s') || operation.verb == "get-user-count") {
        ("get", true) => ("owner=acme".to_owned(), None),
        ("get", false) => (format!("id=acme/{name}"), None),
        ("add", _) => (String::new(), Some(json!({"owner": "acme", "name": name}))),
        _ => (format!("id=acme/{name}"), Some(json!({"displayName": "Renamed"}))),
    }
}

#[test]
fn the_golden_file_is_about_every_operation() {
    let named: BTreeSet<String> = operations::all().iter().map(|operation| format!("{operation:?}")).collect();
    matrix::assert_complete(InEnvelopes::SECTION, &named);
}

async fn with_passwords(world: World) -> World {
    issuing_with(world, &[("oauth.password_grant", "true")]).await
}

on_each_database! {
    async fn every_operation_is_for_those_who_may_and_changes_nothing_for_others(world: World) {
        matrix::check::<InEnvelopes>(&with_passwords(world).await).await;
    }

    async fn by_itself_it_is_for_the_same(world: World) {
        matrix::check::<ByThemselves>(&with_passwords(world).await).await;
    }
}
