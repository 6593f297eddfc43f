use futures_util::stream;

use super::*;
use crate::db::DbError;

#[tokio::test]
async fn a_body_ends_with_its_stream_and_breaks_off_with_an_error() {
    let piece = || Ok(Bytes::from_static(b"{}\n"));
    let whole = streamed::<DbError>("text/plain", stream::iter([piece(), piece()]));
    let body = whole.into_body().0.collect().await.unwrap();
    assert_eq!(body.to_bytes(), "{}\n{}\n");

    let cut = streamed(
        "text/plain",
        stream::iter([piece(), Err(DbError::NotFound)]),
    );
    assert!(cut.into_body().0.collect().await.is_err());
}
