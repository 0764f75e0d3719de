//! A list costs as many statements as it has relations, whatever its size.

use super::{get, native};
use crate::support::mutations::account;
use crate::support::on_each_database;

on_each_database! {
    async fn a_list_reads_each_relation_once(world: World) {
        let group = world.group("engineering").await;
        let mut counts = Vec::new();
        for round in 0..2 {
            for index in 0..5 {
                let name = format!("user-{round}-{index}");
                let user = world.user(&name).await;
                world.join(&group, &[&user]).await;
                world.role(&name, false).await;
                world.group(&name).await;
                account(&world, &user, &name).await;
            }
            let mut statements = Vec::new();
            for (path, most) in [
                // The organization, the page, how it is called, the groups, the accounts, the roles; and how many there are.
                ("/api/get-users?owner=acme", 6),
                ("/api/get-users?owner=acme&p=1&pageSize=3", 7),
                ("/api/get-user?id=acme/user-0-0", 6),
                ("/api/get-organizations?owner=admin", 1),
                // The organization, the page, how it is called, the parents, the members.
                ("/api/get-groups?owner=acme", 5),
                // The same with those who have the roles: users and groups.
                ("/api/get-roles?owner=acme", 5),
            ] {
                let (_, log) = world.statements(get(&world, &world.editor, path)).await;
                assert!(log.len() <= most, "{path} takes {}: {log:#?}", log.len());
                statements.push(log.len());
            }
            let (_, log) = world.statements(native(&world, &world.editor, "/v1/iam/users?owner=acme")).await;
            statements.push(log.len());
            counts.push(statements);
        }
        assert_eq!(counts[0], counts[1]);
        assert_eq!(counts[0].first(), counts[0].last(), "both spellings cost the same");
    }
}
