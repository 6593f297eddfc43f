//! Query parameters that several lists share.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{errors, settings::Settings};
use crate::{digest::short_id, failure::Failure, request::Head};

/// Comma-separated values, also from repeated parameters.
pub(super) fn values<'a>(head: &'a Head, name: &str) -> Vec<&'a str> {
    let given = head.query.iter().filter(|(key, _)| key == name);
    let values = given.flat_map(|(_, value)| value.split(',')).map(str::trim);
    values.filter(|value| !value.is_empty()).collect()
}

/// The `part` parameter, checked.
pub(super) fn parts<'a>(head: &'a Head, known: &[&str]) -> Result<Vec<&'a str>, Failure> {
    let given = values(head, "part");
    if given.is_empty() {
        return Err(errors::failure(
            400,
            "global",
            "required",
            "Required parameter: part",
        ));
    }
    match given.iter().find(|part| !known.contains(part)) {
        Some(part) => Err(errors::unknown_part(part)),
        None => Ok(given),
    }
}

/// The `id` parameter, of which a list takes fifty.
pub(super) fn ids<'a>(head: &'a Head, alternatives: &str) -> Result<Vec<&'a str>, Failure> {
    let ids = values(head, "id");
    match ids.len() {
        0 => Err(errors::missing_parameter(alternatives)),
        1..=50 => Ok(ids),
        _ => Err(errors::invalid_filters()),
    }
}

pub(super) fn page_size(head: &Head, settings: &Settings) -> Result<usize, Failure> {
    let Some(text) = head.param("maxResults") else {
        return Ok(5);
    };
    match text.parse::<usize>() {
        Ok(size) if size <= 50 => Ok(size),
        Ok(_) if !settings.refuse_large_pages => Ok(50),
        _ => {
            let message = "Values must be within the range: [0, 50]";
            Err(errors::invalid_parameter("maxResults", message))
        }
    }
}

pub(super) fn page_token(offset: usize, list: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("PT:{offset}:{}", short_id(&[list], 6)))
}

/// Where the page that `pageToken` names begins.
pub(super) fn page_offset(head: &Head, list: &str) -> Result<usize, Failure> {
    let Some(token) = head.param("pageToken").filter(|token| !token.is_empty()) else {
        return Ok(0);
    };
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (offset, of) = text.strip_prefix("PT:")?.split_once(':')?;
        offset.parse().ok().filter(|_| of == short_id(&[list], 6))
    };
    read().ok_or_else(errors::invalid_page_token)
}
