//! `search.list`: a bucket of its own, and never right for one's own uploads. It is answered, and noted.

use serde_json::{Value, json};

use crate::{
    failure::Failure,
    lock::lock,
    request::Head,
    world::World,
    youtube::{parameters::parts, principal::Principal},
};

pub(in crate::youtube) fn list(
    world: &World,
    head: &Head,
    principal: &Principal,
) -> Result<Value, Failure> {
    parts(head, &["id", "snippet"])?;
    let now = world.clock.now();
    lock(&world.youtube).note_violation(&principal.account, "search.list was called", now);
    Ok(
        json!({"kind": "youtube#searchListResponse", "etag": "", "regionCode": "US", "pageInfo": {"totalResults": 0, "resultsPerPage": 5}, "items": []}),
    )
}
