//! Query parameters that several lists share.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::errors::{about, invalid_parameter, refused};
use super::settings::Settings;
use crate::{Failure, Head, short_id};

/// Comma-separated values, also from repeated parameters.
pub(crate) fn values<'a>(head: &'a Head, name: &str) -> Vec<&'a str> {
    let given = head.query.iter().filter(|(key, _)| key == name);
    let values = given.flat_map(|(_, value)| value.split(',')).map(str::trim);
    values.filter(|value| !value.is_empty()).collect()
}

/// The `part` parameter, checked against the names of the known ones.
pub(crate) fn parts<'a>(head: &'a Head, known: &str) -> Result<Vec<&'a str>, Failure> {
    let given = values(head, "part");
    let is_known = |part: &str| known.split(' ').any(|known| known == part);
    match given.iter().find(|part| !is_known(part)) {
        _ if given.is_empty() => Err(refused("required")),
        Some(part) => Err(about("unknownPart", part)),
        None => Ok(given),
    }
}

/// The `id` parameter, of which a list takes fifty.
pub(crate) fn ids<'a>(head: &'a Head, alternatives: &str) -> Result<Vec<&'a str>, Failure> {
    let ids = values(head, "id");
    match ids.len() {
        0 => Err(about("missingRequiredParameter", alternatives)),
        1..=50 => Ok(ids),
        _ => Err(refused("invalidFilters")),
    }
}

pub(crate) fn page_size(head: &Head, settings: &Settings) -> Result<usize, Failure> {
    let Some(text) = head.param("maxResults") else {
        return Ok(5);
    };
    match text.parse::<usize>() {
        Ok(size) if size <= 50 => Ok(size),
        Ok(_) if !settings.refuse_large_pages => Ok(50),
        _ => {
            let message = "Values must be within the range: [0, 50]";
            Err(invalid_parameter("maxResults", message))
        }
    }
}

pub(crate) fn page_token(offset: usize, list: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("PT:{offset}:{}", short_id(&[list], 6)))
}

/// Where the page that `pageToken` names begins.
pub(crate) fn page_offset(head: &Head, list: &str) -> Result<usize, Failure> {
    let Some(token) = head.param("pageToken").filter(|token| !token.is_empty()) else {
        return Ok(0);
    };
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (offset, of) = text.strip_prefix("PT:")?.split_once(':')?;
        offset.parse().ok().filter(|_| of == short_id(&[list], 6))
    };
    read().ok_or_else(|| refused("invalidPageToken"))
}
