// Says that there is a session, so that the front page leads on to the console (vercel.json). It holds no token.

const NAME = 'sb-dashboard-auth-token';

export function markSignedIn(present: boolean): void {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `${NAME}=${present ? '1; Max-Age=2592000' : '; Max-Age=0'}; Path=/; SameSite=Lax${secure}`;
}
