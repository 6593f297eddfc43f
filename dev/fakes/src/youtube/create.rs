//! Making an account at Google together with its channel at YouTube.

use std::{cmp::Reverse, path::PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::store::Channel;
use super::video::Video;
use crate::google::store::Account;
use crate::{
    CatalogRow, World, after, generate_catalog, hash, lock, read_catalog, settings, short_id,
};

/// `POST /_control/accounts`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NewAccount {
    pub(crate) account: String,
    pub(crate) channel: NewChannel,
    pub(crate) scopes_granted: Option<Vec<String>>,
    pub(crate) no_channel: bool,
    pub(crate) refuses: bool,
}

/// Makes an account and its channel; one of the same name is replaced, its grants and tokens with it.
pub(crate) fn create_account(world: &World, new: NewAccount) -> Result<Value, String> {
    let name = new.account;
    if name.is_empty() || name.contains('@') {
        return Err("`account` must be a name without `@`".to_owned());
    }
    let channel = match new.no_channel {
        true => None,
        false => Some(create_channel(world, &name, new.channel)?),
    };
    let id = channel.as_ref().and_then(|channel| channel["id"].as_str());
    let account = Account {
        channel: id.map(str::to_owned),
        refuses: new.refuses,
        scopes_granted: new.scopes_granted,
        ..Account::default()
    };
    let mut google = lock(&world.google);
    google.revoke_account(&name);
    google.accounts.insert(name.clone(), account);
    Ok(json!({"account": name, "channel": channel}))
}

/// The `channel` of `POST /_control/accounts`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NewChannel {
    id: Option<String>,
    title: Option<String>,
    country: Option<String>,
    time_zone: Option<String>,
    subscribers: Option<u64>,
    catalog: Option<PathBuf>,
    generated: Option<Generated>,
    rows: Option<Vec<CatalogRow>>,
}

impl NewChannel {
    /// With the videos of a catalogue, or made-up ones without it.
    pub(crate) fn with_catalog(catalog: Option<PathBuf>) -> Self {
        Self {
            catalog,
            ..Self::default()
        }
    }
}

settings! {
    /// How many videos to make up, and from which seed.
    Generated {
        videos: usize = 120,
        seed: u64 = 7,
    }
}

/// Makes the channel of an account. The default is a made-up catalogue of 120 videos.
pub(crate) fn create_channel(
    world: &World,
    account: &str,
    new: NewChannel,
) -> Result<Value, String> {
    let default_id = || format!("UC{}", short_id(&["channel", account], 22));
    let id = new.id.clone().unwrap_or_else(default_id);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if id.len() < 3 || !id.bytes().all(allowed) {
        return Err("`channel.id` must look like one of YouTube's".to_owned());
    }
    let channel = build(world, id.clone(), account, new)?;
    let body = json!({"id": id, "title": channel.title, "uploads": channel.uploads(), "videos": channel.videos.len()});
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
    Ok(body)
}

fn build(world: &World, id: String, account: &str, new: NewChannel) -> Result<Channel, String> {
    let now = world.clock.now();
    let catalog = new.catalog.as_ref().map(|path| path.display().to_string());
    let rows = match (new.rows, new.catalog, new.generated) {
        (Some(rows), None, None) => rows,
        (None, Some(path), None) => {
            read_catalog(&path).map_err(|error| format!("{}: {error}", path.display()))?
        }
        (None, None, generated) => {
            let Generated { videos, seed } = generated.unwrap_or_default();
            let newest = after(now, SignedDuration::from_hours(-9));
            generate_catalog(videos, seed ^ world.seed, newest)
        }
        _ => return Err("give one of `catalog`, `generated` and `rows`".to_owned()),
    };
    let mut numbered: Vec<(usize, CatalogRow)> = rows.into_iter().enumerate().collect();
    // Oldest first; of two at the same time the later row is the earlier video, as files run from new to old.
    numbered.sort_by_key(|(at, row)| (row.published_at, Reverse(*at)));
    let views: u64 = numbered.iter().map(|(_, row)| row.views).sum();
    let videos = numbered
        .into_iter()
        .map(|(at, row)| catalogue_video(&id, at, row));
    let videos: Vec<Video> = videos.collect();
    Ok(Channel {
        id,
        account: account.to_owned(),
        title: new
            .title
            .unwrap_or_else(|| format!("The {account} channel")),
        country: new.country.unwrap_or_else(|| "US".to_owned()),
        time_zone: new.time_zone,
        published_at: videos.first().map_or(now, |video| video.uploaded_at),
        subscribers: new
            .subscribers
            .unwrap_or_else(|| rounded(views / 120 + 100)),
        catalog,
        videos,
    })
}

/// The file that the videos of an account's channel came from.
pub(crate) fn catalog_of(world: &World, account: &str) -> Option<String> {
    let youtube = lock(&world.youtube);
    let channel = youtube
        .channels
        .values()
        .find(|channel| channel.account == account)?;
    channel.catalog.clone()
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
    let published: Timestamp = row.published_at;
    let (at, time) = (at.to_string(), published.to_string());
    let id = short_id(&["video", channel, &at, &row.title, &time], 11);
    let variation = hash(&[&id]);
    let short = row.title.to_lowercase().contains("#short");
    let words = row.title.split_whitespace().filter(|word| word.len() > 4);
    Video {
        description: format!("{}\n\nThank you for watching.", row.title),
        tags: words.take(5).map(str::to_lowercase).collect(),
        category_id: "28".to_owned(),
        default_language: Some("en".to_owned()),
        public_at: Some(published),
        seconds: if short {
            15 + variation % 45
        } else {
            120 + variation % 1_700
        },
        short,
        views: row.views,
        likes: row.likes,
        comments: row.comments,
        made_for_kids: Some(false),
        synthetic: Some(false),
        title: row.title,
        id,
        ..Video::new(published)
    }
}
