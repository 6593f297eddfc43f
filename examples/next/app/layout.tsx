import Link from "next/link";
import type { ReactNode } from "react";

export const metadata = { title: "Content Catalyst example", icons: "data:," };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body style={{ font: "16px/1.5 system-ui", margin: "2rem auto", maxWidth: "48rem" }}>
        <nav style={{ display: "flex", gap: "1rem" }}>
          <Link href="/">Videos</Link>
          <Link href="/generate">Generate</Link>
          <Link href="/schedule">Schedule</Link>
          <Link href="/direct">From the browser</Link>
          <Link href="/events">Events</Link>
        </nav>
        <main>{children}</main>
      </body>
    </html>
  );
}
