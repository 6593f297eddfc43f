// What becomes of a push, a published release and a failed check, played with stand-ins of Vercel, Slack and the tool.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, starts, workflow } from './runner.js';
import { makeWorld, settings } from './world.js';

const PUSH = { event_name: 'push', ref_name: 'main', event: {} };
const published = (prerelease) => ({ event_name: 'release', ref_name: 'v1.0.0', event: { release: { prerelease } } });
const scheduled = (schedule) => ({ event_name: 'schedule', ref_name: 'main', event: { schedule } });

/** Plays a workflow in a world of its own; `stops` ends jobs by their path, `fail` a program by its name. */
async function played(t, name, github, { stops = {}, fail, prepare = () => {} } = {}) {
  const world = makeWorld();
  t.after(world.end);
  prepare(world);
  const jobs = await play(name, github, settings, world.step(github, fail), (path) => stops[path]);
  const secret = world.messages().find((text) => /secret-of/.test(text));
  assert.equal(secret, undefined, 'no message has a secret');
  return { ...world, jobs, deployed: world.calls('vercel deploy').length > 0 };
}

const jobsOf = (name) => Object.keys(workflow(name).jobs).filter((id) => id !== 'tell');
const CHECKS = ['quality', 'security'].flatMap((check) => jobsOf(check).map((job) => `${check}/${job}`));

test('develop goes to staging, main and a published release to production, and nothing else anywhere', () => {
  const releases = (event) => ['staging', 'production'].filter((name) => starts(name, event));
  assert.deepEqual(releases({ event: 'push', branch: 'develop' }), ['staging']);
  assert.deepEqual(releases({ event: 'push', branch: 'main' }), ['production']);
  assert.deepEqual(releases({ event: 'push', branch: 'else' }), []);
  assert.deepEqual(releases({ event: 'release', type: 'published' }), ['production']);
  assert.deepEqual(releases({ event: 'release', type: 'created' }), []);
  assert.deepEqual(releases({ event: 'pull_request' }), []);
  for (const check of ['quality', 'security']) assert.ok(starts(check, { event: 'pull_request' }), check);
});

for (const where of ['staging', 'production']) {
  test(`${where} is released when every check passed, and one message says so`, async (t) => {
    const { jobs, deployed, messages, serving } = await played(t, where, PUSH);
    assert.deepEqual(Object.values(jobs).map(({ result }) => result), Object.keys(jobs).map(() => 'success'), JSON.stringify(jobs));
    assert.ok(deployed);
    assert.equal(serving(), 'new.vercel.app');
    assert.equal(messages().length, 1);
    assert.match(messages()[0], new RegExp(`Released [0-9a-f]+ to ${where}: https://app.example.com https://github.example.com/ada/catalyst/actions/runs/42$`));
  });

  test(`${where} is not released, nor its database changed, when any check failed or ran out of time`, async (t) => {
    for (const [n, check] of [...CHECKS, 'build'].entries()) {
      const result = n % 2 ? 'cancelled' : 'failure';
      const { jobs, calls, messages } = await played(t, where, PUSH, { stops: { [`${where}/${check}`]: result } });
      assert.equal(jobs.release.result, 'skipped', check);
      assert.deepEqual([...calls('vercel deploy'), ...calls('catalyst')], [], check);
      assert.equal(messages().length, 1, `${check}: ${messages()}`);
      assert.match(messages()[0], new RegExp(`${check.split('/')[0]} (failed|was cancelled)\\. Nothing was deployed\\. https://github`), check);
    }
  });

  test(`${where} goes back to the deployment before when its tries fail, and one message says so`, async (t) => {
    const { jobs, serving, messages, calls } = await played(t, where, PUSH, { fail: 'try' });
    assert.equal(jobs.release.result, 'failure');
    assert.equal(serving(), 'before.vercel.app');
    assert.equal(calls('catalyst migrate').length, 1, 'the database stays as it is');
    assert.equal(messages().length, 1);
    assert.match(messages()[0], /release failed\. Release of [0-9a-f]+ to \w+ failed at: try the deployment\. https:\/\/app\.example\.com is back on before\.vercel\.app\./);
  });

  test(`${where} is not released with a configuration that has a fault`, async (t) => {
    const { deployed, messages } = await played(t, where, PUSH, { fail: 'doctor' });
    assert.ok(!deployed);
    assert.deepEqual(messages().map((text) => /release failed\. Nothing was deployed\./.test(text)), [true]);
  });

  test(`what is not merged does not go to ${where}, whoever starts the workflow`, async (t) => {
    const prepare = ({ git }) => git('commit', '--quiet', '--allow-empty', '-m', 'not merged');
    const { jobs, deployed } = await played(t, where, { ...PUSH, event_name: 'workflow_dispatch', ref_name: 'else' }, { prepare });
    assert.equal(jobs.build.result, 'failure');
    assert.ok(!deployed);
  });
}

test('a published release is deployed, and a prerelease is not and nobody is told', async (t) => {
  const release = await played(t, 'production', published(false));
  assert.ok(release.deployed);
  const early = await played(t, 'production', published(true));
  assert.deepEqual([early.deployed, early.messages(), early.seen.map(({ run }) => run)], [false, [], ['make tell']]);
});

test('a check that fails on its day is told once, and on a pull request it is not', async (t) => {
  for (const [name, github] of [['security', scheduled('17 5 * * 1')], ['drill', scheduled('30 3 * * 0')], ['weekly', scheduled('40 3 * * 6')]]) {
    for (const job of jobsOf(name)) {
      const { messages } = await played(t, name, github, { stops: { [`${name}/${job}`]: 'failure' } });
      assert.equal(messages().length, 1, job);
      assert.match(messages()[0], new RegExp(`^${name} of 1234567 \\(main\\): ${job} failed\\. https://github`));
    }
    const good = await played(t, name, github);
    assert.deepEqual(good.messages(), []);
  }
  const pull = await played(t, 'security', { event_name: 'pull_request', ref_name: 'else', event: {} }, { stops: { 'security/audit': 'failure' } });
  assert.deepEqual(pull.messages(), []);
});

test('a backup that fails is told once, nothing is removed after it, and a good one is told to nobody', async (t) => {
  const good = await played(t, 'backup', scheduled('0 2 * * *'));
  assert.deepEqual(good.messages(), []);
  assert.deepEqual(good.calls('catalyst backup').map((line) => line.split(' ')[2].replace(':', '')), ['erasures', 'create', 'verify', 'prune']);
  for (const fail of ['create', 'verify']) {
    const { messages, calls } = await played(t, 'backup', scheduled('0 2 * * *'), { fail });
    assert.equal(messages().length, 1, fail);
    assert.match(messages()[0], new RegExp(`${fail} failed\\.`));
    assert.deepEqual(calls('catalyst backup prune'), [], fail);
  }
});

test('each step sees the secrets that it names, Slack is known to one job, and a program to its own only', async (t) => {
  const wanted = {
    'make doctor': ['CRON_SECRET', 'DATABASE_URL', 'GEMINI_API_KEY', 'GOOGLE_CLIENT_SECRET', 'REVID_API_KEY', 'SUPABASE_SECRET_KEY', 'TOKEN_ENCRYPTION_KEYS'],
    'make release-staging': ['DATABASE_URL', 'SUPABASE_SECRET_KEY', 'VERCEL_TOKEN'],
    'make release-production': ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'BACKUP_SIGNING_KEY', 'DATABASE_URL', 'VERCEL_TOKEN'],
    'make tell': ['SLACK_WEBHOOK_URL'],
    'make backup STAGE=create': ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'BACKUP_SIGNING_KEY', 'DATABASE_URL'],
    'make backup STAGE=erasures': ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'BACKUP_SIGNING_KEY', 'DATABASE_URL'],
    'make backup STAGE=verify': ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'BACKUP_IDENTITY', 'BACKUP_SIGNING_KEY', 'DATABASE_URL'],
    'make backup STAGE=prune': ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'DATABASE_URL'],
  };
  for (const name of ['staging', 'production', 'backup']) {
    const { seen } = await played(t, name, name === 'backup' ? scheduled('0 2 * * *') : PUSH);
    for (const { run, env, path } of seen) {
      const secrets = Object.entries(env).filter(([, value]) => value.includes('secret-of')).map(([key]) => key);
      assert.deepEqual(secrets.sort(), wanted[run] ?? [], `${path}: ${run}`);
    }
  }
});
