//! How SQLite goes about it. It knows nothing of how large organizations are, so a statement may well be answered rightly by
//! walking through all that a tenant has.

use crate::support::{Database, World, on_each_database};
use sea_orm::{ConnectionTrait, Database as Connector, DbBackend, Statement};
use serde_json::json;

/// The steps of the plan of a statement.
async fn plan(world: &World, sql: &str) -> Vec<String> {
    let connection = Connector::connect(world.database_url()).await.expect("a connection");
    let statement = Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
    let rows = connection.query_all_raw(statement).await.expect("a plan");
    let steps = rows.iter().map(|row| row.try_get("", "detail").expect("a step")).collect();
    connection.close().await.expect("closed");
    steps
}

on_each_database! {
    async fn neighbours_are_found_by_their_edges(world: World) {
        if world.database() == Database::Postgres {
            // It counts what there is.
            return;
        }
        let ada = world.user("ada").await;
        let group = world.mutate(&world.admin, "createGroup", json!({"organizationId": world.acme, "slug": "all", "name": "All"}), "group { id }").await;
        let group = group["group"]["id"].clone();
        world.mutate(&world.admin, "addMembers", json!({"id": group, "members": [{"id": ada}]}), "addedIds").await;
        let query = "query($id: ID!) { node(id: $id) { ... on Group { members(first: 5) { totalCount nodes { id } } effectiveMembers(first: 5) { totalCount nodes { id } } } } }";
        let (told, statements) = world.statements(world.graphql(&world.admin, query, json!({"id": group}))).await;
        assert_eq!(told.data()["node"]["members"]["totalCount"], 1);
        let joins: Vec<&String> = statements.iter().filter(|sql| sql.contains(" profiles n ON n.id = ")).collect();
        assert!(joins.len() >= 3, "{statements:#?}");
        for sql in joins {
            let plan = plan(&world, sql).await;
            let node = plan.iter().position(|step| step.starts_with("SEARCH n ") || step.starts_with("SCAN n")).expect("the nodes");
            assert!(plan[..node].iter().any(|step| step.contains(" e ") || step.contains(" w") || step.contains(" p")), "{sql}\n{plan:#?}");
            assert!(plan[node].contains("id=?"), "{sql}\n{plan:#?}");
        }
    }
}
