//! What it takes to issue tokens: the keys that sign them, those that were revoked, and the accounts of those who sign in
//! with a password.

use super::error::translate;
use super::principals::OrganizationName;
use super::row::{RowReader, json, micros, micros_or_null};
use super::sql::Sql;
use super::{Store, Unit};
use crate::domain::identity::{DEFAULT_ENVIRONMENT, IdentityStatus, LOCAL_PROVIDER, MfaState};
use crate::domain::profile::ProfileStatus;
use crate::domain::{Actor, NodeId, NodeKind, OrganizationId, Result, SigningAlgorithm, SigningKey, Timestamp, text};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

const KEY_COLUMNS: &str =
    "id, algorithm, public, sealed, created_at, created_by, retired_at, verifies_until, withdrawn_at";

fn read_key(row: &mut RowReader<'_>) -> Result<SigningKey, DbErr> {
    Ok(SigningKey {
        id: row.get()?,
        algorithm: row.named(SigningAlgorithm::from_name)?,
        public: row.json()?,
        sealed: row.get()?,
        created_at: row.time()?,
        created_by: row.json()?,
        retired_at: row.time_or_none()?,
        verifies_until: row.time_or_none()?,
        withdrawn_at: row.time_or_none()?,
    })
}

/// The account of somebody who wants to sign in with a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalAccount {
    /// The organization.
    pub organization: OrganizationId,
    /// The profile.
    pub profile: NodeId,
    /// Its user name.
    pub username: String,
    /// The account here.
    pub identity: NodeId,
    /// The hash of the password, if there is one.
    pub hash: Option<String>,
    /// Whether neither the profile nor the account is barred.
    pub is_active: bool,
    /// Whether the password has to be changed first.
    pub must_reset: bool,
    /// Whether a second factor is insisted on.
    pub needs_second_factor: bool,
}

impl Store {
    /// The keys that may still be of use: neither withdrawn nor too old to verify anything. The newest come last.
    pub async fn signing_keys(&self, now: Timestamp) -> Result<Vec<SigningKey>> {
        let mut sql = Sql::new(format!("SELECT {KEY_COLUMNS} FROM oauth_keys WHERE withdrawn_at IS NULL"));
        sql.push(" AND (verifies_until IS NULL OR verifies_until > ").bind(micros(now)).push(") ORDER BY id");
        self.read_keys(sql).await
    }

    /// Every key that there ever was, the oldest first.
    pub async fn all_signing_keys(&self) -> Result<Vec<SigningKey>> {
        self.read_keys(Sql::new(format!("SELECT {KEY_COLUMNS} FROM oauth_keys ORDER BY id"))).await
    }

    async fn read_keys(&self, sql: Sql) -> Result<Vec<SigningKey>> {
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read_key(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// Whether a token that this server has signed was revoked.
    pub async fn is_revoked(&self, jti: Uuid) -> Result<bool> {
        let mut sql = Sql::new("SELECT 1 FROM oauth_revocations WHERE jti = ");
        sql.bind(jti);
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(row.is_some())
    }

    /// Forgets the revocations of tokens that have expired before that time, and says how many.
    pub async fn forget_revocations(&self, before: Timestamp) -> Result<u64> {
        let mut sql = Sql::new("DELETE FROM oauth_revocations WHERE expires_at < ");
        sql.bind(micros(before));
        let done = self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(done.rows_affected())
    }

    /// The account here of the profile with that user name. For one that does not exist, it is one statement less; what that takes is
    /// nothing beside the password.
    pub async fn local_account(&self, organization: &OrganizationName, username: &str) -> Result<Option<LocalAccount>> {
        let mut sql = Sql::new(
            "SELECT o.id, n.id, n.kind, n.username, n.status, p.hash FROM organizations o
            JOIN profiles n ON n.org_id = o.id AND n.deleted_at IS NULL LEFT JOIN passwords p ON p.profile_id = n.id
            WHERE o.deleted_at IS NULL AND n.username_key = ",
        );
        sql.bind(text::key(username)).push(" AND ");
        match organization {
            OrganizationName::Id(id) => sql.push("o.id = ").bind(id.0),
            OrganizationName::Slug(slug) => sql.push("o.slug_key = ").bind(text::key(slug)),
        };
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let Some(holder) = row.map(|row| read_holder(&mut RowReader::new(&row))).transpose().map_err(translate)? else {
            return Ok(None);
        };
        // Others may have come to the profile by a merge; its own is called as the profile is.
        let mut sql = Sql::new(
            "SELECT i.id, i.status, i.mfa_state, s.password_reset_since FROM linked_identities i
            JOIN edges e ON e.from_id = i.id AND e.kind = 'link' AND e.valid_to IS NULL AND e.to_id = ",
        );
        sql.bind(holder.profile.uuid).push(" LEFT JOIN identity_standings s ON s.identity_id = i.id WHERE i.org_id = ");
        sql.bind(holder.organization.0).push(" AND i.provider = ").bind(LOCAL_PROVIDER);
        sql.push(" AND i.environment = ").bind(DEFAULT_ENVIRONMENT);
        sql.push(" AND i.account_id = ").bind(holder.profile.to_string()).push(" AND i.deleted_at IS NULL");
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        row.map(|row| read_account(holder, &mut RowReader::new(&row))).transpose().map_err(translate)
    }
}

/// Who signs in, without the account with which that is done.
struct Holder {
    organization: OrganizationId,
    profile: NodeId,
    username: String,
    is_active: bool,
    hash: Option<String>,
}

fn read_holder(row: &mut RowReader<'_>) -> Result<Holder, DbErr> {
    let (organization, profile): (Uuid, Uuid) = (row.get()?, row.get()?);
    Ok(Holder {
        organization: OrganizationId(organization),
        profile: NodeId::new(row.kind()?, profile),
        username: row.get()?,
        is_active: row.named(ProfileStatus::from_name)? == ProfileStatus::Active,
        hash: row.get()?,
    })
}

fn read_account(holder: Holder, row: &mut RowReader<'_>) -> Result<LocalAccount, DbErr> {
    let Holder { organization, profile, username, is_active, hash } = holder;
    let identity = NodeId::new(NodeKind::LinkedIdentity, row.get()?);
    Ok(LocalAccount {
        organization,
        profile,
        username,
        identity,
        hash,
        is_active: row.named(IdentityStatus::from_name)? == IdentityStatus::Active && is_active,
        needs_second_factor: row.named(MfaState::from_name)? == MfaState::Enforced,
        must_reset: row.time_or_none()?.is_some(),
    })
}

impl Unit {
    /// The key that signs by an algorithm, if there is one.
    pub async fn current_signing_key(&self, algorithm: SigningAlgorithm) -> Result<Option<SigningKey>> {
        let mut sql = Sql::new(format!("SELECT {KEY_COLUMNS} FROM oauth_keys WHERE algorithm = "));
        sql.bind(algorithm.name()).push(" AND retired_at IS NULL AND withdrawn_at IS NULL");
        Ok(self.read(sql, read_key).await?.pop())
    }

    /// A key, whatever has become of it.
    pub async fn signing_key(&self, id: Uuid) -> Result<Option<SigningKey>> {
        let mut sql = Sql::new(format!("SELECT {KEY_COLUMNS} FROM oauth_keys WHERE id = "));
        sql.bind(id);
        Ok(self.read(sql, read_key).await?.pop())
    }

    /// Writes a key that is new.
    pub async fn write_signing_key(&mut self, key: &SigningKey) -> Result<()> {
        const COLUMNS: &[&str] = &[
            "id",
            "algorithm",
            "public",
            "sealed",
            "created_at",
            "created_by",
            "retired_at",
            "verifies_until",
            "withdrawn_at",
        ];
        self.note_activity();
        let row = vec![
            key.id.into(),
            key.algorithm.name().into(),
            json(&key.public),
            key.sealed.clone().into(),
            micros(key.created_at),
            json(&key.created_by),
            micros_or_null(key.retired_at),
            micros_or_null(key.verifies_until),
            micros_or_null(key.withdrawn_at),
        ];
        self.insert("oauth_keys", COLUMNS, vec![row], "").await
    }

    /// Lets a key sign no more; until that time, what it has signed is good.
    pub async fn retire_signing_key(&mut self, id: Uuid, until: Timestamp) -> Result<()> {
        self.note_activity();
        let mut sql = Sql::new("UPDATE oauth_keys SET retired_at = ");
        sql.bind(micros(self.now())).push(", verifies_until = ").bind(micros(until)).push(" WHERE id = ").bind(id);
        self.execute(sql).await
    }

    /// Makes a key worthless.
    pub async fn withdraw_signing_key(&mut self, id: Uuid, by: &Actor, reason: Option<&str>) -> Result<()> {
        self.note_activity();
        let mut sql = Sql::new("UPDATE oauth_keys SET withdrawn_at = ");
        sql.bind(micros(self.now())).push(", withdrawn_by = ").bind(json(by));
        sql.push(", reason = ").bind(reason.map(str::to_owned)).push(" WHERE id = ").bind(id);
        self.execute(sql).await
    }

    /// Writes down that a token was revoked, and says whether that is news.
    pub async fn revoke_jwt(&mut self, jti: Uuid, token: NodeId, expires_at: Timestamp) -> Result<bool> {
        let mut sql =
            Sql::new("INSERT INTO oauth_revocations (jti, org_id, token_id, revoked_at, expires_at) VALUES (");
        sql.bind(jti).push(", ").bind(self.tenant().0).push(", ").bind(token.uuid);
        sql.push(", ").bind(micros(self.now())).push(", ").bind(micros(expires_at));
        sql.push(") ON CONFLICT (jti) DO NOTHING");
        Ok(self.execute_counted(sql).await? > 0)
    }
}
