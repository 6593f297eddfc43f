//! Our own copies of rendered files: a private bucket of the project, one folder a channel, one file a render.

use std::sync::OnceLock;
use std::time::Duration;

use clients::download::{Fetcher, Guard, Limits};
use clients::storage::{Bucket, StorageError};
use platform::config::Config;
use platform::ids::{ChannelId, RenderId};
use platform::outbound;
use secrecy::SecretString;

use super::render::Render;

/// The bucket, which a migration makes.
const BUCKET: &str = "renders";

/// How long a preview's address works.
const PREVIEW: Duration = Duration::from_secs(10 * 60);

/// The copies as the backend may use them.
pub(super) fn copies(config: &Config) -> Bucket {
    let secret = &config.supabase.secret_key;
    bucket(config, secret.clone(), secret.clone())
}

fn bucket(config: &Config, apikey: SecretString, bearer: SecretString) -> Bucket {
    let project = config.supabase.url.clone();
    Bucket::new(
        outbound::transport().clone(),
        project,
        BUCKET,
        apikey,
        bearer,
    )
}

/// The name of a render's copy. It is the render's alone, so a file of this name is that copy.
pub(super) fn copy_name(channel: ChannelId, render: RenderId) -> String {
    format!("{channel}/{render}.mp4")
}

/// The client that reads copies at their signed addresses.
///
/// # Errors
///
/// When the HTTP client cannot be built, which no input can cause.
pub(super) fn fetcher(config: &Config) -> Result<&'static Fetcher, &'static reqwest::Error> {
    static FETCHER: OnceLock<Result<Fetcher, reqwest::Error>> = OnceLock::new();
    let build = || {
        let project = &config.supabase.url;
        let guard = match project.scheme() {
            "https" => Guard::new().only_hosts(project.host_str().map(str::to_owned)),
            // The local stack.
            _ => Guard::new().with_stand_in(project.clone()),
        };
        Fetcher::new(guard, Limits::default())
    };
    FETCHER.get_or_init(build).as_ref()
}

/// A render with an address at which its video can be watched for ten minutes, where we have a copy. Row level security
/// decides, by the caller's own token.
pub async fn with_preview(config: &Config, token: &SecretString, mut render: Render) -> Render {
    let Some(file) = &mut render.file else {
        return render;
    };
    let apikey = SecretString::from(config.supabase.publishable_key.clone());
    let name = copy_name(render.channel_id, render.id);
    match bucket(config, apikey, token.clone())
        .sign(&name, PREVIEW)
        .await
    {
        Ok(address) => file.preview_url = address.map(String::from),
        Err(error) => tracing::warn!(error = %error, "a preview could not be signed"),
    }
    render
}

/// Removes every copy of a channel's renders.
///
/// # Errors
///
/// [`StorageError`]; the same call may be made again.
pub(crate) async fn remove_copies(config: &Config, channel: ChannelId) -> Result<(), StorageError> {
    let removed = copies(config).remove_folder(&channel.to_string()).await?;
    tracing::info!(channel.id = %channel, removed, "copies of rendered files were removed");
    Ok(())
}
