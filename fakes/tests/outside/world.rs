//! What all servers share.
