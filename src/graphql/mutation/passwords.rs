//! Set passwords.

use super::super::failure::{Nullable, present};
use super::super::inputs::node_id;
use super::super::profile::Profile;
use super::super::request::of;
use super::{payload, profile_node, run};
use crate::domain::NodeKind;
use crate::resolvers::command::SetPassword;
use async_graphql::{Context, ID, InputObject, Object};

/// A password to set.
#[derive(Clone, InputObject)]
pub struct SetPasswordInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the profile.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// The password: 8 to 1024 characters.
    password: String,
}

payload!(SetPasswordPayload, "The profile whose password was set.", {
    /// The profile, as it is now.
    profile: Profile,
});

/// Mutations of passwords.
#[derive(Default)]
pub struct PasswordMutations;

/// Mutations of passwords.
#[Object]
impl PasswordMutations {
    /// Sets the password with which a profile signs in here. Only a hash is kept, and the history says nothing but that it was
    /// set. Needs the role admin.
    async fn set_password(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SetPasswordInput,
    ) -> Nullable<SetPasswordPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let request = of(context);
                let command = async {
                    let id = node_id(&input.id, &NodeKind::PROFILES, "id")?;
                    let hash = request.app.hash_password(&request.viewer, input.password, "password").await?;
                    Ok(SetPassword { id, expected_version: input.expected_version, hash: Some(hash) })
                };
                Ok(match run(context, client_mutation_id.as_ref(), command.await).await? {
                    Ok(id) => {
                        let profile = profile_node(context, id).await?;
                        SetPasswordPayload { client_mutation_id, profile, errors: Vec::new() }
                    }
                    Err(error) => SetPasswordPayload { client_mutation_id, profile: None, errors: vec![error] },
                })
            }
            .await,
        )
    }
}
