"use client";

import { Problem, type Channel } from "content-catalyst-sdk";
import { useEffect, useState } from "react";
import { browserCatalyst } from "@/lib/browser";

/** Asks the API straight from the browser: it allows this origin. */
export default function Direct() {
  const [channels, setChannels] = useState<Channel[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    browserCatalyst()
      .listChannels()
      .then(({ data }) => setChannels(data.items))
      .catch((error) => setProblem(error instanceof Problem ? error.message : String(error)));
  }, []);
  return (
    <>
      <h1>Channels, asked from the browser</h1>
      <ul aria-label="Channels">
        {channels?.map(({ id, title }) => (
          <li key={id}>{title}</li>
        ))}
      </ul>
      <p role="alert">{problem}</p>
    </>
  );
}
