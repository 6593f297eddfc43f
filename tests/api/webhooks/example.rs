//! The example of docs/webhooks.md does what it is to show.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::json;
use uuid::Uuid;

use crate::support::{Creator, attempted, until};

/// The example as a file, in a folder that goes with it.
struct Example {
    folder: PathBuf,
}

impl Example {
    fn new() -> Self {
        let page = include_str!("../../../docs/webhooks.md");
        let code = page
            .split("```js\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .expect("an example");
        let folder = std::env::temp_dir().join(format!("webhooks-{}", Uuid::new_v4().simple()));
        fs::create_dir_all(&folder).expect("a folder");
        let example = Self { folder };
        fs::write(example.file(), code).expect("the example is written");
        example
    }

    fn file(&self) -> PathBuf {
        self.folder.join("verify.mjs")
    }

    /// Runs it as a receiver, and waits until it listens.
    async fn listen(&self, secret: &str, port: u16) -> Process {
        let child = Command::new("node")
            .arg(self.file())
            .env("WEBHOOK_SECRET", secret)
            .env("PORT", port.to_string())
            .stdout(Stdio::null())
            .spawn()
            .expect("node runs");
        let process = Process(child);
        until("the example listens", Duration::from_secs(30), async || {
            tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .map_err(|error| error.to_string())
        })
        .await;
        process
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_example_verifies_the_published_vectors_and_nothing_else() {
    let example = Example::new();
    let check = r#"
import { verify } from "./verify.mjs";
const A = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const K1 = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", K2 = "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
const ready = `{"type":"video.ready","timestamp":"2023-11-14T22:13:20Z","data":{"id":"vid_1"}}`;
const first = "v1,ixgtyY0qewpswnSrNHp3yTnXItg4Uq7mOZqsE7Hly10=", second = "v1,Bmummw0FQiIjM95ZaLEKb+Y0sW8jnq4jhRiykPeGt6w=";
const good = [
  [[A], "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1649367553, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=", `{"email":"test@example.com","username":"test_user"}`],
  [[K1], "msg_0001", 1700000000, first, ready],
  [[K2], "msg_0001", 1700000000, second, ready],
  [[K1], "msg_0002", 1700000000, "v1,wO4TT5C7FwnvytAmE5xQFu3A5lz2HFFooXKezK/rktc=", `{"type":"note.added","data":{"text":"caf\u00e9 \u2028 \u{1f600}"}}\n`],
  [[K1], "msg_0003", 1700000000, "v1,c2G+TMSONNLW5+iErOpjy4KwlRJCnTKNE9jJd/2Xrtg=", ""],
  [[K1], "msg_0001", 1700000000, `${second} ${first}`, ready],
];
const call = ([secrets, id, at, list, body], now = at) => verify(secrets,
  { "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": list }, Buffer.from(body), now);
let accepted = 0, refused = 0;
for (const one of good) { call(one); call(one, one[2] + 300); call(one, one[2] - 300); accepted += 1; }
const [secrets, id, at, list, body] = good[1];
const bad = [
  [secrets, "msg_0002", at, list, body], [secrets, "msg.0001", at, list, body], [secrets, id, at + 1, list, body],
  [secrets, id, at, list, body + " "], [[K2], id, at, list, body], [secrets, id, at, list.replace("v1,", "v2,"), body],
  [secrets, id, at, list.slice(0, -4), body], [secrets, id, at, "v1,", body], [secrets, id, at, "", body],
];
for (const one of bad) try { call(one); console.log("accepted", one); } catch { refused += 1; }
for (const now of [at + 301, at - 301]) try { call(good[1], now); } catch { refused += 1; }
console.log(accepted, refused);
"#;
    std::fs::write(example.folder.join("check.mjs"), check).expect("written");
    let output = Command::new("node")
        .arg("check.mjs")
        .current_dir(&example.folder)
        .env_remove("WEBHOOK_SECRET")
        .output()
        .expect("node runs");
    let said = [output.stdout, output.stderr].concat();
    assert_eq!(String::from_utf8_lossy(&said).trim(), "6 11");
}

#[tokio::test]
async fn the_example_receives_what_we_send() {
    let creator = Creator::new().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port();
    let body = json!({"url": format!("http://127.0.0.1:{port}/hooks")});
    let made = creator.user.api.post("/api/webhooks/endpoints", &body);
    let made = made.await.status(201);
    let example = Example::new();
    let another = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let process = example.listen(another, port).await;
    let test = format!("/api/webhooks/endpoints/{}/test", made.id());
    let delivery = creator.user.api.post(&test, &json!({})).await.status(202);
    let path = format!("/api/webhooks/deliveries/{}", delivery.id());
    let refused = attempted(&creator.stack, &creator.user, &path, 1).await;
    assert_eq!(refused.json["attempts"][0]["status"], 401, "{refused}");
    drop(process);

    let _process = example.listen(&made.text("/secret"), port).await;
    let again = format!("{path}/replay");
    creator.user.api.post(&again, &json!({})).await.status(202);
    let accepted = attempted(&creator.stack, &creator.user, &path, 2).await;
    assert_eq!(accepted.json["attempts"][1]["status"], 204, "{accepted}");
    assert_eq!(accepted.json["state"], "delivered");
}
