//! Who is in teams and groups: list, add, remove.

use super::collectives::existing;
use super::profiles::Through;
use super::{GROUPS, TEAMS, lists};
use crate::domain::edge::MemberFacts;
use crate::domain::{self, Error, NodeId, NodeKind};
use crate::resolvers::command::{AddMembers, MemberInput, RemoveMembers};
use crate::resolvers::query::relation::{MEMBER_COLLECTIVES, MEMBERS};
use crate::rest::Call;
use crate::rest::around::member;
use crate::rest::input::{IdempotencyKey, IfMatch, Json, Object, Paging, Query};
use crate::rest::model::collective::Collective;
use crate::rest::model::member::{Member, MembersChanged, NewMember, NewMembers};
use crate::rest::operation::{Method, Operation};
use crate::rest::outcome::{Done, Gone, Listed};
use crate::rest::refusal::Result;
use crate::store::Reach;

const ABOUT_ADDING: &str = "Profiles, teams and groups. A team takes profiles and teams, a group takes groups as well. Needs \
    the role editor, and the role owner where membership confers a privileged role.";
const ABOUT_REMOVING: &str = "Who is no member stays none. Needs the role editor, and the role owner where membership \
    confers a privileged role.";

/// What there is to do with members.
pub(super) fn operations() -> Vec<Operation> {
    let mut operations = of(
        (NodeKind::Team, TEAMS),
        ["/v1/teams/{id}/members", "/v1/teams/{id}/members/{member_id}", "/v1/teams/{id}/member-collectives"],
        ["listMembersOfTeam", "addMembersToTeam", "removeMemberFromTeam", "listCollectivesInTeam"],
    );
    operations.extend(of(
        (NodeKind::Group, GROUPS),
        ["/v1/groups/{id}/members", "/v1/groups/{id}/members/{member_id}", "/v1/groups/{id}/member-collectives"],
        ["listMembersOfGroup", "addMembersToGroup", "removeMemberFromGroup", "listCollectivesInGroup"],
    ));
    operations
}

fn of((kind, tag): (NodeKind, &'static str), paths: [&'static str; 3], ids: [&'static str; 4]) -> Vec<Operation> {
    let ([all, one, collectives], [list_id, add_id, remove_id, collectives_id]) = (paths, ids);
    vec![
        Operation::new(Method::Get, all, move |call, input| list(call, input, kind)).named(
            tag,
            list_id,
            "List the profiles that are members",
        ),
        Operation::new(Method::Post, all, move |call, input| add(call, input, kind))
            .named(tag, add_id, "Add members, or change their roles and functions")
            .described(ABOUT_ADDING),
        Operation::new(Method::Delete, one, move |call, input| remove(call, input, kind))
            .named(tag, remove_id, "Remove a member")
            .described(ABOUT_REMOVING),
        Operation::new(Method::Get, collectives, move |call, input| contained(call, input, kind)).named(
            tag,
            collectives_id,
            "List the teams and groups that are members",
        ),
    ]
}

async fn list(
    call: Call,
    (Query(through), paging): (Query<Through>, Paging),
    kind: NodeKind,
) -> Result<Listed<Member>> {
    let id = existing(&call, kind).await?.id;
    if through.transitive {
        let (found, next) = lists::reached::<domain::Profile>(&call, Reach::EffectiveMembers, id, &paging).await?;
        return Ok(Listed::new(&call, found.iter().map(|profile| member(profile, None)).collect(), next));
    }
    let (found, next) = lists::next_to::<domain::Profile>(&call, MEMBERS, id, &paging).await?;
    let data = found.iter().map(|related| member(&related.node, Some(&related.edge))).collect();
    Ok(Listed::new(&call, data, next))
}

async fn add(
    call: Call,
    (IfMatch(expected_version), IdempotencyKey(key), Json(new)): (IfMatch, IdempotencyKey, Json<NewMembers>),
    kind: NodeKind,
) -> Result<Done<MembersChanged>> {
    let id = call.id("id", &[kind])?;
    let member = |(index, Object(new)): (usize, Object<NewMember>)| {
        let id = new.id.parse::<NodeId>().map_err(|error| error.at(format!("members[{index}].id")))?;
        let facts = MemberFacts { role: new.role.map(Into::into).unwrap_or_default(), functions: new.functions };
        Ok(MemberInput { id, facts })
    };
    let members = new.members.into_iter().enumerate().map(member).collect::<domain::Result<_>>()?;
    let changed = call.run(AddMembers { id, expected_version, members }, key).await?;
    let texts = |ids: Vec<NodeId>| ids.into_iter().map(|id| id.to_string()).collect();
    Ok(Done(MembersChanged { added: texts(changed.added), updated: texts(changed.updated) }))
}

async fn remove(call: Call, IfMatch(expected_version): IfMatch, kind: NodeKind) -> Result<Gone> {
    let id = call.id("id", &[kind])?;
    let text = call.parameters.get("member_id").map_or("", String::as_str);
    let member: NodeId = text.parse().map_err(|_: Error| Error::not_found("member_id", "member"))?;
    call.run(RemoveMembers { id, expected_version, members: vec![member] }, None).await?;
    Ok(Gone)
}

async fn contained(call: Call, paging: Paging, kind: NodeKind) -> Result<Listed<Collective>> {
    let id = existing(&call, kind).await?.id;
    lists::shown_next_to(&call, MEMBER_COLLECTIVES, id, &paging).await
}
