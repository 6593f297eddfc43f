//! What an address and a password must look like.

use super::error::AuthError;

pub(super) fn check_email(email: &str) -> Result<String, AuthError> {
    let email = email.trim().to_lowercase();
    let shaped = email.len() <= 255
        && email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
        })
        && !email.contains(char::is_whitespace);
    if shaped {
        Ok(email)
    } else {
        Err(AuthError::invalid(
            "Unable to validate email address: invalid format",
        ))
    }
}

pub(super) fn check_password(password: &str) -> Result<(), AuthError> {
    if password.chars().count() < 6 {
        return Err(AuthError::weak_password(
            "Password should be at least 6 characters.",
        ));
    }
    if password.len() > 72 {
        return Err(AuthError::invalid(
            "Password cannot be longer than 72 characters",
        ));
    }
    Ok(())
}
