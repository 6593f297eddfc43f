// Every operation of the API through the package as it is published, on a running stack: a channel is connected, content is
// written, rendered and scheduled, and all of it is erased again. `RECORD=FILE` keeps the examples.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ifMatch, paginate, Problem } from '../dist/index.js';
import { called, operations, recording, write } from './recorder.js';
import { consent, cron, revidCallback, signUp, sql, until, url } from './world.js';

const visitor = recording({ url });
let api;
let channel;
let script;
let render;
let upload;

before(async () => {
  const token = await signUp({ admin: true });
  api = recording({ url, token: () => token });
});

const inDays = (days) => `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 19)}Z`;

const refused = async (call, code) => {
  const problem = await call.then(() => assert.fail(`${code} was expected`), (error) => error);
  assert.ok(problem instanceof Problem, String(problem?.stack ?? problem));
  assert.equal(problem.code, code);
  return problem;
};

test('what needs nobody signed in answers', async () => {
  assert.equal((await visitor.getLiveness()).data.status, 'live');
  assert.ok((await visitor.getHealth({ throwOnError: false })).response.status);
  assert.ok((await visitor.getConfig()).data.supabase_url);
  assert.equal((await visitor.getOpenapi()).data.openapi, '3.1.0');
  assert.equal((await visitor.dispatchSteps({ headers: cron })).response.status, 202);
});

test('without a token there is a problem with its code', async () => {
  const problem = await refused(visitor.getMe(), 'token_missing');
  assert.deepEqual([problem.status, problem.retryable], [401, false]);
  assert.ok(problem.requestId);
  const { error } = await visitor.getMe({ throwOnError: false });
  assert.ok(error instanceof Problem);
});

test('a profile is changed by who has seen its last version', async () => {
  const seen = await api.getMe();
  const { data } = await api.updateMe({ headers: ifMatch(seen), body: { display_name: 'A. Creator' } });
  assert.equal(data.display_name, 'A. Creator');
  await refused(api.updateMe({ headers: ifMatch(seen), body: { display_name: 'B. Creator' } }), 'version_mismatch');
  const wrong = await refused(api.updateMe({ body: { display_name: '' } }), 'invalid_body');
  assert.equal(wrong.errors[0].pointer, '/display_name');
});

test('a channel is connected and synchronised', async () => {
  const { data: started } = await api.connectChannel({ body: {} });
  const brought = await consent(started.authorization_url);
  await api.receiveConsent({ query: brought, redirect: 'manual', throwOnError: false }).then(({ response }) => assert.equal(response.status, 303));
  channel = (await api.finishConnection({ body: { state: brought.state, code: brought.code } })).data.id;
  const path = { id: channel };
  await until('the synchronisation', () => api.getChannel({ path }), ({ data }) => data.sync.state === 'idle');
  assert.equal((await api.listChannels()).data.items[0].id, channel);
  await api.updateChannel({ path, headers: ifMatch(await api.getChannel({ path })), body: { time_zone: 'Europe/Berlin' } });
  assert.equal((await api.syncChannel({ path })).response.status, 202);
});

test('videos are listed page by page, and read', async () => {
  const pages = [];
  const list = (cursor) => {
    pages.push(cursor);
    return api.listVideos({ query: { channel_id: channel, limit: 15, cursor } });
  };
  const videos = [];
  for await (const video of paginate(list)) videos.push(video);
  assert.ok(pages.length > 1 && new Set(videos.map(({ id }) => id)).size === videos.length, `${videos.length} videos on ${pages.length} pages`);
  assert.equal((await api.getVideo({ path: { id: videos[0].id } })).data.id, videos[0].id);
  assert.equal((await api.getInsights({ path: { id: channel } })).data.channel_id, channel);
});

test('content is written, streamed, changed and archived', async () => {
  const { data: ideas } = await api.generateContent({ path: { kind: 'ideas' }, body: { channel_id: channel, count: 3 } });
  assert.equal(ideas.kind, 'ideas');
  const { stream } = await api.generateContentStream({ path: { kind: 'script' }, body: { channel_id: channel, topic: 'Honey never spoils', target_seconds: 60 } });
  const seen = [];
  for await (const event of stream) {
    seen.push(event.type);
    if (event.type === 'content') script = event.content;
  }
  assert.deepEqual([seen[0], seen.at(-1)], ['started', 'content']);
  await refused(streamed({ kind: 'script', body: { channel_id: randomUUID(), topic: 'Honey' } }), 'not_found');
  const path = { id: script.id };
  const read = await api.getContent({ path });
  script = (await api.updateContent({ path, headers: ifMatch(read), body: { decision: 'approve', content_hash: script.content_hash } })).data;
  assert.equal(script.state, 'approved');
  assert.equal((await api.listBrandVoices({ path: { id: channel } })).data.items.at(-1).version, 1);
  assert.equal((await api.getContentDiff({ path, query: { with: script.id } })).data.changes.length, 0);
  assert.ok((await api.listContent({ query: { channel_id: channel } })).data.items.length >= 2);
  assert.equal((await api.archiveContent({ path: { id: ideas.id } })).response.status, 204);
});

async function streamed({ kind, body }) {
  for await (const _ of (await api.generateContentStream({ path: { kind }, body })).stream);
}

test('a key of the caller is one effect, however often it is sent', async () => {
  const once = () => api.generateContent({ path: { kind: 'titles' }, headers: { 'Idempotency-Key': channel }, body: { channel_id: channel, topic: 'Bees' } });
  assert.equal((await once()).data.id, (await once()).data.id);
});

test('a script is rendered', async () => {
  assert.ok(Array.isArray((await api.listVoices()).data.items));
  assert.ok((await api.estimateRender({ body: { content_id: script.id } })).data.credits > 0);
  render = (await api.createRender({ body: { content_id: script.id } })).data;
  const path = { id: render.id };
  render = (await until('the render', () => api.getRender({ path }), ({ data }) => data.state === 'ready')).data;
  assert.ok((await api.listRenders({ query: { channel_id: channel } })).data.items.some(({ id }) => id === render.id));
  await visitor.receiveRevidCallback({ query: await revidCallback(render.id), body: {} });
  sql(`update public.renders set found_by = 'listing_time', confirmation = 'needed' where id = '${render.id}'`);
  assert.equal((await api.updateRender({ path, body: { confirmed: true } })).data.confirmation, 'confirmed');
});

test('a render is cancelled', async () => {
  const { data: other } = await api.generateContent({ path: { kind: 'script' }, body: { channel_id: channel, topic: 'Wax', target_seconds: 60 } });
  await api.updateContent({ path: { id: other.id }, body: { decision: 'approve', content_hash: other.content_hash } });
  const path = { id: (await api.createRender({ body: { content_id: other.id } })).data.id };
  assert.ok((await api.cancelRender({ path })).response.ok);
  await until('the end of the render', () => api.getRender({ path }), ({ data }) => ['cancelled', 'ready'].includes(data.state));
});

test('an upload is scheduled, moved and cancelled', async () => {
  const { data: slots } = await api.listSlots({ query: { channel_id: channel } });
  const body = { render_id: render.id, title: 'Honey never spoils', made_for_kids: false, altered_content: true, publish_at: inDays(30) };
  assert.ok(slots.items[0].publish_at);
  assert.ok((await api.listCategories()).data.items.length > 0);
  upload = (await api.scheduleUpload({ body })).data;
  await refused(api.scheduleUpload({ body: { ...body, title: 'Once more' } }), 'duplicate_upload');
  const path = { id: upload.id };
  const publish_at = inDays(31);
  // Each step that is done on it meanwhile makes another version.
  const move = async () => api.updateUpload({ path, headers: ifMatch(await api.getUpload({ path })), body: { publish_at } }).catch((error) => error);
  const moved = await until('the move', move, ({ code }) => code !== 'version_mismatch');
  assert.equal(Date.parse(moved.data.publish_at), Date.parse(publish_at));
  assert.ok((await api.listUploads({ query: { channel_id: channel } })).data.items.some(({ id }) => id === upload.id));
  assert.ok((await api.cancelUpload({ path })).response.ok);
});

test('the calendar has an address until it is ended', async () => {
  const { data: feed } = await api.createCalendar();
  const secret = feed.url.split('/').at(-1).replace('.ics', '');
  assert.match((await visitor.readCalendar({ path: { secret } })).data, /^BEGIN:VCALENDAR/);
  assert.equal((await api.deleteCalendar()).response.status, 204);
  await refused(visitor.readCalendar({ path: { secret } }), 'not_found');
});

test('webhook endpoints are made, tested and ended', async () => {
  const made = await api.createEndpoint({ body: { url: 'https://hooks.example.com/cce', events: ['upload.published'] } });
  const path = { id: made.data.id };
  assert.match(made.data.secret, /^whsec_/);
  assert.equal((await api.listEndpoints()).data.items.length, 1);
  await api.updateEndpoint({ path, headers: ifMatch(await api.getEndpoint({ path })), body: { description: 'My service' } });
  await api.rotateSecret({ path, body: {} });
  const { data: delivery } = await api.testEndpoint({ path });
  assert.equal((await api.listDeliveries({ query: { endpoint_id: path.id } })).data.items.length, 1);
  const of = { path: { id: delivery.id } };
  await until('the delivery', () => api.getDelivery(of), ({ data }) => data.attempts.length > 0);
  assert.equal((await api.replayDelivery(of)).response.status, 202);
  assert.equal((await api.deleteEndpoint({ path })).response.status, 204);
});

test('a program that acts for its user is allowed to spend', async () => {
  const path = { id: randomUUID() };
  await refused(api.getAgent({ path }), 'not_found');
  assert.equal((await api.updateAgent({ path, body: { may_spend: true, daily_credits: 20 } })).data.daily_credits, 20);
  assert.equal((await api.getAgent({ path })).data.may_spend, true);
  assert.equal((await api.listAgents()).data.items.length, 1);
});

test('an operator reads figures and settles what has failed', async () => {
  assert.ok((await api.getMetrics()).data);
  const { data: text } = await api.getMetrics({ headers: { Accept: 'application/openmetrics-text' } });
  assert.match(typeof text === 'string' ? text : await text.text(), /# EOF/);
  const subject = randomUUID();
  sql(`insert into private.steps (queue, kind, subject_id, due_at) values ('maintenance', 'test.sdk', '${subject}', private.now() + interval '1 day');
       select private.dead_letter(s, '{"code": "upstream_failed", "message": "It did not work."}') from private.steps s where subject_id = '${subject}'`);
  const letters = [];
  for await (const letter of paginate((cursor) => api.listFailures({ query: { cursor } }))) letters.push(letter);
  const { id } = letters.find(({ kind }) => kind === 'test.sdk');
  await api.resolveFailure({ body: { id, action: 'discard', reason: 'made up' } });
});

test('everything is exported and erased', async () => {
  const file = (await api.exportMe()).data;
  assert.match(await file.text(), /^\{"export"/);
  const erased = await api.deleteChannel({ path: { id: channel } });
  assert.ok([202, 204].includes(erased.response.status));
  assert.ok([202, 204].includes((await api.deleteMe()).response.status));
});

after(async () => {
  assert.deepEqual(operations.filter((name) => !called.has(name)), [], 'operations that no test calls');
  if (process.env.RECORD) write(process.env.RECORD, (await visitor.getOpenapi()).data);
});
