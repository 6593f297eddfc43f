// `vercel build` of a copy of the project, with a stand-in of the Rust toolchain: the builder decides from file names, the
// manifest and vercel.json what becomes a function and which route leads there, and never looks into a binary.

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the copy holds; what stands there beside api/ and public/ must not be published. */
const COPIED = ['.cargo', 'Cargo.lock', 'Cargo.toml', 'README.md', 'api', 'public', 'supabase/config.toml', 'vercel.json'];

const TOOLCHAIN = `#!/bin/sh
case "$(basename "$0") $1" in
  'cargo locate-project') echo "{\\"root\\": \\"$PROJECT/Cargo.toml\\"}" ;;
  'cargo metadata') echo "{\\"target_directory\\": \\"$PROJECT/target\\", \\"packages\\": [], \\"resolve\\": {\\"root\\": null, \\"nodes\\": []}}" ;;
  'cargo build') mkdir -p "$PROJECT/target/release" && echo >"$PROJECT/target/release/$3" ;;
  rust*) echo "$(basename "$0") 1.0.0" ;;
  *) exit 1 ;;
esac
`;

/** The paths of all files below a folder, relative to it. */
export async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name))).sort();
}

/** Builds, and gives config.json, each function's settings by its path, and the static files. */
export async function build(root) {
  const work = await mkdtemp(join(tmpdir(), 'vercel-build-'));
  try {
    const [project, home] = [join(work, 'project'), join(work, 'home')];
    for (const path of COPIED) await cp(join(root, path), join(project, path), { recursive: true });
    // What it fetches from npm is no matter of routes.
    await rm(join(project, 'public/vendor'), { recursive: true, force: true });
    const bin = join(home, '.cargo/bin');
    await script(join(project, 'scripts/pages'), '#!/bin/sh\n');
    for (const tool of ['cargo', 'rustc', 'rustup']) await script(join(bin, tool), TOOLCHAIN);
    await mkdir(join(project, '.vercel'));
    await writeFile(join(project, '.vercel/project.json'), JSON.stringify({ projectId: 'prj_x', orgId: 'team_x', settings: { framework: null } }));

    const [command, ...words] = (process.env.VERCEL ?? join(root, 'scripts/vercel/run')).split(' ');
    await run(command, [...words, 'build'], {
      cwd: project,
      env: {
        ...process.env,
        // The builder puts the toolchain in HOME first; npm keeps what it has.
        HOME: home,
        npm_config_cache: process.env.npm_config_cache ?? join(homedir(), '.npm'),
        npm_config_userconfig: process.env.npm_config_userconfig ?? join(homedir(), '.npmrc'),
        PATH: `${bin}:${process.env.PATH}`,
        PROJECT: project,
        VERCEL_BUILD_IMAGE: '1',
        VERCEL_TELEMETRY_DISABLED: '1',
      },
    }).catch((error) => {
      throw new Error(`vercel build: ${error.stdout}${error.stderr}`);
    });

    const output = join(project, '.vercel/output');
    const functions = {};
    for (const file of await filesBelow(join(output, 'functions'))) {
      if (file.endsWith('.func/.vc-config.json')) functions[dirname(file).replace(/\.func$/, '')] = JSON.parse(await readFile(join(output, 'functions', file)));
    }
    return { config: JSON.parse(await readFile(join(output, 'config.json'))), functions, files: await filesBelow(join(output, 'static')) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function script(path, text) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o755 });
}
