//! YouTube: Data API reads and writes, resumable upload, Analytics and Reporting.

mod analytics;
mod errors;
mod manage;
mod partial;
mod quota;
mod reads;
mod reporting;
mod upload;

use std::collections::{BTreeMap, HashMap};

use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use errors::{Failure, named_error, plain_error};

use crate::{
    catalog::{CatalogRow, generate_catalog, read_catalog},
    clock::rfc3339,
    google::Access,
    server::{Call, Caller, Head, json_answer, lock, read, text_answer},
    world::{Knobs, World, hash, short_id},
};

/// All channels, sessions and counters.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Youtube {
    pub(crate) channels: BTreeMap<String, Channel>,
    #[serde(skip)]
    index: HashMap<String, (String, usize)>,
    sessions: BTreeMap<String, upload::Session>,
    quota: quota::Ledger,
    jobs: Vec<reporting::Job>,
    pub(crate) knobs: Knobs,
    violations: Vec<Violation>,
    serial: u64,
}

/// Something that a correct client never does.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Violation {
    account: String,
    what: String,
    at: Timestamp,
}

/// One channel and everything uploaded to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) account: String,
    title: String,
    country: String,
    time_zone: Option<String>,
    published_at: Timestamp,
    subscribers: u64,
    /// The file that its videos came from.
    catalog: Option<String>,
    /// In the order of upload, oldest first; the uploads playlist shows the reverse.
    videos: Vec<Video>,
}

/// One video.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Video {
    id: String,
    title: String,
    description: String,
    tags: Vec<String>,
    category_id: String,
    default_language: Option<String>,
    /// When it was uploaded.
    uploaded_at: Timestamp,
    /// When it first was public.
    public_at: Option<Timestamp>,
    seconds: u64,
    short: bool,
    views: u64,
    likes: Option<u64>,
    comments: Option<u64>,
    privacy: String,
    publish_at: Option<Timestamp>,
    license: String,
    embeddable: bool,
    public_stats_viewable: bool,
    made_for_kids: Option<bool>,
    synthetic: Option<bool>,
    deleted: bool,
    edits: u32,
    thumbnail_bytes: Option<u64>,
    /// How it came here; none for what the catalogue brought.
    upload: Option<Upload>,
}

/// What is known of a video's file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Upload {
    session: String,
    bytes: u64,
    sha256: Option<String>,
    content_type: String,
    file_name: Option<String>,
    scheduled_for: Option<Timestamp>,
    notify_subscribers: bool,
    polls: u32,
}

/// Settings; each may be set for all accounts or for one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    quota_units: u64,
    quota_uploads: u64,
    quota_batch_stats: u64,
    quota_search: u64,
    own_quota: bool,
    queries_per_minute: Option<u64>,
    exhausted_units_status: u16,
    failed_starts_are_charged: bool,
    final_status: u16,
    new_location_on_308: bool,
    session_seconds: i64,
    forget_completed_sessions: bool,
    session_gone_status: u16,
    misaligned_status: u16,
    gap_status: u16,
    visibility_delay_seconds: i64,
    processing_polls: u32,
    processing_seconds: i64,
    processing_outcome: String,
    unprocessed_duration: Option<String>,
    channel_upload_limit: Option<u64>,
    thumbnails: String,
    long_uploads_status: String,
    short_pages: bool,
    refuse_large_pages: bool,
    uploads_playlist_missing: bool,
    omit_some_stats: bool,
    file_details: bool,
    slug_sets_file_name: bool,
    publish_at_is_ignored: bool,
    analytics_delay_days: i64,
    reach_ctr_in_percent: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            quota_units: 10_000,
            quota_uploads: 100,
            quota_batch_stats: 10_000,
            quota_search: 100,
            own_quota: false,
            queries_per_minute: None,
            exhausted_units_status: 403,
            failed_starts_are_charged: true,
            final_status: 201,
            new_location_on_308: false,
            session_seconds: 604_800,
            forget_completed_sessions: false,
            session_gone_status: 404,
            misaligned_status: 400,
            gap_status: 503,
            visibility_delay_seconds: 0,
            processing_polls: 2,
            processing_seconds: 600,
            processing_outcome: "succeeded".to_owned(),
            unprocessed_duration: None,
            channel_upload_limit: None,
            thumbnails: "allowed".to_owned(),
            long_uploads_status: "allowed".to_owned(),
            short_pages: false,
            refuse_large_pages: false,
            uploads_playlist_missing: false,
            omit_some_stats: false,
            file_details: true,
            slug_sets_file_name: true,
            publish_at_is_ignored: false,
            analytics_delay_days: 3,
            reach_ctr_in_percent: false,
        }
    }
}

/// The `channel` of `POST /_control/accounts`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NewChannel {
    pub(crate) id: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) time_zone: Option<String>,
    pub(crate) subscribers: Option<u64>,
    pub(crate) catalog: Option<std::path::PathBuf>,
    pub(crate) generated: Option<Generated>,
    pub(crate) rows: Option<Vec<CatalogRow>>,
}

/// How many videos to make up, and from which seed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Generated {
    videos: usize,
    seed: u64,
}

impl Default for Generated {
    fn default() -> Self {
        Self {
            videos: 120,
            seed: 7,
        }
    }
}

/// A caller who has shown a good token.
#[derive(Clone, Debug)]
struct Actor {
    account: String,
    channel: Option<String>,
    project: String,
    settings: Settings,
}

impl Actor {
    fn channel(&self) -> Result<&str, Failure> {
        self.channel.as_deref().ok_or_else(errors::signup_required)
    }
}

impl Youtube {
    pub(crate) fn reindex(&mut self) {
        self.index = self
            .channels
            .iter()
            .flat_map(|(id, channel)| {
                channel
                    .videos
                    .iter()
                    .enumerate()
                    .map(move |(at, video)| (video.id.clone(), (id.clone(), at)))
            })
            .collect();
    }

    pub(crate) fn settings(&self, account: Option<&str>) -> Settings {
        self.knobs
            .read(|key| Some(key) == account)
            .unwrap_or_default()
    }

    pub(crate) fn remove_channel(&mut self, id: &str) {
        self.channels.remove(id);
        self.reindex();
    }

    fn video(&self, id: &str) -> Option<(&Channel, &Video)> {
        let (channel, at) = self.index.get(id)?;
        let channel = self.channels.get(channel)?;
        let video = channel.videos.get(*at).filter(|video| !video.deleted)?;
        Some((channel, video))
    }

    fn video_mut(&mut self, id: &str) -> Option<&mut Video> {
        let (channel, at) = self.index.get(id)?;
        self.channels
            .get_mut(channel)?
            .videos
            .get_mut(*at)
            .filter(|video| !video.deleted)
    }

    fn violation(&mut self, account: &str, what: impl Into<String>, at: Timestamp) {
        self.violations.push(Violation {
            account: account.to_owned(),
            what: what.into(),
            at,
        });
    }

    /// Publishes what is due. YouTube does this by itself; here it happens before anybody looks.
    fn settle(&mut self, now: Timestamp) {
        let knobs = &self.knobs;
        for channel in self.channels.values_mut() {
            let mut ignored = None;
            for video in channel.videos.iter_mut().rev() {
                if video.upload.is_none() {
                    // Everything that was ever uploaded here is newer than the catalogue.
                    break;
                }
                let Some(due) = video
                    .publish_at
                    .filter(|due| *due <= now && video.privacy == "private")
                else {
                    continue;
                };
                let account = channel.account.as_str();
                let ignored = *ignored.get_or_insert_with(|| {
                    knobs
                        .read::<Settings>(|key| key == account)
                        .unwrap_or_default()
                        .publish_at_is_ignored
                });
                if !ignored {
                    "public".clone_into(&mut video.privacy);
                    video.public_at = Some(due);
                    video.publish_at = None;
                }
            }
        }
    }
}

impl Channel {
    fn uploads(&self) -> String {
        format!("UU{}", self.id.strip_prefix("UC").unwrap_or(&self.id))
    }
}

impl Video {
    /// Present counters: those of the catalogue, or a slow growth since the video went public.
    fn counters(&self, now: Timestamp) -> (u64, Option<u64>, Option<u64>) {
        if self.upload.is_none() {
            return (self.views, self.likes, self.comments);
        }
        let Some(public_at) = self.public_at else {
            return (0, Some(0), Some(0));
        };
        let days = now.duration_since(public_at).as_secs_f64().max(0.0) / 86_400.0;
        let share = 1.0 - (-days / 4.0).exp();
        let views = (self.views as f64 * share) as u64;
        (views, Some(views / 25), Some(views / 300))
    }

    /// Where YouTube is with it: `(uploadStatus, processingStatus, reason)`.
    fn progress(
        &self,
        settings: &Settings,
        now: Timestamp,
    ) -> (&'static str, &'static str, Option<String>) {
        let Some(upload) = &self.upload else {
            return ("processed", "succeeded", None);
        };
        let waited = now.duration_since(self.uploaded_at).as_secs() >= settings.processing_seconds;
        if upload.polls < settings.processing_polls && !waited {
            return ("uploaded", "processing", None);
        }
        match settings.processing_outcome.split_once(':') {
            Some(("failed", reason)) => ("failed", "failed", Some(reason.to_owned())),
            Some(("rejected", reason)) => ("rejected", "terminated", Some(reason.to_owned())),
            _ if settings.processing_outcome == "failed" => {
                ("failed", "failed", Some("conversion".to_owned()))
            }
            _ if settings.processing_outcome == "stuck" => ("uploaded", "processing", None),
            _ => ("processed", "succeeded", None),
        }
    }

    fn is_visible_to(&self, owner: bool) -> bool {
        owner || self.privacy != "private"
    }
}

/// Makes the channel of an account. The default is a made-up catalogue of 120 videos.
pub(crate) fn create_channel(
    world: &World,
    account: &str,
    new: NewChannel,
) -> Result<Value, String> {
    let now = world.clock.now();
    let id = new
        .id
        .unwrap_or_else(|| format!("UC{}", short_id(&["channel", account], 22)));
    if id.len() < 3
        || !id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    {
        return Err("`channel.id` must look like one of YouTube's".to_owned());
    }
    let catalog = new.catalog.as_ref().map(|path| path.display().to_string());
    let rows = match (new.rows, new.catalog, new.generated) {
        (Some(rows), None, None) => rows,
        (None, Some(path), None) => {
            read_catalog(&path).map_err(|error| format!("{}: {error}", path.display()))?
        }
        (None, None, generated) => {
            let generated = generated.unwrap_or_default();
            let newest = now
                .checked_sub(SignedDuration::from_hours(9))
                .unwrap_or(now);
            generate_catalog(generated.videos, generated.seed ^ world.seed, newest)
        }
        _ => return Err("give one of `catalog`, `generated` and `rows`".to_owned()),
    };
    let mut numbered: Vec<(usize, CatalogRow)> = rows.into_iter().enumerate().collect();
    // Oldest first; of two at the same time the later row is the earlier video, as files run from new to old.
    numbered.sort_by_key(|(at, row)| (row.published_at, std::cmp::Reverse(*at)));
    let total: u64 = numbered.iter().map(|(_, row)| row.views).sum();
    let videos: Vec<Video> = numbered
        .into_iter()
        .map(|(at, row)| catalogue_video(&id, at, row))
        .collect();
    let channel = Channel {
        account: account.to_owned(),
        title: new
            .title
            .unwrap_or_else(|| format!("The {account} channel")),
        country: new.country.unwrap_or_else(|| "US".to_owned()),
        time_zone: new.time_zone,
        published_at: videos.first().map_or(now, |video| video.uploaded_at),
        subscribers: new
            .subscribers
            .unwrap_or_else(|| rounded(total / 120 + 100)),
        catalog,
        videos,
        id: id.clone(),
    };
    let answer = json!({"id": id, "title": channel.title, "uploads": channel.uploads(), "videos": channel.videos.len()});
    let mut youtube = lock(&world.youtube);
    if youtube
        .channels
        .get(&id)
        .is_some_and(|other| other.account != account)
    {
        return Err("another account has this channel".to_owned());
    }
    youtube.channels.retain(|_, other| other.account != account);
    youtube.channels.insert(id, channel);
    youtube.reindex();
    Ok(answer)
}

/// The file that the videos of an account's channel came from.
pub(crate) fn catalog_of(world: &World, account: &str) -> Option<String> {
    let youtube = lock(&world.youtube);
    let mut channels = youtube.channels.values();
    channels
        .find(|channel| channel.account == account)?
        .catalog
        .clone()
}

/// Public subscriber counts have three significant figures.
fn rounded(count: u64) -> u64 {
    let mut unit = 1;
    while count / unit >= 1_000 {
        unit *= 10;
    }
    count / unit * unit
}

fn catalogue_video(channel: &str, at: usize, row: CatalogRow) -> Video {
    let id = short_id(
        &[
            "video",
            channel,
            &at.to_string(),
            &row.title,
            &row.published_at.to_string(),
        ],
        11,
    );
    let h = hash(&[&id]);
    let short = row.title.to_lowercase().contains("#short");
    Video {
        description: format!("{}\n\nThank you for watching.", row.title),
        tags: row
            .title
            .split_whitespace()
            .filter(|word| word.len() > 4)
            .take(5)
            .map(str::to_lowercase)
            .collect(),
        category_id: "28".to_owned(),
        default_language: Some("en".to_owned()),
        uploaded_at: row.published_at,
        public_at: Some(row.published_at),
        seconds: if short { 15 + h % 45 } else { 120 + h % 1_700 },
        short,
        views: row.views,
        likes: row.likes,
        comments: row.comments,
        privacy: "public".to_owned(),
        publish_at: None,
        license: "youtube".to_owned(),
        embeddable: true,
        public_stats_viewable: true,
        made_for_kids: Some(false),
        synthetic: Some(false),
        deleted: false,
        edits: 0,
        thumbnail_bytes: None,
        upload: None,
        title: row.title,
        id,
    }
}

// ---------------------------------------------------------------------------------------------------------------
// Calls

pub(crate) fn operations(head: &Head) -> Vec<&'static str> {
    let path = head.path.strip_prefix("/resumable").unwrap_or(&head.path);
    match (head.method.as_str(), path) {
        ("GET", "/youtube/v3/channels") => vec!["channels.list"],
        ("GET", "/youtube/v3/playlistItems") => vec!["playlistItems.list"],
        ("GET", "/youtube/v3/videos") => vec!["videos.list"],
        ("PUT", "/youtube/v3/videos") => vec!["videos.update"],
        ("DELETE", "/youtube/v3/videos") => vec!["videos.delete"],
        ("GET", "/youtube/v3/videos:batchGetStats") => vec!["videos.batchGetStats"],
        ("GET", "/youtube/v3/videoCategories") => vec!["videoCategories.list"],
        ("GET", "/youtube/v3/search") => vec!["search.list"],
        ("POST", "/upload/youtube/v3/thumbnails/set") => vec!["thumbnails.set"],
        ("GET", "/v2/reports") => vec!["reports.query"],
        ("GET" | "POST" | "DELETE", path) if path.starts_with("/v1/") => vec!["reporting"],
        ("PUT" | "POST", "/upload/youtube/v3/videos") if head.param("upload_id").is_some() => {
            upload::operations(head)
        }
        ("POST", "/upload/youtube/v3/videos") => vec!["upload.start", "videos.insert"],
        _ => vec!["unknown"],
    }
}

pub(crate) fn caller(world: &World, head: &Head) -> Caller {
    let Some(token) = head.bearer() else {
        return Caller::default();
    };
    let google = lock(&world.google);
    let Some(account) = google.owner(token).map(str::to_owned) else {
        return Caller::default();
    };
    let channel = google
        .accounts
        .get(&account)
        .and_then(|account| account.channel.clone());
    Caller {
        account: Some(account),
        channel,
    }
}

/// What a method asks of a token: one scope of each group.
fn scopes(operation: &str) -> &'static [&'static [&'static str]] {
    const READ: &[&str] = &[
        "youtube.readonly",
        "youtube",
        "youtube.force-ssl",
        "youtubepartner",
    ];
    const UPLOAD: &[&str] = &[
        "youtube.upload",
        "youtube",
        "youtube.force-ssl",
        "youtubepartner",
    ];
    const WRITE: &[&str] = &["youtube", "youtube.force-ssl", "youtubepartner"];
    const ANALYTICS: &[&str] = &["yt-analytics.readonly", "yt-analytics-monetary.readonly"];
    match operation {
        "upload.start" | "upload.chunk" | "upload.status" | "thumbnails.set" => &[UPLOAD],
        "videos.update" | "videos.delete" => &[WRITE],
        "reports.query" => &[ANALYTICS, READ],
        "reporting" => &[ANALYTICS],
        _ => &[READ],
    }
}

fn authorise(world: &World, head: &Head, operation: &str) -> Result<Actor, Failure> {
    let now = world.clock.now();
    let (access, channel): (Access, Option<String>) = {
        let google = lock(&world.google);
        let access = head
            .bearer()
            .and_then(|token| google.access(token, now))
            .ok_or_else(errors::unauthenticated)?
            .clone();
        let account = google
            .accounts
            .get(&access.account)
            .ok_or_else(errors::unauthenticated)?;
        (access, account.channel.clone())
    };
    let has = |group: &[&str]| {
        access.scopes.iter().any(|scope| {
            group.contains(
                &scope
                    .strip_prefix("https://www.googleapis.com/auth/")
                    .unwrap_or(scope),
            )
        })
    };
    if !scopes(operation).iter().all(|group| has(group)) {
        return Err(if operation.starts_with("report") {
            errors::forbidden()
        } else {
            errors::insufficient_permissions()
        });
    }
    let settings = lock(&world.youtube).settings(Some(&access.account));
    let project = if settings.own_quota {
        format!("{} of {}", access.client_id, access.account)
    } else {
        access.client_id
    };
    Ok(Actor {
        account: access.account,
        channel,
        project,
        settings,
    })
}

pub(crate) async fn handle(world: &World, call: Call) -> Response {
    let operation = operations(&call.head)[0];
    let now = world.clock.now();
    lock(&world.youtube).settle(now);
    if operation == "unknown" {
        return text_answer(
            404,
            "text/html; charset=UTF-8",
            "<html><title>Error 404 (Not Found)!!1</title></html>",
        );
    }
    let actor = match authorise(world, &call.head, operation) {
        Ok(actor) => actor,
        Err(failure) => {
            let stream = lock(&call.stream).take();
            if let Some(stream) = stream {
                upload::swallow(stream).await;
            }
            return failure.into_response();
        }
    };
    let result = match operation {
        "channels.list" => reads::channels(world, &call.head, &actor),
        "playlistItems.list" => reads::playlist_items(world, &call.head, &actor),
        "videos.list" => reads::videos(world, &call.head, &actor),
        "videos.batchGetStats" => reads::batch_stats(world, &call.head, &actor),
        "videoCategories.list" => reads::categories(world, &call.head, &actor),
        "search.list" => reads::search(world, &call.head, &actor),
        "videos.update" => manage::update(world, &call, &actor),
        "videos.delete" => {
            return manage::delete(world, &call.head, &actor)
                .unwrap_or_else(Failure::into_response);
        }
        "thumbnails.set" => manage::set_thumbnail(world, &call, &actor),
        "reports.query" => analytics::query(world, &call.head, &actor),
        "reporting" => {
            return reporting::handle(world, &call, &actor).unwrap_or_else(Failure::into_response);
        }
        "upload.start" => {
            return upload::start(world, &call, &actor).unwrap_or_else(Failure::into_response);
        }
        "upload.status" => {
            return upload::status(world, &call, &actor).unwrap_or_else(Failure::into_response);
        }
        _ => {
            return upload::chunk(world, call, &actor)
                .await
                .unwrap_or_else(Failure::into_response);
        }
    };
    match result {
        Ok(value) => partial::respond(&call.head, value),
        Err(failure) => failure.into_response(),
    }
}

// ---------------------------------------------------------------------------------------------------------------
// What the world holds

/// What ties a video to whoever uploaded it: the file name, a tag or a word of the description that says so.
fn marker(video: &Video) -> Option<String> {
    let ours = |word: &&str| {
        word.starts_with("cce-") || word.starts_with("cce:") || word.starts_with("[cce")
    };
    let tag = video.tags.iter().map(String::as_str).find(ours);
    let word = tag.or_else(|| video.description.split_whitespace().find(ours));
    word.map(str::to_owned)
        .or_else(|| video.upload.as_ref()?.file_name.clone())
}

pub(crate) fn state(world: &World, head: &Head) -> Value {
    let now = world.clock.now();
    let mut youtube = lock(&world.youtube);
    youtube.settle(now);
    let wanted = |account: &str, channel: &str| {
        head.param("account").is_none_or(|only| only == account)
            && head.param("channel").is_none_or(|only| only == channel)
    };
    let mut created = Vec::new();
    let mut channels = Vec::new();
    for channel in youtube
        .channels
        .values()
        .filter(|channel| wanted(&channel.account, &channel.id))
    {
        let settings = youtube.settings(Some(&channel.account));
        let alive = channel.videos.iter().filter(|video| !video.deleted).count();
        channels.push(json!({"id": channel.id, "account": channel.account, "title": channel.title, "time_zone": channel.time_zone, "videos": alive}));
        for video in &channel.videos {
            let Some(upload) = &video.upload else {
                continue;
            };
            let (upload_status, processing, _) = video.progress(&settings, now);
            created.push(json!({
                "id": video.id, "account": channel.account, "channel_id": channel.id, "title": video.title,
                "description": video.description, "tags": video.tags, "category_id": video.category_id,
                "marker": marker(video), "file_name": upload.file_name, "bytes": upload.bytes, "size": upload.bytes,
                "sha256": upload.sha256, "content_type": upload.content_type, "privacy": video.privacy,
                "publish_at": video.publish_at.map(rfc3339), "scheduled_for": upload.scheduled_for.map(rfc3339),
                "public_at": video.public_at.map(rfc3339), "created_at": rfc3339(video.uploaded_at),
                "upload_status": upload_status, "processing_status": processing, "session": upload.session,
                "made_for_kids": video.made_for_kids, "synthetic": video.synthetic, "embeddable": video.embeddable,
                "notify_subscribers": upload.notify_subscribers, "thumbnail_bytes": video.thumbnail_bytes,
                "deleted": video.deleted, "edits": video.edits,
            }));
        }
    }
    created.sort_by(|a, b| a["created_at"].as_str().cmp(&b["created_at"].as_str()));
    let sessions: Vec<Value> = youtube
        .sessions
        .values()
        .filter(|session| wanted(&session.account, &session.channel))
        .map(|session| session.facts(now, &youtube.settings(Some(&session.account))))
        .collect();
    let violations: Vec<&Violation> = youtube
        .violations
        .iter()
        .filter(|violation| {
            head.param("account")
                .is_none_or(|only| only == violation.account)
        })
        .collect();
    json!({
        "now": now.to_string(), "quota_day": crate::clock::pacific_day(now).to_string(), "channels": channels,
        "videos_created": created, "sessions": sessions, "quota": youtube.quota.facts(), "violations": violations,
        "reporting_jobs": youtube.jobs.len(),
    })
}

pub(crate) fn control(world: &World, head: &Head, body: &[u8]) -> Option<Result<Value, String>> {
    match (head.method.as_str(), head.path.strip_prefix("/_control/")?) {
        ("POST", "accounts") => {
            Some(read(body).and_then(|new| crate::google::create_account(world, new)))
        }
        ("POST", "knobs") => Some(read(body).and_then(|change| {
            lock(&world.youtube)
                .knobs
                .set::<Settings>("account", change)
        })),
        ("DELETE", "knobs") => {
            lock(&world.youtube).knobs.clear(head.param("account"));
            Some(Ok(json!({})))
        }
        ("POST", "sessions/expire") => {
            let mut youtube = lock(&world.youtube);
            let mut expired = 0;
            for session in youtube.sessions.values_mut() {
                if head
                    .param("account")
                    .is_none_or(|account| account == session.account)
                    && !session.expired
                {
                    session.expired = true;
                    expired += 1;
                }
            }
            Some(Ok(json!({"expired": expired})))
        }
        ("POST", "videos") => {
            Some(read::<ChangeVideo>(body).and_then(|change| change_video(world, &change)))
        }
        ("DELETE", "quota") => {
            lock(&world.youtube).quota = quota::Ledger::default();
            Some(Ok(json!({})))
        }
        _ => None,
    }
}

/// `POST /_control/videos`: what the creator does by hand in Studio.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeVideo {
    id: String,
    title: Option<String>,
    privacy: Option<String>,
    views: Option<u64>,
    likes: Option<u64>,
    comments: Option<u64>,
    #[serde(default)]
    delete: bool,
}

fn change_video(world: &World, change: &ChangeVideo) -> Result<Value, String> {
    let now = world.clock.now();
    let mut youtube = lock(&world.youtube);
    let video = youtube.video_mut(&change.id).ok_or("no such video")?;
    if let Some(title) = &change.title {
        video.title.clone_from(title);
    }
    if let Some(privacy) = &change.privacy {
        video.privacy.clone_from(privacy);
        if privacy == "public" && video.public_at.is_none() {
            video.public_at = Some(now);
        }
    }
    if let Some(views) = change.views {
        video.views = views;
    }
    video.likes = change.likes.or(video.likes);
    video.comments = change.comments.or(video.comments);
    video.deleted |= change.delete;
    video.edits += 1;
    Ok(json!({}))
}

/// An answer without a body.
fn empty(status: u16) -> Response {
    let mut response = text_answer(
        status,
        "text/plain; charset=UTF-8",
        axum::body::Body::empty(),
    );
    response.headers_mut().insert(
        http::header::CONTENT_LENGTH,
        http::HeaderValue::from_static("0"),
    );
    response
}

impl Failure {
    fn into_response(self) -> Response {
        json_answer(self.status, &self.body)
    }
}
