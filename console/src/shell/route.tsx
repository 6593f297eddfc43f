import { createRootRouteWithContext, createRoute, Outlet, redirect } from '@tanstack/react-router';
import { currentSession } from '../session/session.ts';
import { Lost } from './Lost.tsx';
import { Shell } from './Shell.tsx';

export const root = createRootRouteWithContext()({ component: Outlet, notFoundComponent: Lost });

/** Everything that only those see who are signed in. */
export const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  beforeLoad: ({ location }) => {
    if (currentSession().is === 'out') throw redirect({ to: '/sign-in', search: { next: location.href }, replace: true });
  },
});
