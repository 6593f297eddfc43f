// What a played workflow does to the world: steps that release, back up or tell run for real in a folder of stand-ins
// (tests/release/world); all others are taken for done.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;
const REAL = /^make (release-(source|build|take|staging|production)|tool-build|backup|doctor|tell)\b/;

const texts = readdirSync(new URL('../../.github/workflows/', import.meta.url)).map((name) => readFileSync(`${root}.github/workflows/${name}`, 'utf8'));
const named = (kind) => [...new Set(texts.flatMap((text) => [...text.matchAll(new RegExp(`\\b${kind}\\.([A-Z_0-9]+)`, 'g'))].map(([, name]) => name)))];
const ENVIRONMENTS = ['staging', 'production', 'backup-create', 'backup-verify', 'backup-prune', 'alerts'];

/** Every environment has a value of its own for every secret: more than it should, so that what a step is given is its own choice. */
export const settings = {
  vars: { ...Object.fromEntries(named('vars').map((name) => [name, `the-${name}`])), APP_URL: 'https://app.example.com', SUPABASE_URL: 'https://ref.supabase.co', REGIONS: '' },
  secrets: Object.fromEntries(ENVIRONMENTS.map((each) => [each, Object.fromEntries(named('secrets').map((name) => [name, `secret-of-${each}-${name}`]))])),
};

export function makeWorld() {
  const work = mkdtempSync(join(tmpdir(), 'workflows-'));
  execFileSync(`${root}tests/release/world`, [work], { stdio: 'inherit' });
  const git = (...args) => execFileSync('git', ['-C', work, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args]);
  for (const branch of ['main', 'develop']) git('update-ref', `refs/remotes/origin/${branch}`, 'HEAD');
  const log = join(work, 'log');
  writeFileSync(log, '');
  /** What each step of the play was given. */
  const seen = [];
  const step =
    (github, fail = '') =>
    ({ run, env, path }) => {
      seen.push({ run, env, path });
      if (!REAL.test(run)) return { ok: true, outputs: {} };
      const output = join(work, 'output');
      writeFileSync(output, '');
      const { status } = spawnSync('bash', ['-euo', 'pipefail', '-c', run], {
        cwd: work,
        env: {
          PATH: `${work}/bin:${process.env.PATH}`,
          HOME: work,
          LOG: log,
          WORK: work,
          FAIL: fail,
          VERCEL: 'vercel',
          GITHUB_OUTPUT: output,
          GITHUB_WORKFLOW: path.split('/')[0],
          GITHUB_SHA: '1234567890abcdef',
          GITHUB_REF_NAME: github.ref_name,
          GITHUB_SERVER_URL: 'https://github.example.com',
          GITHUB_REPOSITORY: 'ada/catalyst',
          GITHUB_RUN_ID: '42',
          ...env,
        },
      });
      const outputs = Object.fromEntries(readFileSync(output, 'utf8').split('\n').filter(Boolean).map((line) => line.split(/=(.*)/s).slice(0, 2)));
      return { ok: status === 0, outputs };
    };
  const lines = () => readFileSync(log, 'utf8').split('\n').filter(Boolean);
  return {
    step,
    seen,
    git,
    calls: (what) => lines().filter((line) => line.startsWith(what)),
    messages: () => lines().filter((line) => line.startsWith('slack ')).map((line) => JSON.parse(line.slice('slack '.length)).text),
    serving: () => readFileSync(join(work, 'serving'), 'utf8').trim(),
    end: () => rmSync(work, { recursive: true, force: true }),
  };
}
