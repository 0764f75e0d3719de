//! Merges: a profile that was merged into another says so, and its id leads there for ever.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "ALTER TABLE profiles ADD COLUMN merged_into {ID}",
    "ALTER TABLE profiles_past ADD COLUMN merged_into {ID}",
    "CREATE INDEX profiles_merged ON profiles (merged_into, id) WHERE merged_into IS NOT NULL",
]);

const DOWN: Ddl = Ddl(&[
    "DROP INDEX profiles_merged",
    "ALTER TABLE profiles_past DROP COLUMN merged_into",
    "ALTER TABLE profiles DROP COLUMN merged_into",
]);

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        UP.run(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        DOWN.run(manager).await
    }
}
