//! Whether what was deployed answers: three calls that change nothing.

use std::time::Duration;

use super::context::Context;
use crate::Result;
use crate::error::Error;
use crate::http::{client, send};

/// A new name may take a moment until it leads somewhere.
const TRIES: usize = 12;

/// Asks the deployment; true when all of it answers as it should.
///
/// # Errors
///
/// When no client can be made.
pub(super) async fn test(context: &Context, url: &str) -> Result<bool> {
    let client = client(Duration::from_secs(30))
        .map_err(|error| Error::setup(format!("no TLS: {error}"), "this is a fault of the tool"))?;
    let mut works = true;
    let calls: [(&str, &[u16], &str); 3] = [
        (
            "/api/health",
            &[200],
            "the functions, the database and its jobs are well",
        ),
        ("/api/me", &[401], "nobody gets in without signing in"),
        ("/openapi.json", &[200], "the pages are there"),
    ];
    for (path, good, meaning) in calls {
        let mut answer = None;
        for _ in 0..TRIES {
            let call = send(client.get(format!("{url}{path}"))).await;
            answer = call.ok().map(|(status, _)| status);
            if answer.is_some_and(|status| good.contains(&status)) {
                break;
            }
            tokio::time::sleep(context.vercel.pause).await;
        }
        match answer {
            Some(status) if good.contains(&status) => {
                context
                    .report
                    .is(&format!("GET {url}{path} answers {status}: {meaning}"));
            }
            answer => {
                works = false;
                let answer = answer.map_or("nothing".to_owned(), |status| status.to_string());
                let what = format!("GET {url}{path} answers {answer}");
                let cure = "the doctor's findings below say why; the functions' logs are in Vercel's dashboard";
                context.report.advise(&what, cure);
            }
        }
    }
    Ok(works)
}
