//! Responses whose body is sent piece by piece.

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _};
use http::Response;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use vercel_runtime::ResponseBody;

/// A body that ends with the stream, and breaks off with its first error.
pub fn streamed<E: Into<vercel_runtime::Error> + 'static>(
    media_type: &'static str,
    pieces: impl Stream<Item = Result<Bytes, E>> + Send + Sync + 'static,
) -> Response<ResponseBody> {
    let body = StreamBody::new(pieces.map_ok(Frame::data).map_err(Into::into));
    let mut response = Response::new(ResponseBody(body.boxed()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    // A proxy would collect the pieces and hand them on together.
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
}

#[cfg(test)]
mod tests {
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
}
