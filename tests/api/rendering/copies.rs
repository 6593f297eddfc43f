//! Our own copies of rendered files.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, PATIENCE, Script, SeededChannel, Stack, StandIn, until};

impl SeededChannel {
    /// A script's render that is ready and copied.
    async fn copied_render(&self, script: &Script) -> Answer {
        let ready = self.render_until(script, &["ready"]).await;
        let path = format!("/api/video/{}", ready.id());
        until("an address of the copy", PATIENCE, async || {
            self.stack.dispatch().await;
            let render = self.user.api.get(&path).await.status(200);
            match render.json["file"]["preview_url"].is_string() {
                true => Ok(render),
                false => Err(render.to_string()),
            }
        })
        .await
    }

    /// Name and version of the only copy of a render.
    fn copy_of(&self, render: &Answer) -> (String, String) {
        let name = format!("{}/{}.mp4", self.channel, render.id());
        let query = format!("select version from storage.objects where name = '{name}'");
        (name, self.stack.sql(&query))
    }

    fn count_of_copies(&self) -> String {
        let channel = self.channel;
        self.stack.sql(&format!(
            "select count(*) from storage.objects where name like '{channel}/%'"
        ))
    }

    /// Makes the product forget that there is a copy, and runs the step again.
    async fn copy_again(&self, render: &Answer) {
        let of = format!("where render_id = '{}'", render.id());
        self.stack.sql(&format!(
            "update private.render_jobs set copied_at = null {of}"
        ));
        self.stack.run_step("render.copy", &render.id()).await;
        let recorded = format!("select copied_at is not null from private.render_jobs {of}");
        self.stack
            .until_sql("the record of the copy", &recorded, "t")
            .await;
    }
}

impl Stack {
    /// A call of the Storage API with the secret key.
    async fn store(&self, method: Method, path: &str, body: &Value) -> Answer {
        let url = format!("{}/storage/v1/{path}", self.supabase_url);
        let request = self.storage_request(method, &url, &self.secret_key, &self.secret_key);
        Answer::of(request.json(body)).await
    }
}

#[tokio::test]
async fn a_ready_video_is_copied_once_and_watched_at_an_address_of_its_own() {
    let seeded = SeededChannel::new().await;
    let render = seeded.copied_render(&seeded.seeded_script()).await;
    assert_eq!(seeded.count_of_copies(), "1");
    let address = render.text("/file/preview_url");
    assert!(address.starts_with(&seeded.stack.supabase_url), "{address}");
    let video = seeded.stack.fetch(&address).await;
    assert_eq!(video.status().as_u16(), 200);
    assert_eq!(video.headers()["content-type"], "video/mp4");
    assert_eq!(video.bytes().await.expect("the video").len(), 1_500_000);

    // A list says the same from one minute to the next: no addresses there.
    let listed = seeded.user.api.get("/api/video").await.status(200);
    assert_eq!(listed.json["items"][0]["file"]["preview_url"], Value::Null);
}

#[tokio::test]
async fn copies_are_read_by_the_members_of_their_channel_only() {
    let seeded = SeededChannel::new().await;
    let render = seeded.copied_render(&seeded.seeded_script()).await;
    let (name, _) = seeded.copy_of(&render);
    let stranger = SeededChannel::new().await;
    let read = async |token: &str| {
        let url = format!(
            "{}/storage/v1/object/info/renders/{name}",
            seeded.stack.supabase_url
        );
        let stack = &seeded.stack;
        Answer::of(stack.storage_request(Method::GET, &url, &stack.publishable_key, token)).await
    };
    assert_eq!(
        read(&seeded.user.access_token).await.status(200).json["size"],
        1_500_000
    );
    assert_eq!(
        read(&stranger.user.access_token).await.json["statusCode"],
        "404"
    );
    assert_eq!(
        read(&seeded.stack.publishable_key).await.json["statusCode"],
        "404"
    );
}

#[tokio::test]
async fn a_copy_that_was_made_but_not_written_down_is_found_and_not_made_again() {
    let seeded = SeededChannel::new().await;
    let render = seeded.copied_render(&seeded.seeded_script()).await;
    let made = seeded.copy_of(&render);
    seeded.copy_again(&render).await;
    assert_eq!(seeded.copy_of(&render), made);
}

#[tokio::test]
async fn a_copy_whose_source_breaks_off_is_made_by_a_later_attempt() {
    let seeded = SeededChannel::new().await;
    let script = seeded.seeded_script();
    let render = seeded.copied_render(&script).await;
    let (name, lost) = seeded.copy_of(&render);
    let names = json!({ "prefixes": [name] });
    seeded
        .stack
        .store(Method::DELETE, "object/renders", &names)
        .await
        .status(200);
    let pid = script.charged().await[0]["pid"]
        .as_str()
        .expect("a job")
        .to_owned();
    let fault = json!({ "path": format!("/v/{pid}.mp4"), "times": 2, "status": 503 });
    StandIn::Revid.fault(&fault).await;
    seeded.copy_again(&render).await;
    let (_, made) = seeded.copy_of(&render);
    assert!(!made.is_empty() && made != lost, "another copy: {made}");
}

#[tokio::test]
async fn erasing_a_channel_removes_its_copies() {
    let seeded = SeededChannel::new().await;
    seeded.copied_render(&seeded.seeded_script()).await;
    assert_eq!(seeded.count_of_copies(), "1");
    seeded
        .user
        .api
        .delete(&format!("/api/channels/{}", seeded.channel))
        .await;
    let left = format!(
        "select count(*) from public.channels where id = '{}'",
        seeded.channel
    );
    seeded
        .stack
        .until_sql("the end of the channel", &left, "0")
        .await;
    assert_eq!(seeded.count_of_copies(), "0");
}

#[tokio::test]
async fn a_copy_of_a_channel_that_is_gone_is_swept() {
    let seeded = SeededChannel::new().await;
    let render = seeded.copied_render(&seeded.seeded_script()).await;
    let gone = Uuid::new_v4();
    let late = json!({
        "bucketId": "renders", "sourceKey": seeded.copy_of(&render).0, "destinationKey": format!("{gone}/late.mp4"),
    });
    seeded
        .stack
        .store(Method::POST, "object/copy", &late)
        .await
        .status(200);
    seeded.stack.sql("select private.sweep_render_copies()");
    let left = format!("select count(*) from storage.objects where name like '{gone}/%'");
    seeded.stack.until_sql("the sweep", &left, "0").await;
    assert_eq!(seeded.count_of_copies(), "1", "others stay");
}
