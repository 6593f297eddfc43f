import { i18n } from '@lingui/core';
import { I18nProvider } from '@lingui/react';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { cache } from './api/cache.ts';
import { router } from './router.ts';

export const App = () => (
  <I18nProvider i18n={i18n}>
    <QueryClientProvider client={cache}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </I18nProvider>
);
