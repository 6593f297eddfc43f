//! Where Google sends the browser: on to the page that finishes the consent.
//!
//! Nothing is decided here, because nobody is signed in here: whoever started a consent may have sent its address to
//! somebody else. The code goes to the front end in the fragment, which no server sees, and comes back with the token of
//! the user whose browser it is.

use http::header::{HeaderValue, LOCATION};
use http::{Response, StatusCode};
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use utoipa::IntoParams;
use vercel_runtime::ResponseBody;

use super::begin::front;
use platform::config::Config;
use platform::endpoint::{Problem, Raw, Reply};

/// The longest value that is handed on, in bytes: Google's are shorter.
const LONGEST: usize = 4_096;

/// What Google's redirect brings. Google adds parameters of its own, so unknown ones are no error here.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct Callback {
    /// The code to exchange.
    pub code: Option<String>,
    /// The state that was sent.
    pub state: Option<String>,
    /// Why there is no code, for example `access_denied`.
    pub error: Option<String>,
}

/// Sends the browser to `/connected` of the front end, with what Google brought in the fragment.
///
/// # Errors
///
/// None but defects.
pub fn hand_on(config: &Config, callback: &Callback) -> Result<Reply<Raw>, Problem> {
    let mut fragment = Serializer::new(String::new());
    for (name, value) in [
        ("state", &callback.state),
        ("code", &callback.code),
        ("error", &callback.error),
    ] {
        if let Some(value) = value.as_ref().filter(|value| value.len() <= LONGEST) {
            fragment.append_pair(name, value);
        }
    }
    let mut page = front(config).join("connected").map_err(Problem::internal)?;
    page.set_fragment(Some(&fragment.finish()));
    let page = HeaderValue::from_str(page.as_str()).map_err(Problem::internal)?;
    let mut redirect = Response::new(ResponseBody::from(bytes::Bytes::new()));
    *redirect.status_mut() = StatusCode::SEE_OTHER;
    redirect.headers_mut().insert(LOCATION, page);
    Ok(Reply::raw(redirect))
}
