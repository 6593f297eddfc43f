// The real storage-js against the local gateway: buckets with limits, and who may touch what.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { createClient } from '@supabase/supabase-js';

const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY } = process.env;
assert.ok(SUPABASE_URL && SUPABASE_SECRET_KEY, 'run this under `catalyst-dev exec`');

const backend = createClient(SUPABASE_URL, SUPABASE_SECRET_KEY, { auth: { persistSession: false } });
const name = `test-${randomUUID()}`;
const files = backend.storage.from(name);
const text = (words, type = 'text/plain') => new Blob([words], { type });

function fine({ data, error }) {
  assert.equal(error, null);
  return data;
}

function refused({ data, error }, status) {
  assert.equal(data, null);
  assert.equal(String(error.statusCode), String(status), error.message);
}

async function someone() {
  const supabase = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { auth: { persistSession: false } });
  fine(await supabase.auth.signUp({ email: `${randomUUID()}@example.com`, password: randomUUID() }));
  return supabase.storage;
}

before(async () => {
  const limits = { public: false, fileSizeLimit: '1KB', allowedMimeTypes: ['text/*'] };
  assert.deepEqual(fine(await backend.storage.createBucket(name, limits)), { name });
});

test('a bucket is read, changed and listed by a backend, and not to be seen by anybody else', async () => {
  const bucket = fine(await backend.storage.getBucket(name));
  assert.equal(bucket.public, false);
  assert.equal(bucket.file_size_limit, 1024);
  assert.deepEqual(bucket.allowed_mime_types, ['text/*']);
  assert.ok(fine(await backend.storage.listBuckets()).some(({ id }) => id === name));
  refused(await backend.storage.createBucket(name), 409);
  refused(await (await someone()).getBucket(name), 404);
});

test('a file comes back as it was sent, from memory and from a form', async () => {
  for (const [path, body] of [['raw/a b.txt', Buffer.from('raw words')], ['form/a.txt', text('form words')]]) {
    const stored = fine(await files.upload(path, body, { contentType: 'text/plain', cacheControl: '60' }));
    assert.equal(stored.path, path);
    assert.equal(stored.fullPath, `${name}/${path}`);
    assert.ok(stored.id);
    const read = fine(await files.download(path));
    assert.equal(read.type, 'text/plain');
    assert.equal(await read.text(), `${path.split('/')[0]} words`);
    const info = fine(await files.info(path));
    assert.equal(info.size, read.size);
    assert.equal(fine(await files.exists(path)), true);
  }
});

test('a name is taken once, unless the new file shall take its place', async () => {
  fine(await files.upload('once.txt', text('one')));
  refused(await files.upload('once.txt', text('two')), 409);
  assert.equal(await fine(await files.download('once.txt')).text(), 'one');
  fine(await files.upload('once.txt', text('two'), { upsert: true }));
  fine(await files.update('once.txt', text('three')));
  assert.equal(await fine(await files.download('once.txt')).text(), 'three');
  refused(await files.update('never.txt', text('x')), 404);
});

test('a refusal reaches whoever is still sending', async () => {
  fine(await files.upload('refused.txt', text('one')));
  const sent = Array.from({ length: 400 }, () => files.upload('refused.txt', text('two')));
  for (const answer of await Promise.all(sent)) refused(answer, 409);
});

test('what exceeds the limits of the bucket is not stored', async () => {
  refused(await files.upload('large.txt', text('x'.repeat(1025))), 413);
  refused(await files.upload('video.mp4', Buffer.from('x'), { contentType: 'video/mp4' }), 415);
  refused(await files.upload('café.txt', text('x')), 400);
  const { data } = await files.list();
  assert.ok(!data.some((file) => ['large.txt', 'video.mp4'].includes(file.name)));
});

test('a signed address lets anybody read one file until it ends', async () => {
  fine(await files.upload('signed.txt', text('signed words')));
  const { signedUrl } = fine(await files.createSignedUrl('signed.txt', 60));
  const read = await fetch(signedUrl);
  assert.equal(read.status, 200);
  assert.equal(await read.text(), 'signed words');
  const part = await fetch(signedUrl, { headers: { range: 'bytes=7-11' } });
  assert.equal(part.status, 206);
  assert.equal(await part.text(), 'words');
  assert.equal((await fetch(signedUrl.replace('signed.txt', 'once.txt'))).status, 400);
  assert.equal((await fetch(signedUrl.split('?')[0])).status, 400);
  const brief = fine(await files.createSignedUrl('signed.txt', 1));
  // A second is the finest that a token knows.
  const ended = Date.now() + 2100;
  while (Date.now() < ended) await new Promise(setImmediate);
  assert.equal((await fetch(brief.signedUrl)).status, 400);
  const many = fine(await files.createSignedUrls(['signed.txt', 'never.txt'], 60));
  assert.deepEqual(many.map(({ error }) => error === null), [true, false]);
});

test('folders are listed, and files are renamed, copied and removed', async () => {
  fine(await files.upload('dir/one.txt', text('one')));
  fine(await files.upload('dir/two.txt', text('two')));
  fine(await files.upload('dir/below/three.txt', text('three')));
  const listed = fine(await files.list('dir'));
  assert.deepEqual(listed.map((file) => [file.name, file.id !== null]), [['below', false], ['one.txt', true], ['two.txt', true]]);
  assert.equal(listed[1].metadata.size, 3);
  assert.deepEqual(fine(await files.list('dir', { limit: 1, offset: 1 })).map((file) => file.name), ['one.txt']);
  fine(await files.move('dir/one.txt', 'dir/moved.txt'));
  fine(await files.copy('dir/moved.txt', 'dir/copied.txt'));
  assert.equal(await fine(await files.download('dir/copied.txt')).text(), 'one');
  const removed = fine(await files.remove(['dir/moved.txt', 'dir/never.txt']));
  assert.deepEqual(removed.map((file) => file.name), ['dir/moved.txt']);
  refused(await files.move('dir/moved.txt', 'dir/again.txt'), 404);
});

test('nobody reads or writes a private bucket without a policy that says so', async () => {
  fine(await files.upload('secret.txt', text('secret')));
  const stranger = (await someone()).from(name);
  refused(await stranger.upload('mine.txt', text('mine')), 403);
  assert.ok((await stranger.download('secret.txt')).error);
  refused(await stranger.createSignedUrl('secret.txt', 60), 404);
  assert.deepEqual(fine(await stranger.list()), []);
  assert.deepEqual(fine(await stranger.remove(['secret.txt'])), []);
  assert.equal(await fine(await files.download('secret.txt')).text(), 'secret');
});

test('anybody reads a public bucket', async () => {
  fine(await files.upload('open.txt', text('open')));
  const { publicUrl } = files.getPublicUrl('open.txt').data;
  assert.equal((await fetch(publicUrl)).status, 400);
  fine(await backend.storage.updateBucket(name, { public: true }));
  const read = await fetch(publicUrl);
  assert.equal(await read.text(), 'open');
  fine(await backend.storage.updateBucket(name, { public: false }));
});

test('only an empty bucket is deleted', async () => {
  const other = `${name}-other`;
  fine(await backend.storage.createBucket(other));
  fine(await backend.storage.from(other).upload('a.txt', text('a')));
  refused(await backend.storage.deleteBucket(other), 409);
  fine(await backend.storage.emptyBucket(other));
  fine(await backend.storage.deleteBucket(other));
  refused(await backend.storage.getBucket(other), 404);
});
