import { formatter } from '@lingui/format-po';
import { defineConfig } from '@lingui/conf';

// One catalogue for each screen, so that it is loaded with its screen; one for what all of them share.
export default defineConfig({
  sourceLocale: 'en',
  locales: ['en', 'de'],
  catalogs: [
    { path: '<rootDir>/src/screens/{name}/locales/{locale}', include: ['<rootDir>/src/screens/{name}/'] },
    { path: '<rootDir>/src/locales/{locale}', include: ['<rootDir>/src/'], exclude: ['<rootDir>/src/screens/**'] },
  ],
  format: formatter({ lineNumbers: false, origins: false }),
});
