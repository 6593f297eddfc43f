//! `/storage/v1`: a small stand-in of Supabase Storage that storage-js cannot tell from the real one in what it does: buckets
//! with limits, upload, download, signed and public addresses, list, move, copy and remove.
//!
//! Who may do what is decided by the row level security of `storage.buckets` and `storage.objects`: every call touches the
//! rows in the caller's own role. The bytes of an object are a file of the stack's folder, named by its version.

mod buckets;
mod caller;
mod error;
mod files;
mod multipart;
mod objects;
mod signed;
mod upload;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use super::state::Gateway;

/// The routes below `/storage/v1`.
pub(super) fn router() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/bucket", get(buckets::list).post(buckets::create))
        .route(
            "/bucket/{id}",
            get(buckets::read)
                .put(buckets::update)
                .delete(buckets::delete),
        )
        .route("/bucket/{id}/empty", post(buckets::empty))
        .route("/object/list/{bucket}", post(objects::list))
        .route("/object/move", post(objects::rename))
        .route("/object/copy", post(objects::copy))
        .route("/object/sign/{bucket}", post(signed::sign_all))
        .route(
            "/object/sign/{bucket}/{*name}",
            get(signed::download).post(signed::sign),
        )
        .route(
            "/object/public/{bucket}/{*name}",
            get(objects::download_public),
        )
        .route(
            "/object/authenticated/{bucket}/{*name}",
            get(objects::download),
        )
        .route("/object/info/{bucket}/{*name}", get(objects::info))
        .route(
            "/object/{bucket}",
            axum::routing::delete(objects::remove_all),
        )
        .route(
            "/object/{bucket}/{*name}",
            get(objects::download)
                .post(upload::create)
                .put(upload::replace)
                .delete(objects::remove),
        )
}
