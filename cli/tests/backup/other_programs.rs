//! What `minisign` and `age` say of our files: who has lost this tool opens and checks a backup all the same.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use catalyst_cli::backup::{PublicKey, Verified};
use flate2::read::GzDecoder;

use crate::world::{archive, runtime, signer, store, verifier, world};

fn output(command: &mut Command) -> Output {
    let program = command.get_program().display().to_string();
    let output = command.output();
    output
        .unwrap_or_else(|error| panic!("{program}: {error}; `scripts/setup {program}` installs it"))
}

/// The comment that minisign believes to be the signer's; none when it does not believe the signature.
fn trusted_comment(file: &Path, signature: &Path, key: &PublicKey) -> Option<String> {
    let mut minisign = Command::new("minisign");
    minisign
        .arg("-V")
        .arg("-m")
        .arg(file)
        .arg("-x")
        .arg(signature);
    let output = output(minisign.args(["-P", &key.to_string(), "-Q"]));
    let comment = String::from_utf8(output.stdout).expect("a comment");
    output
        .status
        .success()
        .then(|| comment.trim_end().to_owned())
}

/// The signatures in a folder.
fn signatures(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).expect("the folder");
    let files = files.map(|file| file.expect("a file").path());
    files
        .filter(|path| path.extension().is_some_and(|kind| kind == "minisig"))
        .collect()
}

#[test]
fn the_program_minisign_believes_what_was_signed_here_and_nothing_else() {
    let world = world();
    let folder = tempfile::tempdir().expect("a folder");
    runtime().block_on(async {
        let (store, name) = (store(folder.path()), world.manifest.name());
        let put = store.put(&world.manifest, &archive(world), signer()).await;
        put.expect("it is kept");
        let verified = Verified {
            verified_at: world.manifest.contents.taken_at,
            archive_sha256: world.manifest.archive.sha256.clone(),
            rows: world.manifest.contents.rows,
            seconds: 1.0,
        };
        let put = store.put_verified(&name, &verified, verifier()).await;
        put.expect("it is kept");
    });
    let mut kinds = Vec::new();
    for signature in [signatures(folder.path()), signatures(&world.folder)].concat() {
        let file = signature.with_extension("");
        let name = file
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name")
            .to_owned();
        kinds.push(name.split_once('.').expect("a kind").1.to_owned());
        let (signer, other) = match name.ends_with(".verified.json") {
            true => (verifier().public(), signer().public()),
            false => (signer().public(), verifier().public()),
        };
        assert_eq!(
            trusted_comment(&file, &signature, &signer),
            Some(name.clone())
        );
        assert_eq!(trusted_comment(&file, &signature, &other), None, "{name}");
        let mut bytes = std::fs::read(&file).expect("the file");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        let changed = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(changed.path(), bytes).expect("a file");
        assert_eq!(
            trusted_comment(changed.path(), &signature, &signer),
            None,
            "{name}"
        );
    }
    for kind in ["json", "verified.json", "erasures.json"] {
        assert!(
            kinds.iter().any(|found| found == kind),
            "{kind} is not in {kinds:?}"
        );
    }
}

#[test]
fn the_program_age_opens_a_backup_for_its_identity_alone() {
    let world = world();
    let age = |identity: &str| {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), identity).expect("a file");
        let mut age = Command::new("age");
        output(age.arg("-d").arg("-i").arg(file.path()).arg(archive(world)))
    };
    let opened = age(&world.identity.expose());
    assert!(
        opened.status.success(),
        "{}",
        String::from_utf8_lossy(&opened.stderr)
    );
    let mut frames = Vec::new();
    let read = GzDecoder::new(opened.stdout.as_slice()).read_to_end(&mut frames);
    read.expect("it is compressed");
    // Its last frame is what the manifest says.
    let contents = serde_json::to_vec(&world.manifest.contents).expect("JSON");
    assert_eq!(frames.first(), Some(&b't'));
    assert!(frames.ends_with(&contents));

    let stranger = catalyst_cli::backup::Identity::generate().expect("a key");
    let refused = age(&stranger.expose());
    assert!(!refused.status.success() && refused.stdout.is_empty());
}
