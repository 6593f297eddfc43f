//! Sessions between the store and the API: who a token names, and what a client library gets.

use serde_json::{Value, json};

use super::{
    error::AuthError,
    sessions::{self, Session},
    token::{self, Claims},
    users::{self, User},
};
use crate::gateway::state::Gateway;

/// The user that a request's access token names, and the session it belongs to.
pub(super) async fn signed_in(
    gateway: &Gateway,
    token: Option<&str>,
) -> Result<(User, Claims), AuthError> {
    let token = token.ok_or_else(|| {
        AuthError::new(
            401,
            "no_authorization",
            "This endpoint requires a valid Bearer token",
        )
    })?;
    let claims = token::verify(&gateway.secrets(), token)?;
    if !sessions::exists(&gateway.users, claims.session_id).await? {
        return Err(AuthError::new(
            403,
            "session_not_found",
            "Session from session_id claim in JWT does not exist",
        ));
    }
    let user = users::find(&gateway.users, claims.sub)
        .await?
        .ok_or_else(|| {
            AuthError::new(
                403,
                "user_not_found",
                "User from sub claim in JWT does not exist",
            )
        })?;
    Ok((user, claims))
}

/// A session as the client libraries read it.
pub(super) fn session_body(
    gateway: &Gateway,
    user: &User,
    session: &Session,
) -> Result<Value, AuthError> {
    let (access_token, expires_at) = token::sign(&gateway.secrets(), &gateway.url, user, session)?;
    Ok(json!({
        "access_token": access_token,
        "token_type": "bearer",
        "expires_in": token::LIFE_SECONDS,
        "expires_at": expires_at,
        "refresh_token": session.refresh_token,
        "user": user.to_json(),
    }))
}
