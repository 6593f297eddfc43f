//! `catalyst unclaimed`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::database_args::DatabaseArgs;
use crate::operator::Operator;
use crate::{Error, Result};

/// `catalyst unclaimed`.
#[derive(Debug, Args)]
pub struct UnclaimedArgs {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// The videos on YouTube that carry our mark and belong to no upload.
    List,
    /// Let a video be uploaded again, once it is certain that the one on YouTube is not wanted.
    Release {
        /// YouTube's id of it.
        video: String,
        #[command(flatten)]
        operator: Operator,
    },
}

/// Runs the command.
///
/// # Errors
///
/// When there is no such video, or the database refuses.
pub async fn run(args: UnclaimedArgs) -> Result {
    let made_by = match &args.action {
        Action::Release { operator, .. } => operator.name()?,
        Action::List => String::new(),
    };
    let mut connection = args.database.connect().await?;
    let failed = || Error::database("cannot read the unclaimed videos");
    match &args.action {
        Action::List => {
            let sql = "select to_jsonb(v) - 'title_key' from private.unclaimed_videos v order by found_at, youtube_video_id";
            let videos: sqlx::Result<Vec<Value>> =
                sqlx::query_scalar(sql).fetch_all(&mut connection).await;
            let videos = videos.map_err(failed())?;
            match args.database.json {
                true => println!("{}", json!({ "videos": videos })),
                false => print(&videos),
            }
        }
        Action::Release { video, .. } => {
            let query = sqlx::query_scalar("select private.release_video($1, $2)");
            let query = query.bind(video).bind(&made_by);
            let row: sqlx::Result<Option<Value>> = query.fetch_one(&mut connection).await;
            let row = row.map_err(failed())?.ok_or_else(|| {
                let cure = "`catalyst unclaimed list` has those there are";
                Error::setup(format!("there is no unclaimed video {video}"), cure)
            })?;
            match args.database.json {
                true => println!(
                    "{}",
                    json!({"video": video, "released_at": row["released_at"], "made_by": made_by})
                ),
                false => println!("{video}: may be uploaded again"),
            }
        }
    }
    drop(connection.close().await);
    Ok(())
}

fn print(videos: &[Value]) {
    for video in videos {
        let text = |name: &str| video[name].as_str().unwrap_or("-").to_owned();
        let state = match video["released_at"].is_null() {
            true => "kept from being uploaded again",
            false => "released",
        };
        let (id, title, public) = (text("youtube_video_id"), text("title"), text("publish_at"));
        println!("{id:<14} {state}, public at {public}: {title}");
    }
    if videos.is_empty() {
        println!("there is none");
    }
}
