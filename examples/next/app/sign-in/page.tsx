"use client";

import { useActionState } from "react";
import { enter } from "./actions";

export default function SignIn() {
  const [problem, action, waiting] = useActionState(enter, undefined);
  return (
    <form action={action}>
      <h1>Sign in</h1>
      <p>
        <label>
          E-mail <input name="email" type="email" autoComplete="email" required />
        </label>
      </p>
      <p>
        <label>
          Password <input name="password" type="password" autoComplete="current-password" required />
        </label>
      </p>
      <button name="how" value="in" disabled={waiting}>Sign in</button> <button name="how" value="up" disabled={waiting}>Sign up</button>
      <p role="alert">{problem}</p>
    </form>
  );
}
