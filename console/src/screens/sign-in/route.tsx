import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { words } from '../../i18n/i18n.ts';
import { currentSession } from '../../session/session.ts';
import { root } from '../../shell/route.tsx';

const shared = {
  getParentRoute: () => root,
  ...words((language) => import(`./locales/${language}.po`)),
  /** Where the visitor wanted to go: an address of the console, never one elsewhere. */
  validateSearch: ({ next }: Record<string, unknown>): { next?: string } => (typeof next === 'string' && /^\/(?![/\\])/.test(next) ? { next } : {}),
  beforeLoad: ({ search }: { search: { next?: string } }) => {
    if (currentSession().is === 'in') throw redirect({ href: search.next ?? '/dashboard', replace: true });
  },
};

export const signIn = createRoute({ ...shared, path: '/sign-in', component: lazyRouteComponent(() => import('./SignIn.tsx'), 'SignIn') });
export const reset = createRoute({
  getParentRoute: () => root,
  ...words((language) => import(`./locales/${language}.po`)),
  path: '/reset',
  component: lazyRouteComponent(() => import('./Reset.tsx'), 'Reset'),
});
export const signUp = createRoute({ ...shared, path: '/sign-up', component: lazyRouteComponent(() => import('./SignIn.tsx'), 'SignUp') });
