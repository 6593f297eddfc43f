// Writes src/generated/ from the OpenAPI document: `node generate.js`. With `--check` nothing is written, and what is not fresh fails.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';

const document = JSON.parse(readFileSync(new URL('../public/openapi.json', import.meta.url), 'utf8'));
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
);
// Every problem has one type, whatever its status: said once, and not twelve times an operation.
for (const { operation } of operations) {
  for (const [status, { content }] of Object.entries(operation.responses)) {
    if (content?.['application/problem+json']) {
      delete content['application/problem+json'];
      if (Object.keys(content).length === 0) delete operation.responses[status];
      operation.responses.default = { description: 'A problem.', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
    }
  }
}

const committed = new URL('src/generated', import.meta.url).pathname;
const check = process.argv.includes('--check');
const path = check ? mkdtempSync(join(tmpdir(), 'sdk-')) : committed;

// The package is small: beside a name a first sentence is enough, and a few words say what the name says. docs/ has the rest.
for (const { operation } of operations) {
  delete operation.description;
  for (const parameter of operation.parameters ?? []) {
    if (parameter.in !== 'query' || ['cursor', 'limit'].includes(parameter.name)) delete parameter.description;
  }
}
shorten(document);

function shorten(value) {
  if (typeof value !== 'object' || value === null) return;
  if (typeof value.description === 'string') {
    const [first] = value.description.replace(/\s+/g, ' ').split(/(?<=[.:;]) /);
    value.description = first.length > 40 ? first.replace(/[:;]$/, '.') : undefined;
  }
  Object.values(value).forEach(shorten);
}

await createClient({
  input: document,
  logs: { level: 'warn', file: false },
  output: { path, clean: true, entryFile: false, module: { extension: '.js' } },
  plugins: [
    { name: '@hey-api/client-fetch', throwOnError: true },
    { name: '@hey-api/typescript' },
    // The hand-written part attaches tokens; one class has a method for each operation.
    { name: '@hey-api/sdk', auth: false, operations: { strategy: 'single', containerName: 'Operations', nesting: 'operationId' } },
  ],
});

// Which operations honour an Idempotency-Key is not in the generated code.
const keyed = operations.filter(({ operation }) => operation.parameters?.some(({ name }) => name === 'Idempotency-Key'));
const list = keyed.map(({ name }) => `  '${name}',\n`).sort();
writeFileSync(
  join(path, 'keyed.gen.ts'),
  `// Made by generate.js.\n\n/** The operations that honour an Idempotency-Key. */\nexport const keyed: ReadonlySet<string> = new Set([\n${list.join('')}]);\n`,
);

// What stands behind the operations is nobody's interface.
for (const folder of ['client', 'core']) {
  for (const file of readdirSync(join(path, folder))) {
    const text = readFileSync(join(path, folder, file), 'utf8');
    writeFileSync(join(path, folder, file), text.replace(/^ *\/\*\*[^]*?\*\/\n/gm, ''));
  }
}

if (check) {
  const files = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length));
  const read = (folder, file) => files(folder).includes(file) ? readFileSync(folder + file, 'utf8') : undefined;
  const stale = [...new Set([...files(path), ...files(committed)])].filter((file) => read(path, file) !== read(committed, file));
  rmSync(path, { recursive: true });
  if (stale.length > 0) {
    console.error(`sdk/src/generated is out of date (${stale.join(', ')}); run \`make sdk\``);
    process.exit(1);
  }
}
