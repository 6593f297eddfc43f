//! `videoCategories.list`

use serde_json::{Value, json};

use crate::{
    digest::short_id,
    failure::Failure,
    request::Head,
    youtube::{categories::CATEGORIES, errors, parameters::parts},
};

pub(in crate::youtube) fn list(head: &Head) -> Result<Value, Failure> {
    parts(head, &["id", "snippet"])?;
    if head.param("regionCode").is_none() && head.param("id").is_none() {
        return Err(errors::missing_parameter("id, regionCode"));
    }
    let items: Vec<Value> = CATEGORIES
        .iter()
        .map(|(id, title, assignable)| {
            json!({"kind": "youtube#videoCategory", "etag": short_id(&["category", id], 27), "id": id,
                   "snippet": {"title": title, "assignable": assignable, "channelId": "UCBR8-60-B28hp2BmDPdntcQ"}})
        })
        .collect();
    Ok(json!({"kind": "youtube#videoCategoryListResponse", "etag": "", "items": items}))
}
