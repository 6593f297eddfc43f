// `run release VERSION`: what CHANGELOG.md has under "Unreleased" is VERSION's from now on, and the document is the released one.

import { readFileSync, writeFileSync } from 'node:fs';
import { surface } from './surface.js';

const version = process.argv[2];
const changelog = new URL('../../CHANGELOG.md', import.meta.url);
const text = readFileSync(changelog, 'utf8');
const heading = /^## Unreleased.*$/m;
if (!heading.test(text)) throw new Error('CHANGELOG.md has no section "Unreleased"');
const document = JSON.parse(readFileSync(new URL('../../public/openapi.json', import.meta.url), 'utf8'));
writeFileSync(changelog, text.replace(heading, `## Unreleased\n\n## ${version}`));
writeFileSync(new URL('released.txt', import.meta.url), `${surface(document).join('\n')}\n`);
