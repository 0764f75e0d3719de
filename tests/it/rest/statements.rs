//! A list costs as many statements as it has relations, whatever its size.

use super::get;
use crate::support::mutations::account;
use crate::support::on_each_database;

on_each_database! {
    async fn a_list_reads_each_relation_once(world: World) {
        let team = world.team("core", None).await;
        let mut counts = Vec::new();
        for round in 0..2 {
            for index in 0..5 {
                let name = format!("user-{round}-{index}");
                let user = world.user(&name).await;
                world.join(&team, &[&user]).await;
                account(&world, &user, &name).await;
            }
            let mut statements = Vec::new();
            for (path, most) in [
                // The page, the organization, the teams, the accounts.
                ("/v1/profiles", 4),
                // The page, the profiles, their roles, where the accounts stand.
                ("/v1/identity", 4),
                ("/v1/organizations", 2),
                ("/v1/teams", 3),
                (&format!("/v1/teams/{team}/members"), 2),
                (&format!("/v1/teams/{team}/children"), 2),
                (&format!("/v1/profiles/{}", world.user(&format!("one-{round}")).await), 4),
            ] {
                let (_, log) = world.statements(get(&world, &world.editor, path)).await;
                assert!(log.len() <= most, "{path} takes {}: {log:#?}", log.len());
                statements.push(log.len());
            }
            counts.push(statements);
        }
        assert_eq!(counts[0], counts[1]);
    }
}
