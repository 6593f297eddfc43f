// Every command of the documentation is run here, on the stack (pages.test.js), by `make test` or by a workflow; or it stands in
// elsewhere.js. What it names exists: targets and their variables, subcommands, flags, tests, files, links. Takes seconds.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { commandsOf, PAGES, textOf } from './commands.js';
import { ELSEWHERE, TARGETS } from './elsewhere.js';
import { SHELL, snippets } from './snippets.js';

const root = new URL('../../', import.meta.url).pathname;
const built = process.env.CATALYST_DEV ? dirname(process.env.CATALYST_DEV) : join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug');
const makefile = textOf('Makefile');
const commands = PAGES.flatMap(commandsOf);
const at = ({ page, line, command }) => `${page}:${line}: ${command}`;

/** The operator's tool, from the sources. */
const CARGO_RUN = /^cargo run (?:-q )?-p catalyst-cli -- /;

const folder = mkdtempSync(join(tmpdir(), 'docs-'));
after(() => rmSync(folder, { recursive: true, force: true }));
for (const program of ['catalyst', 'catalyst-dev']) symlinkSync(join(built, program), join(folder, program));
const PATH = `${folder}:${process.env.PATH}`;

/** Runs a command as it stands, where a reader would have the files that it names. */
function run(command) {
  const script = command.replace(CARGO_RUN, 'catalyst ').replace(/>\s*(\S+)/, '>"$1"');
  return execFileSync('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, env: { ...process.env, PATH }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A year of a channel's videos, as YouTube Studio exports them: zipped. */
function studioExport(name) {
  const rows = Array.from({ length: 40 }, (_, n) => {
    const day = new Date(Date.UTC(2025, 0, 1 + n * 7)).toLocaleDateString('en-US', { month: 'short', day: 'numeric', year: 'numeric', timeZone: 'UTC' });
    return `video${String(n).padStart(6, '0')},Video ${n},"${day}",60,${1000 + ((n * 7919) % 4000)},${30 + n},${n}`;
  });
  writeFileSync(join(folder, 'Table data.csv'), ['Content,Video title,Video publish time,Duration,Views,Likes,Comments added', ...rows, ''].join('\n'));
  execFileSync('python3', ['-c', 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").write("Table data.csv")', name], { cwd: folder });
}

/** What is cheap enough to be run here, with what it needs first and what it must say. */
const HERE = [
  { command: /^(cargo run -q -p catalyst-cli -- |catalyst )score "(Content [^"]+\.zip)"$/, before: ([, , name]) => studioExport(name), says: /Video \d/ },
  { command: /^catalyst backup keygen( --signing)? > \S+$/, says: /^$/ },
];

const suite = (() => {
  const needs = (target) => (makefile.match(new RegExp(`^${target}: ?([^#=\\n]*?)(?: ##.*)?$`, 'm'))?.[1] ?? '').split(/\s+/).filter(Boolean);
  const all = (target) => [target, ...needs(target).flatMap(all)];
  return new Set(all('test'));
})();
const workflows = Object.fromEntries(readdirSync(join(root, '.github/workflows')).map((name) => [name.replace('.yml', ''), textOf(`.github/workflows/${name}`)]));
const inWorkflow = (target) => Object.values(workflows).some((text) => new RegExp(`run: make [^\\n]*\\b${target}(?![\\w-])`).test(text));

/** The targets and variables of a `make` command. */
function makeOf(command) {
  const words = (command.match(/[\w-]+=(?:"[^"]*"|\S*)|\S+/g) ?? []).slice(1).filter((word) => word !== '…');
  return { targets: words.filter((word) => !word.includes('=')), variables: words.filter((word) => word.includes('=')).map((word) => word.split('=')[0]) };
}

const isElsewhere = (command) => ELSEWHERE.find((each) => (typeof each.command === 'string' ? each.command === command : each.command.test(command)));

test('every fenced command is run by something, or says why not', () => {
  const left = commands.filter(({ page, command, fenced }) => {
    if (!fenced || SHELL.includes(page) || isElsewhere(command) || HERE.some((each) => each.command.test(command))) return false;
    return !command.startsWith('make ');
  });
  assert.deepEqual(left.map(at), [], 'run it in commands.test.js (HERE), or list it in elsewhere.js');
});

test('every target of the documentation exists, would run, and is run by `make test`, by a workflow, or says why not', () => {
  const faults = [];
  const seen = new Set();
  for (const each of commands.filter(({ command }) => command.startsWith('make '))) {
    const { targets, variables } = makeOf(each.command);
    for (const name of variables) if (!new RegExp(`\\$[({]${name}\\b|^${name} \\?=|\\b${name}\\b`, 'm').test(makefile)) faults.push(`${at(each)}: nothing reads ${name}`);
    for (const target of targets) {
      if (seen.has(target)) continue;
      seen.add(target);
      try {
        execFileSync('make', ['-n', '--no-print-directory', target, ...variables.map((name) => `${name}=x`)], { cwd: root, stdio: 'pipe', env: { ...process.env, MAKEFLAGS: '' } });
      } catch (error) {
        faults.push(`${at(each)}: ${error.stderr}`);
      }
      if (!suite.has(target) && !inWorkflow(target) && !TARGETS[target]) faults.push(`${at(each)}: nothing runs ${target}: let a workflow, or say why not in elsewhere.js`);
    }
  }
  assert.ok(seen.size > 30, `only ${seen.size} targets were found`);
  assert.deepEqual(faults, []);
});

/** What our programs say against a command: they read it as it stands, and are asked for help instead of doing it. */
function against(command) {
  const [own, inner] = command.split(/ -- (.*)/s);
  const [program, ...words] = own.match(/"[^"]*"|\S+/g).map((word) => word.replaceAll('"', ''));
  const { status, stderr } = spawnSync(join(folder, program), [...words, '--help'], { encoding: 'utf8' });
  if (status !== 0) return [stderr.split('\n')[0]];
  return inner && /^catalyst(-dev)? /.test(inner) ? against(inner) : [];
}

test('every command of `catalyst` and `catalyst-dev` is one that they know, with its flags', () => {
  const plain = (command) => command.replace(/^target\/\S+\/(?=catalyst)/, '').replace(CARGO_RUN, 'catalyst ').replace(/ [<>] \S+$/, '');
  const ours = commands.map((each) => ({ ...each, plain: plain(each.command) })).filter((each) => /^catalyst(-dev)? /.test(each.plain));
  assert.ok(ours.length > 30, `only ${ours.length} were found`);
  assert.deepEqual(ours.flatMap((each) => against(each.plain).map((what) => `${at(each)}: ${what}`)), []);
  for (const wrong of ['catalyst-dev exec --nonsense -- make', 'catalyst-dev exec -- catalyst backup everything', 'catalyst score FILE --as-off 2026-01-01']) {
    assert.equal(against(wrong).length, 1, `${wrong}: it must see a fault where there is one`);
  }
});

test("every command of Supabase's tool is one that the pinned version knows, with its flags", () => {
  const tool = join(root, 'tests/supabase-cli/node_modules/@supabase/cli-linux-x64/bin/supabase');
  const env = { ...process.env, SUPABASE_EXPERIMENTAL_STACK: '1', SUPABASE_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
  const faults = [];
  for (const each of commands.filter(({ command }) => /^supabase \S/.test(command))) {
    const words = each.command.split(' | ')[0].split(' ').slice(1);
    const path = words.slice(0, [...words, '-'].findIndex((word) => word.startsWith('-')));
    const { stdout } = spawnSync(tool, [...path, '--help'], { env, cwd: folder, encoding: 'utf8' });
    if (!stdout.includes(`  supabase ${path.join(' ')}`)) faults.push(`${at(each)}: there is no such command`);
    for (const flag of words.filter((word) => /^--/.test(word))) if (!new RegExp(`^ *${flag}\\b`, 'm').test(stdout)) faults.push(`${at(each)}: there is no ${flag}`);
  }
  assert.deepEqual(faults, []);
});

test('every package, test and script that a command names is there', () => {
  const { packages } = JSON.parse(execFileSync('cargo', ['metadata', '--locked', '--no-deps', '--format-version', '1'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 }));
  const names = { '-p': packages.map(({ name }) => name), '--test': [], '--bin': [] };
  for (const { name, kind } of packages.flatMap(({ targets }) => targets)) names[`--${kind[0]}`]?.push(name);
  const faults = [];
  for (const each of commands) {
    for (const [, flag, name] of each.command.matchAll(/cargo [^|]*?(-p|--test|--bin) ([\w-]+)/g)) if (!names[flag].includes(name)) faults.push(`${at(each)}: there is no ${name}`);
    for (const [path] of each.command.matchAll(/(?<![\w/.])(?:scripts|tests)\/[\w/-]+(?![\w./*])/g)) {
      try {
        accessSync(join(root, path), statSync(join(root, path)).isDirectory() ? constants.R_OK : constants.X_OK);
      } catch {
        faults.push(`${at(each)}: ${path} cannot be run`);
      }
    }
  }
  assert.deepEqual(faults, []);
});

for (const each of HERE) {
  for (const found of commands.filter(({ command }) => each.command.test(command))) {
    test(`${at(found)}: it works`, () => {
      each.before?.(found.command.match(each.command));
      assert.match(run(found.command), each.says);
    });
  }
}

test('what is listed as run elsewhere is in the documentation, and what runs it is there', () => {
  const faults = ELSEWHERE.filter((each) => !commands.some(({ command }) => isElsewhere(command) === each)).map(({ command }) => `no page has ${command}`);
  for (const [target, reason] of Object.entries(TARGETS)) if (suite.has(target) || inWorkflow(target)) faults.push(`make ${target} is run, and stands in elsewhere.js: ${JSON.stringify(reason)}`);
  for (const { command, test: by, workflow, account } of [...ELSEWHERE, ...Object.entries(TARGETS).map(([name, reason]) => ({ command: name, ...reason }))]) {
    if (by && !existsSync(join(root, by))) faults.push(`${command}: there is no ${by}`);
    if (workflow && !workflows[workflow]) faults.push(`${command}: there is no workflow ${workflow}`);
    if (!by && !workflow && !account) faults.push(`${command}: what runs it?`);
  }
  assert.deepEqual(faults, []);
});

test('every link within the repository leads somewhere', () => {
  const anchors = (page) => [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, title]) => title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replace(/ /g, '-'));
  const faults = [];
  for (const page of PAGES) {
    for (const [, link] of textOf(page).replace(/^```[^]*?^```$/gm, '').matchAll(/(?:\]\(|srcset="|src="|href=")(?!https?:|mailto:|<)([^)"\s]*)/g)) {
      const [path, anchor] = link.split('#');
      const target = path ? resolve(root, dirname(page), path).slice(root.length) : page;
      if (!existsSync(join(root, target))) faults.push(`${page}: ${link}`);
      else if (anchor && target.endsWith('.md') && !anchors(target).includes(anchor)) faults.push(`${page}: ${link}: no such heading`);
    }
  }
  assert.deepEqual(faults, []);
});

test('README.md is short: ten lines to use it, one command to deploy it, small pictures for light and for dark', () => {
  const text = textOf('README.md');
  const [lines] = snippets('README.md').filter(({ language }) => language === 'js').map(({ code }) => code.split('\n').filter((line) => line.trim()).length);
  assert.ok(lines <= 10, `${lines} lines`);
  assert.ok(text.split(/\s+/).length < 600, `${text.split(/\s+/).length} words`);
  assert.deepEqual(commandsOf('README.md').filter(({ fenced, command }) => fenced && / deploy$/.test(command)).length, 1);
  const pictures = [...text.matchAll(/(?:srcset|src)="(docs\/[^"]+)"/g)].map(([, path]) => path);
  assert.equal(pictures.length, 2);
  for (const path of pictures) assert.ok(statSync(join(root, path)).size < 150_000, path);
  const [dark, light] = pictures.map((path) => textOf(path).replace(/<[^>]*>/g, ''));
  assert.equal(dark, light, 'both show the same');
});
