//! Storing many rows although the database ends every statement after some seconds.

use std::ops::Range;

use platform::db::DbError;

/// Stores `rows` rows in order, all at once if that can be done in time. What the database cut has left nothing behind: from
/// then on half as many are stored at once, down to one. Calls `store` for no rows too. Answers in order.
///
/// # Errors
///
/// The first error of `store` that fewer rows do not help against; the parts before it are stored.
pub(crate) async fn in_parts<T, F>(
    rows: usize,
    store: impl Fn(Range<usize>) -> F,
) -> Result<Vec<T>, DbError>
where
    F: Future<Output = Result<T, DbError>>,
{
    let mut at_once = rows;
    let mut answers = Vec::new();
    let mut begin = 0;
    loop {
        let end = rows.min(begin + at_once);
        match store(begin..end).await {
            Err(error) if error.is_cut() && end - begin > 1 => {
                at_once = (end - begin).div_ceil(2);
                tracing::warn!(
                    rows = end - begin,
                    "a write took too long and is tried in halves"
                );
            }
            answer => {
                answers.push(answer?);
                begin = end;
            }
        }
        if begin == rows && !answers.is_empty() {
            return Ok(answers);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use postgrest::{ApiError, Error};

    fn cut() -> DbError {
        let body = br#"{"code":"57014","message":"canceling statement due to statement timeout"}"#;
        let status = http::StatusCode::INTERNAL_SERVER_ERROR;
        Error::Api(Box::new(ApiError::parse(status, body))).into()
    }

    /// The sizes of the calls of a store that can write so many rows in time.
    async fn sizes(rows: usize, in_time: usize) -> (Vec<usize>, Result<Vec<usize>, DbError>) {
        let sizes = RefCell::new(Vec::new());
        let stored = in_parts(rows, |part| {
            sizes.borrow_mut().push(part.len());
            let answer = if part.len() > in_time {
                Err(cut())
            } else {
                Ok(part.end)
            };
            std::future::ready(answer)
        });
        let stored = stored.await;
        (sizes.into_inner(), stored)
    }

    #[tokio::test]
    async fn what_is_stored_in_time_is_stored_at_once() {
        let (sizes, stored) = sizes(200, 200).await;
        assert_eq!((sizes, stored.unwrap()), (vec![200], vec![200]));
    }

    #[tokio::test]
    async fn what_is_cut_is_halved_and_the_rest_is_stored_in_parts_of_that_size() {
        let (sizes, stored) = sizes(201, 60).await;
        assert_eq!(sizes, [201, 101, 51, 51, 51, 48]);
        assert_eq!(stored.unwrap(), [51, 102, 153, 201]);
    }

    #[tokio::test]
    async fn a_row_that_cannot_be_stored_in_time_is_an_error() {
        let (sizes, stored) = sizes(3, 0).await;
        assert_eq!(sizes, [3, 2, 1]);
        assert!(stored.unwrap_err().is_transient());
    }

    #[tokio::test]
    async fn no_rows_are_a_call_too() {
        let (sizes, stored) = sizes(0, 10).await;
        assert_eq!((sizes, stored.unwrap()), (vec![0], vec![0]));
    }
}
